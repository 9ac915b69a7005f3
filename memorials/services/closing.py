"""Closing the account of someone who has died, and reopening it exactly as it was.

While a memorial can be undone, nothing of the account is deleted. It is inactive: no session, password or
token gives access, and no list, email or suggestion includes it (User.objects.public and everything based on
it).
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.services.deletion import end_sessions
from accounts.signals import profile_changed
from posts.models import Post

Before = dict[str, Any]


def close_account(member: User) -> Before:
    """Close the account. Returns what `open_account` needs. The member's row must be locked.

    Posts of later apps may be unpublished along with the profile, so their dates are kept.
    """
    before = {"posts": {str(pk): at.isoformat() for pk, at in _published_of(member)}}
    member.is_active, member.memorial_since = False, timezone.now()
    User.objects.filter(pk=member.pk).update(is_active=False, memorial_since=member.memorial_since)
    profile_changed.send(sender=User, member=member, is_same_text=True)
    return before


def open_account(member: User, before: Before) -> None:
    """Reopen the account. The member's row must be locked."""
    member.is_active, member.memorial_since = True, None
    User.objects.filter(pk=member.pk).update(is_active=True, memorial_since=None)
    profile_changed.send(sender=User, member=member, is_same_text=True)
    there = dict(_published_of(member))
    for pk, stamp in before.get("posts", {}).items():
        at = datetime.fromisoformat(stamp)
        if there.get(int(pk), at) != at:
            Post.objects.filter(pk=pk).update(published_at=at)


def end_access(member: User) -> None:
    """Delete sessions and API tokens, once the memorial can no longer be undone."""
    end_sessions(member)


def _published_of(member: User) -> list[tuple[int, datetime]]:
    """Posts about the member, whose visibility later apps decide."""
    own = Post.objects.filter(author=member, kind=Post.Kind.BIRTHDAY, published_at__isnull=False)
    return [(pk, at) for pk, at in own.values_list("pk", "published_at") if at is not None]
