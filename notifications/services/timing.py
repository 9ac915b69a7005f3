"""When emails are sent: on the hour, in the morning or on Mondays, in the member's time zone."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from accounts.services.presence import choose_presence
from core.models import SiteSettings
from notifications.models import Notification, NotificationChannel, NotificationTiming

# Sent at an hour of the day, which differs between time zones.
AT_AN_HOUR = {NotificationChannel.DAILY, NotificationChannel.WEEKLY}


def next_bundle(way: NotificationChannel, after: datetime, zone: ZoneInfo | None = None) -> datetime:
    """When the next digest of that channel is sent, not before `after`. zone None: the site's."""
    local = timezone.localtime(after, zone or SiteSettings.current().zone)
    if way == NotificationChannel.HOURLY:
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        # In UTC: when clocks go back, two o'clock comes twice.
        return after.astimezone(UTC) - past + timedelta(hours=1 if past else 0)
    hour = local.replace(hour=settings.ALERT_BUNDLE_HOUR, minute=0, second=0, microsecond=0)
    if way == NotificationChannel.WEEKLY:
        hour += timedelta(days=-local.weekday() % 7)
    step = timedelta(days=7 if way == NotificationChannel.WEEKLY else 1)
    return hour if hour >= local else hour + step


def in_their_time(rows: list[Notification]) -> list[Notification]:
    """Schedule digests in new rows by each member's time zone. One query if there are any, else none."""
    timed = [row for row in rows if row.way in AT_AN_HOUR and row.member_id]
    if not timed:
        return rows
    members = User.objects.filter(pk__in={row.member_id for row in timed}).exclude(time_zone="")
    zones = {member.pk: member.zone for member in members.only("time_zone")}
    for row in timed:
        if zone := zones.get(cast(int, row.member_id)):
            row.mail_at = next_bundle(NotificationChannel(row.way), row.due_at, zone)
    return rows


def quiet_until(members: Collection[int]) -> dict[int, datetime]:
    """When quiet hours end, for those of these members who have them now. One query."""
    now = timezone.now()
    there = NotificationTiming.objects.filter(member__in=members).exclude(quiet_from=None)
    there = there.select_related("member").only("quiet_from", "quiet_until", "member__time_zone")
    ends = {one.member_id: _end_of_quiet(one, now) for one in there}
    return {member: end for member, end in ends.items() if end is not None}


def _end_of_quiet(timing: NotificationTiming, now: datetime) -> datetime | None:
    """When quiet hours end; None outside of them. They may include midnight."""
    begin, end = timing.quiet_from, timing.quiet_until
    if begin is None or end is None:
        return None
    local = timezone.localtime(now, timing.member.zone)
    is_quiet = begin <= local.hour < end if begin < end else local.hour >= begin or local.hour < end
    if not is_quiet:
        return None
    over = local.replace(hour=end, minute=0, second=0, microsecond=0)
    return over if over > local else over + timedelta(days=1)


def active_until(members: Collection[int]) -> dict[int, datetime]:
    """When members who want no emails while they are active count as away, at the earliest. One query."""
    pause, now = timedelta(minutes=settings.AWAY_AFTER_MINUTES), timezone.now()
    # Not times in the future, from a wrong clock, which would hold emails until then.
    noted = User.objects.filter(last_active_at__gt=now - pause, last_active_at__lte=now)
    here = noted.filter(pk__in=members, mails_when_away=True)
    return {pk: at + pause for pk, at in here.values_list("pk", "last_active_at")}


def timing_of(member: User) -> NotificationTiming:
    """A member's quiet hours, or an unsaved row without any."""
    return NotificationTiming.objects.filter(member=member).first() or NotificationTiming(member=member)


def choose_timing(
    member: User,
    *,
    time_zone: str,
    language: str | None = None,
    quiet_from: int | None = None,
    quiet_until: int | None = None,
    mails_when_away: bool = False,
    summary_after_weeks: int | None = None,
    follows_by_commenting: bool = False,
) -> None:
    """Set a member's time zone, quiet hours, presence settings, and whether commenting follows a post.

    Without quiet hours there is no row. language: None keeps it.
    """
    member.time_zone, member.follows_by_commenting = time_zone, follows_by_commenting
    member.language = member.language if language is None else language
    User.objects.filter(pk=member.pk).update(
        time_zone=time_zone, follows_by_commenting=follows_by_commenting, language=member.language
    )
    choose_presence(member, mails_when_away=mails_when_away, summary_after_weeks=summary_after_weeks)
    if quiet_from is None:
        NotificationTiming.objects.filter(member=member).delete()
    else:
        hours = {"quiet_from": quiet_from, "quiet_until": quiet_until}
        NotificationTiming.objects.update_or_create(member=member, defaults=hours)
