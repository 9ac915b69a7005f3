from typing import Any

from allauth.account.models import EmailAddress
from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import User
from accounts.services.deletion import addresses_of
from accounts.signals import member_leaves
from comments.models import Comment
from comments.signals import comment_published, guest_erased
from core.parts import is_on
from decisions.services.asking import drop_removed_texts
from decisions.services.forgetting import forget_guest, remember_vote
from decisions.services.settling import notify_participants
from decisions.services.voting import merge_guest_votes


@receiver(comment_published)
def publish_approved_text(comment: Comment, **_kwargs: Any) -> None:
    if not comment.is_new:
        drop_removed_texts(comment)


@receiver(comment_published)
def notify_of_outcome(comment: Comment, **_kwargs: Any) -> None:
    if is_on("decisions"):
        notify_participants(comment)


@receiver(post_save, sender=EmailAddress)
def merge_voters(instance: EmailAddress, raw: bool = False, **_kwargs: Any) -> None:
    """Merge guest and member into one voter when an address is confirmed in any way."""
    if instance.verified and not raw:
        merge_guest_votes(instance.user, instance.email)


@receiver(member_leaves)
def forget_invitations_of(member: User, **_kwargs: Any) -> None:
    addresses = addresses_of(member)
    remember_vote(member, addresses)
    forget_guest(addresses)


@receiver(guest_erased)
def forget_invitations(email: str, comments: list[int], **_kwargs: Any) -> None:
    if not comments:
        forget_guest([email])
