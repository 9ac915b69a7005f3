"""When members were last on the site, recorded only for those who chose a feature that needs it.

There are two: emails only while they are away, and a summary of what they missed after some weeks.
"""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.utils.writer_slots import unless_locked

# At most this often, so that reading does not cost as much as writing.
NOTED_EVERY = timedelta(minutes=1)


def note_activity(member: User) -> None:
    """Record that the member is here now. Skipped while the database is locked: the next page records it."""
    now = timezone.now()
    if member.last_active_at is not None and member.last_active_at > now - NOTED_EVERY:
        return
    before = Q(last_active_at=None) | Q(last_active_at__lt=now)
    chosen = {"mails_when_away": member.mails_when_away, "summary_after_weeks": member.summary_after_weeks}
    with unless_locked():
        User.objects.filter(before, pk=member.pk, **chosen).update(
            last_active_at=now, summary_due_at=_summary_due(member.summary_after_weeks)
        )


def choose_presence(member: User, *, mails_when_away: bool, summary_after_weeks: int | None) -> None:
    """Set both choices. With neither, the recorded visit is deleted."""
    member.mails_when_away, member.summary_after_weeks = mails_when_away, summary_after_weeks
    member.last_active_at = timezone.now() if member.is_noted else None
    member.summary_due_at = _summary_due(summary_after_weeks)
    member.save(update_fields=["mails_when_away", "summary_after_weeks", "last_active_at", "summary_due_at"])


def _summary_due(weeks: int | None) -> datetime | None:
    return None if weeks is None else timezone.now() + timedelta(weeks=weeks)
