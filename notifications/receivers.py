"""Receivers of signals of posts and comments.

They only write rows, in the sender's transaction, and may run twice.
"""

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.services.deletion import addresses_of
from accounts.signals import access_ended, member_leaves, sessions_end
from comments.models import Comment
from comments.signals import (
    comment_called,
    comment_chosen,
    comment_corrected,
    comment_held,
    comment_prepared,
    comment_published,
    comment_thanked,
    guest_erased,
    post_thanked,
)
from core.sessions import SessionStore
from notifications.models import (
    Device,
    EmailSuppression,
    GuestConsent,
    Notification,
    OutgoingEmail,
    Reason,
    Subscriber,
)
from notifications.push.services import forget_device
from notifications.services.notify import (
    announce_change,
    announce_comment,
    announce_highlight,
    announce_post,
    announce_review,
    announce_thanks,
    announce_thanks_for_post,
    prepare_announcement,
)
from notifications.services.preferences import follow_by_commenting
from posts.models import Post
from posts.signals import post_published, post_rescheduled


@receiver(comment_prepared)
def choose_recipients(comment: Comment, **_kwargs: Any) -> None:
    prepare_announcement(comment)


@receiver(comment_published)
def record_recipients(comment: Comment, **_kwargs: Any) -> None:
    announce_comment(comment)
    follow_by_commenting(comment)


@receiver(comment_held)
def record_reviewers(comment: Comment, **_kwargs: Any) -> None:
    announce_review(comment)


@receiver(comment_called)
def record_mentioned(comment: Comment, members: list[User], **_kwargs: Any) -> None:
    announce_change(comment, {(member.pk, "") for member in members})


@receiver(comment_thanked)
def record_thanked(comment: Comment, by: User, **_kwargs: Any) -> None:
    announce_thanks(comment, by)


@receiver(post_thanked)
def record_post_thanks(post: Post, by: User, **_kwargs: Any) -> None:
    announce_thanks_for_post(post, by)


@receiver(comment_chosen)
def record_chosen_comment(comment: Comment, by: User, **_kwargs: Any) -> None:
    announce_highlight(comment, by, Reason.CHOICE)


@receiver(comment_corrected)
def record_corrected_comment(comment: Comment, by: User, **_kwargs: Any) -> None:
    announce_highlight(comment, by, Reason.CORRECTION)


@receiver(post_published)
@receiver(post_rescheduled)
def record_follower_notifications(post: Post, **_kwargs: Any) -> None:
    if post.is_announced:
        announce_post(post)


@receiver(access_ended)
def forget_devices(member: User, **_kwargs: Any) -> None:
    """Remove their devices, so that other users of these browsers see nothing."""
    Device.objects.filter(member=member).delete()


@receiver(user_logged_out)
def forget_this_device(request: HttpRequest, user: User | None, **_kwargs: Any) -> None:
    if user is not None:
        forget_device(user, request.session)


@receiver(sessions_end)
def forget_those_devices(sessions: list[UserSession], **_kwargs: Any) -> None:
    for one in sessions:
        forget_device(one.user_id, SessionStore(one.session_key))


@receiver(member_leaves)
def forget_addresses(member: User, **_kwargs: Any) -> None:
    """Delete what is stored by their addresses, also as a guest. What is stored by key follows later."""
    addresses = addresses_of(member)
    for rows, field in (
        (EmailSuppression, "email"),
        (GuestConsent, "email"),
        (Subscriber, "email"),
        (Notification, "guest_email"),
        (OutgoingEmail, "guest_email"),
    ):
        rows._default_manager.filter(**{f"{field}__in": addresses}).delete()


@receiver(guest_erased)
def forget_guest_of(email: str, comments: list[int], **_kwargs: Any) -> None:
    """Delete notifications for a guest who erased their data, and their consent.

    Suppressed addresses stay.
    """
    if not comments:
        GuestConsent.objects.filter(email=email).delete()
        Notification.objects.filter(guest_email=email).delete()
        OutgoingEmail.objects.filter(guest_email=email).delete()
