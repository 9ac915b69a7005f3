"""What comments do when something happens to those who wrote them."""

from typing import Any

from django.db.models import F, Q
from django.dispatch import receiver

from accounts.models import User
from accounts.signals import profile_changed
from comments.models import Comment
from posts.models import Post


@receiver(profile_changed)
def renew_pages(sender: Any, member: User, **_kwargs: Any) -> None:
    """Pages that are kept show the name, the picture and the links that a member had when they were made."""
    commented = Comment.objects.by(member).order_by().values("post")
    Post.objects.filter(Q(pk__in=commented) | Q(author=member)).update(thread_version=F("thread_version") + 1)
