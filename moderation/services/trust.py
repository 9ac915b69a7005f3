"""Trust levels, computed from a member's history rather than stored.

0: new. 1: joined more than NEW_MEMBER_HOURS ago, with a comment that has been public for as long, or with a
public one and known because of what others did (moderation/services/newcomers.py). 2: several such comments
over days. 3: many over months, and staff. Recently published comments do not count: no one has had time to
object. Confirmed spam resets the level to 0, and only comments written after it count. Undoing the decision
restores the level.

Moderators may override a level (TrustOverride). It applies until they change it, or until a comment of the
member is marked as spam.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from core.prepared import A_NUMBER, Prepared, fetch_one, read_moment
from core.utils.pagination import EPOCH
from moderation.models import Decision, TrustOverride

STAFF_LEVEL = 3

# Each part reads the index comments_for_trust in order and no further than needed, whether a member has
# 20,000 comments or twenty. For a column that the index lacks, PostgreSQL would read each row. COALESCE hides the
# column from the planner: SQLite without statistics would scan everyone's comments of a status by time.
OWN = """
    WITH own AS NOT MATERIALIZED (
        SELECT status, published_at, COALESCE(created_at, created_at) AS created_at FROM comments_comment WHERE author_id = %(member)s
    ),
    spam AS (
        SELECT COUNT(*) AS count, COALESCE(MAX(created_at), %(never)s) AS fell FROM own WHERE status = 'spam'
    )
"""
COUNT = f"{OWN} SELECT COUNT(*) FROM own WHERE status = 'public' AND created_at > (SELECT fell FROM spam)"  # noqa: S608
FACTS = f"""
    {OWN}
    SELECT (SELECT published_at FROM own
             WHERE status = 'public' AND published_at >= (SELECT fell FROM spam) AND created_at > (SELECT fell FROM spam) ORDER BY published_at LIMIT 1),
           (SELECT COUNT(*) FROM (
             SELECT 1 FROM own WHERE status = 'public' AND published_at >= (SELECT fell FROM spam) AND created_at > (SELECT fell FROM spam)
             AND published_at <= %(is_old)s
             LIMIT %(enough)s) AS stood),
           EXISTS (SELECT 1 FROM own
             WHERE status = 'removed' AND created_at > (SELECT fell FROM spam) AND created_at > %(lately)s),
           (SELECT count FROM spam),
           EXISTS (SELECT 1 FROM own),
           (SELECT MAX(id) FROM moderation_levelbyhand WHERE member_id = %(member)s)
"""  # noqa: S608
FACTS_WITHOUT_ONE = FACTS.replace("author_id = %(member)s", "author_id = %(member)s AND id <> %(without)s", 1)


class Trust(NamedTuple):
    """A member's trust level and the facts behind it. spam: how many comments; is_first: they have none yet."""

    level: int
    spam: int
    is_first: bool
    # When the first comment that is still public was published, not counting those before the last confirmed
    # spam.
    since: datetime | None
    by_hand: TrustOverride | None = None


def trust_of(member: User, without: Comment | None = None) -> Trust:
    """Level and facts. One query; three for a member whose level is overridden.

    without: a comment to leave out. While a comment is not stored yet, its author's trust is read once,
    however many checks use it.
    """
    if without is None or without.pk:
        return _read_trust(member, without)
    known: Trust | None = without.__dict__.get("trust_of_author")
    if known is None:
        known = without.__dict__["trust_of_author"] = _read_trust(member, without)
    return known


def count_public(member: User) -> int:
    """The member's public comments since the last confirmed spam."""
    row = fetch_one(COUNT, {"member": member.pk, "never": EPOCH})
    return int(row[0]) if row else 0


def _read_trust(member: User, without: Comment | None) -> Trust:
    now = timezone.now()
    is_old = now - timedelta(hours=settings.NEW_MEMBER_HOURS)
    values = {
        "member": member.pk,
        "never": EPOCH,
        "is_old": is_old,
        "lately": now - timedelta(days=settings.TRUST_REMOVED_DAYS),
        "enough": max(comments for comments, _days in settings.TRUST_LEVELS),
    }
    if without is not None and without.pk:
        row = fetch_one(FACTS_WITHOUT_ONE, values | {"without": without.pk})
    else:
        row = fetch_one(FACTS, values)
    if row is None:
        raise LookupError("A statement without a condition gives one row.")
    published, removed, spam, all_of_them, override = row[1:]
    since = read_moment(row[0])
    level = 0
    if member.date_joined <= is_old and (published or (since and member.is_known)):
        level = 1
        for number, (comments, days) in enumerate(settings.TRUST_LEVELS, start=2):
            if published >= comments and since and since <= now - timedelta(days=days) and not removed:
                level = number
    by_hand = _set_by_hand(override, member, has_spam=bool(spam)) if override else None
    if by_hand is not None:
        level = by_hand.level or 0
    if member.is_host or member.is_moderator:
        level = STAFF_LEVEL
    return Trust(level, spam, not all_of_them, since, by_hand)


def _set_by_hand(override: int, member: User, *, has_spam: bool) -> TrustOverride | None:
    row = _override.first(key=override)
    if row is None or row.level is None:
        return None
    if not has_spam:
        return row
    spam_since = Decision.objects.filter(
        comment__author=member,
        comment__status=Comment.Status.SPAM,
        action="spam",
        created_at__gt=row.created_at,
    )
    return None if spam_since.filter(undone_by=None).exists() else row


_override: Prepared[TrustOverride] = Prepared(lambda key: TrustOverride.objects.filter(pk=key), key=A_NUMBER)
