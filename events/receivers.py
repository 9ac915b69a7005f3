from typing import Any

from allauth.account.models import EmailAddress
from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import User
from accounts.services.deletion import addresses_of
from accounts.signals import member_leaves
from comments.services.writing import touch
from comments.signals import guest_erased
from core.signals import settings_changed
from events.models import sync_publication
from events.services.answers import adopt_guest_answers
from events.services.guests import forget_address
from posts.models import Post
from posts.signals import post_published


@receiver(settings_changed)
def update_publication(after: dict[str, Any], **_kwargs: Any) -> None:
    if "parts" in after:
        sync_publication(is_on="events" in after["parts"])


@receiver(post_published)
def show_report(post: Post, **_kwargs: Any) -> None:
    """Show a published report on the page of its event."""
    for event in Post.objects.filter(event__occurrences__report=post):
        touch(event)


@receiver(post_save, sender=EmailAddress)
def merge_answers_of_new_member(instance: EmailAddress, raw: bool = False, **_kwargs: Any) -> None:
    if instance.verified and not raw:
        adopt_guest_answers(instance.user, instance.email)


@receiver(member_leaves)
def forget_requests(member: User, **_kwargs: Any) -> None:
    forget_address(*addresses_of(member))


@receiver(guest_erased)
def forget_guest(email: str, **_kwargs: Any) -> None:
    forget_address(email)
