"""Deletes tokens when access to an account ends, and sends events to webhooks.

Signing out devices keeps the tokens: they belong to programs, and their owner deletes them on their page.
"""

from typing import Any

from allauth.account.models import EmailAddress
from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import User
from accounts.signals import access_ended
from api.models import Delivery, Event
from api.services.tokens import end_tokens
from api.services.webhooks import tell
from comments.models import Comment
from comments.signals import comment_held, comment_published
from moderation.models import Report
from moderation.signals import comment_reported
from posts.models import Post
from posts.signals import post_published, post_rescheduled


@receiver(access_ended)
def end_with_access(member: User, **_kwargs: Any) -> None:
    end_tokens(member)


@receiver(comment_published)
def notify_of_comment(comment: Comment, **_kwargs: Any) -> None:
    tell(Event.COMMENT_PUBLISHED, comment.pk)


@receiver(comment_held)
def notify_of_held(comment: Comment, **_kwargs: Any) -> None:
    tell(Event.COMMENT_HELD, comment.pk)


@receiver(comment_reported)
def notify_of_report(report: Report, **_kwargs: Any) -> None:
    tell(Event.COMMENT_REPORTED, report.pk)


@receiver(post_published)
def notify_of_post(post: Post, **_kwargs: Any) -> None:
    tell(Event.POST_PUBLISHED, post.pk, at=post.published_at)


@receiver(post_rescheduled)
def reschedule_delivery(post: Post, **_kwargs: Any) -> None:
    waiting = Delivery.objects.filter(
        event=Event.POST_PUBLISHED, subject=post.pk, state=Delivery.State.WAITING
    )
    waiting.update(due_at=post.published_at)


@receiver(post_save, sender=EmailAddress)
def notify_of_member(instance: EmailAddress, raw: bool = False, **_kwargs: Any) -> None:
    """Members have joined when their first address is confirmed."""
    member = instance.user
    if not raw and instance.verified and member.last_login is None:
        tell(Event.MEMBER_JOINED, member.pk)
