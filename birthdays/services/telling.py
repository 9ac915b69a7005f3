"""Notifies followers of birthdays, if both sides want that."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from birthdays.models import celebrated_on
from birthdays.services.wishes import birthday_of
from core.parts import is_on
from core.tasks.periodic import periodic
from notifications.services.notify import announce_post

# In the member's time zone.
FROM_HOUR = 7


@periodic(every=timedelta(minutes=10))
def announce_birthdays() -> int:
    """Announce birthdays that have begun, each once. Returns the number of birthdays today."""
    if not is_on("birthdays"):
        return 0
    now = timezone.now()
    around = [now.date() + timedelta(days=days) for days in (-1, 0, 1)]
    people = User.objects.listed().exclude(birthday_seen_by=User.SeenBy.NOBODY).filter(birthday_told=True)
    count = 0
    for member in people.filter(celebrated_on(around), birthday_day__isnull=False):
        local = timezone.localtime(now, member.zone)
        if member.birthday_in(local.year) == local.date() and local.hour >= FROM_HOUR:
            announce_post(birthday_of(member, local.year).post)
            count += 1
    return count
