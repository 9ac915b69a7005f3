"""When members were on the site last: noted only of those who want emails only while they are away."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.utils.writer_slots import unless_locked

# Not more often, so that reading does not cost what writing costs.
NOTED_EVERY = timedelta(minutes=1)


def note_activity(member: User) -> None:
    """Note that they are here now. Skipped while the database is locked: the next page notes it."""
    now = timezone.now()
    if member.last_active_at is not None and member.last_active_at > now - NOTED_EVERY:
        return
    before = Q(last_active_at=None) | Q(last_active_at__lt=now)
    with unless_locked():
        User.objects.filter(before, pk=member.pk, mails_when_away=True).update(last_active_at=now)
