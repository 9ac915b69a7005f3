"""What comments do when something happens to those who wrote them."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db.models import F, Q
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.signals import profile_changed
from comments.models import Comment
from comments.unsent_views import deliver_words
from posts.models import Post


@receiver(profile_changed)
def renew_pages(sender: Any, member: User, **_kwargs: Any) -> None:
    """Pages that are kept show the name, the picture and the links that a member had when they were made."""
    commented = Comment.objects.by(member).order_by().values("post")
    Post.objects.filter(Q(pk__in=commented) | Q(author=member)).update(thread_version=F("thread_version") + 1)


@receiver(user_logged_in)
def send_waiting_words(sender: Any, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Who came to sign in because words of theirs wait has them sent, whichever way they came in."""
    deliver_words(request, user)
