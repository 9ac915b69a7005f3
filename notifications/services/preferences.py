"""Members' choices: a channel for each type, and subscriptions to posts, members and tags."""

from collections.abc import Iterable

from accounts.models import User
from comments.models import Comment
from notifications.models import (
    NotificationChannel,
    NotificationPreference,
    NotificationType,
    TagFollow,
    ThreadSubscription,
)
from notifications.models.types import TYPES
from notifications.services.verdicts import MAILED
from posts.models import Post, Tag


def set_thread_level(member: User, post: Post, level: str) -> None:
    """Set a member's subscription to a post.

    "Normal" needs no row, unless the next comment would follow the post again.
    """
    level = ThreadSubscription.Level(level)
    if level == ThreadSubscription.Level.NORMAL and not member.follows_by_commenting:
        ThreadSubscription.objects.filter(member=member, post=post).delete()
    else:
        ThreadSubscription.objects.update_or_create(member=member, post=post, defaults={"level": level})


def follow_by_commenting(comment: Comment) -> None:
    """Follow the post of a comment, if its author chose so and made no other choice for this post."""
    member = comment.author
    if member is not None and member.follows_by_commenting:
        level = ThreadSubscription.Level.FOLLOWING
        ThreadSubscription.objects.get_or_create(
            member=member, post_id=comment.post_id, defaults={"level": level}
        )


def follow_tag(member: User, tag: Tag, *, follows: bool) -> None:
    """Notify a member of new posts with that tag, or stop it."""
    if follows:
        TagFollow.objects.get_or_create(member=member, tag=tag)
    else:
        TagFollow.objects.filter(member=member, tag=tag).delete()


def preferences_of(member: User) -> dict[str, NotificationChannel]:
    """The channel of each type of notification, by its key: the member's choice, or the default."""
    chosen = dict(NotificationPreference.objects.filter(member=member).values_list("type", "channel"))
    return {key: one.channel(chosen.get(key)) for key, one in TYPES.items()}


def choose(member: User, **channels: str) -> None:
    """Set channels by type: choose(member, talks="weekly").

    Raises KeyError and ValueError for unknown ones.
    """
    rows = [
        NotificationPreference(member=member, type=TYPES[key].key, channel=NotificationChannel(channel))
        for key, channel in channels.items()
    ]
    NotificationPreference.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["member", "type"], update_fields=["channel"]
    )


def reduce_emails(
    member: User, types: Iterable[NotificationType], *, to: NotificationChannel
) -> dict[str, NotificationChannel]:
    """Email these types less often: not at all (HERE), or once a day. Less frequent channels stay.

    Returns the previous channels that were changed, by key.
    """
    now, order = preferences_of(member), list(NotificationChannel)
    before = {one.key: now[one.key] for one in types}
    changed = {
        key: channel
        for key, channel in before.items()
        if channel in MAILED and order.index(channel) < order.index(to)
    }
    choose(member, **dict.fromkeys(changed, to))
    return changed


def thread_level(member: User, post: Post) -> ThreadSubscription.Level:
    """The member's subscription to a post."""
    level = (
        ThreadSubscription.objects.filter(member=member, post=post).values_list("level", flat=True).first()
    )
    return ThreadSubscription.Level(level or ThreadSubscription.Level.NORMAL)
