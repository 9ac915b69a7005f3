"""When a new member becomes known, so that everyone sees their links as links (docs/decisions/0064).

Either a comment of theirs has been public for NEW_MEMBER_HOURS, or a trusted member replied to them, thanked
them or approved a comment of theirs. Confirmed spam revokes it (moderation/services/profiles.py).
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from accounts.services.permissions import set_known_since
from comments.models import Comment
from moderation.models import ProfileReview
from moderation.services.trust import trust_of

# The trust level from which a reply or thanks makes others known.
VOUCHING_LEVEL = 2
MAX_AT_ONCE = 500


def vouch(member: User | None, by: User | None) -> None:
    """Make a member known if someone trusted replied to them or thanked them."""
    if member is None or by is None or member == by or member.is_known or _is_hidden_for_spam(member):
        return
    if by.is_host or by.is_moderator or trust_of(by).level >= VOUCHING_LEVEL:
        set_known_since(member, timezone.now())


def approve(member: User | None) -> None:
    """Make a member known because a moderator approved their comment."""
    if member is not None and not member.is_known and not _is_hidden_for_spam(member):
        set_known_since(member, timezone.now())


def make_members_known() -> int:
    """Make members known whose comment has been public for long enough. Returns how many."""
    before = timezone.now() - timedelta(hours=settings.NEW_MEMBER_HOURS)
    published = Comment.objects.public().filter(author=OuterRef("pk"), published_at__lte=before)
    spam = ProfileReview.objects.hiding().filter(member=OuterRef("pk"), cause=ProfileReview.Cause.SPAM)
    found = User.objects.filter(Exists(published), ~Exists(spam), known_since=None, is_active=True)[
        :MAX_AT_ONCE
    ]
    for member in found:
        set_known_since(member, timezone.now())
    return len(found)


def _is_hidden_for_spam(member: User) -> bool:
    return ProfileReview.objects.hiding().filter(member=member, cause=ProfileReview.Cause.SPAM).exists()
