"""Proposing, approving, changing and cancelling events."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.services.permissions import check_may_write, check_text
from comments.services.discussion import choose_rules
from core.markup.comments import render_markdown
from core.parts import is_on
from core.utils.locks import lock_row
from core.utils.ratelimit import check_rates
from events.models import Answer, Event, Occurrence
from events.services.answers import fill, lock_event, set_places
from events.services.schedule import Schedule, times_of
from events.services.telling import tell
from notifications.models import Reason
from notifications.services.notify import announce_about_post, announce_post
from posts.models import Post
from posts.services.trash import purge_post, trash_post

# (number of proposals, seconds)
PROPOSAL_RATES = [(5, 86_400)]
# An identical event by the same person within this time is the same one: the button was clicked twice.
TWICE = timedelta(minutes=5)
State = Event.State
# The notification to the person who proposed it.
ANSWERS = {
    State.APPROVED: Reason.APPROVED,
    State.DECLINED: Reason.DECLINED,
    State.CANCELLED: Reason.OWN_CANCELLED,
}
Time = tuple[datetime, datetime]


@dataclass(frozen=True)
class Plan:
    """The content of the event form."""

    title: str
    text: str
    place: str
    link: str
    schedule: Schedule
    places: int | None

    def apply_to(self, event: Event) -> None:
        """Copy the plan to an event, without saving it."""
        event.text, event.place, event.link, event.places = self.text, self.place, self.link, self.places
        event.starts_at, event.ends_at = self.schedule.starts_at, self.schedule.ends_at
        event.zone, event.rule = self.schedule.zone, self.schedule.rule
        event.skipped = [day.isoformat() for day in self.schedule.skipped]
        event.changed_at = timezone.now()


def schedule_of(event: Event) -> Schedule:
    skipped = tuple(date.fromisoformat(day) for day in event.skipped)
    return Schedule(event.starts_at, event.ends_at, event.zone, event.rule, skipped)


def may_host(user: Any) -> bool:
    """Whether they may approve and change every event."""
    return bool(user.is_authenticated and user.is_staff and user.has_perm("events.change_event"))


def may_change(event: Event, user: Any) -> bool:
    """Whether they may change it: hosts always, its author only while it is a proposal."""
    return may_host(user) or (event.state == State.PROPOSED and event.post.author_id == user.pk)


def propose_event(plan: Plan, *, by: User) -> Event:
    """Create an event. A host's is approved at once, and followers are notified.

    Raises ValidationError (codes "may_not_write", "advertising", "too_often" and those of times_of) and
    TooFast.
    """
    check_may_write(by)
    check_text(by, f"{plan.title}\n{plan.place} {plan.link}\n{plan.text}")
    times_of(plan.schedule)
    is_host = may_host(by)
    with transaction.atomic():
        by = lock_row(User.objects, by.pk)
        if there := _recent_duplicate(plan, by):
            return there
        if not is_host:
            check_rates(Post.objects.filter(author=by, kind=Post.Kind.EVENT), PROPOSAL_RATES)
        post = Post(kind=Post.Kind.EVENT, title=plan.title, author=by)
        post.body = render_markdown(plan.text).html
        # With a date, so that a proposal cannot take the slug of a page.
        post.slug = post.free_slug(f"{plan.schedule.begin:%Y-%m-%d}-")
        post.save()
        choose_rules(post, close_after_days=0)  # open, whatever the default for posts
        event = Event(post=post)
        plan.apply_to(event)
        event.save(force_insert=True)
        _update_dates(event, event.clocks)
        if is_host:
            decide_event(event, State.APPROVED, by=by)
    return event


def _recent_duplicate(plan: Plan, by: User) -> Event | None:
    """The event that this plan has created already. Its author must be locked."""
    rows = Event.objects.with_post().filter(
        post__author=by,
        post__title=plan.title,
        post__trashed_at=None,
        post__created_at__gt=timezone.now() - TWICE,
        state__in=[State.PROPOSED, State.APPROVED],
    )
    wanted = Event()
    plan.apply_to(wanted)
    return next((event for event in rows if _content_of(event) == _content_of(wanted)), None)


def _content_of(event: Event) -> tuple[Any, ...]:
    return event.text, event.place, event.link, event.places, schedule_of(event)


def change_event(event: Event, plan: Plan, *, by: User, may_drop: bool = False, seen: str = "") -> Event:
    """Save changes. Dates keep their responses (_match_dates), and attendees are notified of new times.

    So is the person who proposed it, unless the change is theirs.

    may_drop: whether dates with responses may be removed. seen: the version of the event that was edited; "" to
    skip the check. Raises ValidationError like propose_event, and with the codes "may_not_change", "stale" if
    someone else has saved since, "too_few" if more places are taken than there would be, and "answers_go".
    """
    check_may_write(by)
    check_text(by, f"{plan.title}\n{plan.place} {plan.link}\n{plan.text}")
    with transaction.atomic():
        event = lock_event(event.pk)
        if not may_change(event, by):  # it has been approved since
            raise ValidationError(
                _("Only hosts can change an event that was approved."), code="may_not_change"
            )
        if seen and seen != event.version:
            raise ValidationError(
                _(
                    "Someone else saved this page while you were writing. Your text is below. Open the page in another tab to read their version; if you save again, yours replaces it."
                ),
                code="stale",
            )
        clocks = event.clocks
        plan.apply_to(event)
        event.save()
        post = event.post
        post.title, post.body, post.updated_at = plan.title, render_markdown(plan.text).html, timezone.now()
        post.save(update_fields=["title", "body", "updated_at"])
        is_other_time = _update_dates(event, clocks, may_drop=may_drop)
        if is_other_time and event.state in {State.PROPOSED, State.APPROVED}:
            _notify_proposer(event, Reason.OWN_MOVED, by)
    return event


def _notify_proposer(event: Event, reason: Reason, by: User | None) -> None:
    """Notify the person who proposed it of what someone else did.

    If they have responded to the event too, this replaces the notification for that.
    """
    if by != event.post.author:
        announce_about_post(event.post, [event.post.author_id], reason)


def _update_dates(event: Event, clocks: ZoneInfo, *, may_drop: bool = False) -> bool:
    """Make the dates match the schedule. clocks: the previous time zone of the event. Needs the lock.

    Returns whether a future date was moved or removed.
    """
    rows, times = _dates_to_plan(list(event.occurrences.order_by("starts_at")), event, clocks)
    matched = _match_dates(rows, times, clocks, event.clocks)
    kept_rows, kept_times = {row.pk for row, _time in matched}, {time for _row, time in matched}
    gone = [row for row in rows if row.pk not in kept_rows]
    if not may_drop:
        _check_nothing_is_lost(gone)
    moved = [(row, time) for row, time in matched if (row.starts_at, row.ends_at) != time]
    dropped = [row for row in gone if not row.is_over]
    others = [row for row, _time in moved if not row.is_over]
    notified = [(Reason.MOVED, _attendees(others)), (Reason.DROPPED, _attendees(dropped))]
    Occurrence.objects.filter(pk__in=[row.pk for row in gone]).delete()
    _move(moved)
    if event.state == State.APPROVED:
        for reason, answers in notified:
            tell(event.post, answers, reason, gone=_with_event(dropped, event))
    for row, _time in matched:
        if row.places != event.places and not row.is_over:
            row.event = event
            set_places(row, event.places)
    Occurrence.objects.bulk_create(
        [
            Occurrence(event=event, starts_at=begin, ends_at=end, places=event.places)
            for begin, end in times
            if (begin, end) not in kept_times
        ]
    )
    return bool(dropped or others)


def _with_event(rows: list[Occurrence], event: Event) -> list[Occurrence]:
    for row in rows:
        row.event = event
    return rows


def _dates_to_plan(
    rows: list[Occurrence], event: Event, before: ZoneInfo
) -> tuple[list[Occurrence], list[Time]]:
    """The dates that the schedule controls, and its times.

    Responses to a past date do not count for another one. So if the schedule no longer contains a past day,
    all past dates stay as they were, and only future ones are planned.
    """
    times, now = times_of(schedule_of(event)), timezone.now()
    days = {begin.astimezone(event.clocks).date() for begin, _end in times}
    over = [row for row in rows if row.is_over]
    left = [row.pk for row in over if row.starts_at.astimezone(before).date() not in days]
    told_of = Q(answers__isnull=False) | Q(report__isnull=False)
    if not Occurrence.objects.filter(told_of, pk__in=left).exists():
        return rows, times
    taken = {row.starts_at for row in over}
    return [row for row in rows if not row.is_over], [
        (begin, end) for begin, end in times if end > now and begin not in taken
    ]


def _match_dates(
    rows: list[Occurrence], times: list[Time], before: ZoneInfo, after: ZoneInfo
) -> list[tuple[Occurrence, Time]]:
    """Match dates with times: those on the same day, whatever the hour; if no day matches, by order."""
    there = {row.starts_at.astimezone(before).date(): row for row in rows}
    days = [(time, time[0].astimezone(after).date()) for time in times]
    return [(there[day], time) for time, day in days if day in there] or [*zip(rows, times, strict=False)]


def _check_nothing_is_lost(gone: list[Occurrence]) -> None:
    count = Answer.objects.filter(occurrence__in=gone).count()
    if count:
        raise ValidationError(
            ngettext(
                "This removes a time that has %(count)d response. Tick the box to delete it.",
                "This removes times that have %(count)d responses. Tick the box to delete them.",
                count,
            )
            % {"count": count},
            code="answers_go",
        )


def _move(moved: list[tuple[Occurrence, Time]]) -> None:
    """Store new times without two dates ever starting at once: when moving later, the last goes first."""
    earlier = [(row, time) for row, time in moved if time[0] <= row.starts_at]
    later = [(row, time) for row, time in moved if time[0] > row.starts_at]
    for row, (begin, end) in [*earlier, *reversed(later)]:
        row.starts_at, row.ends_at = begin, end
        Occurrence.objects.filter(pk=row.pk).update(starts_at=begin, ends_at=end, reminded_at=None)


def _attendees(occurrences: Iterable[Occurrence]) -> list[Answer]:
    """The responses of those who accepted or may come to any of these dates."""
    answers = Answer.objects.filter(occurrence__in=[row.pk for row in occurrences])
    return list(answers.exclude(says=Answer.Says.NO).order_by("pk"))


def decide_event(event: Event, state: str, *, by: User | None = None, version: str | None = None) -> bool:
    """Approve, decline or cancel. Returns False if that was done already.

    by: the deciding host; the author, if someone else, is notified. version: the version of the event that
    the host has read (Event.version). Raises ValidationError (code "changed" if it has changed since,
    "not_now" for an impossible transition).
    """
    possible = {
        State.APPROVED: {State.PROPOSED, State.DECLINED, State.CANCELLED},
        State.DECLINED: {State.PROPOSED},
        State.CANCELLED: {State.APPROVED},
    }
    with transaction.atomic():
        event = lock_event(event.pk)
        if event.state == state:
            return False
        if event.state not in possible.get(State(state), set()):
            raise ValidationError(_("You can’t do that with this event any more."), code="not_now")
        if version is not None and version != event.version:
            raise ValidationError(
                _("The event was changed while you were reading it. Read it again before you decide."),
                code="changed",
            )
        event.state = State(state)
        event.save(update_fields=["state"])
        now = timezone.now()
        if state == State.APPROVED and event.post.published_at is None:
            published_at = now if is_on("events") else None
            Post.objects.filter(pk=event.pk).update(published_at=published_at, created_at=now, updated_at=now)
            event.post.published_at = published_at
            announce_post(event.post)
        else:
            Post.objects.filter(pk=event.pk).update(updated_at=now)
            _notify_of(event)
        _notify_proposer(event, ANSWERS[State(state)], by)
    return True


def _notify_of(event: Event) -> None:
    """Notify those who responded: it was cancelled, or takes place and has places again."""
    to_come = list(event.occurrences.to_come())
    reason = Reason.CANCELLED if event.state == State.CANCELLED else Reason.RESTORED
    tell(event.post, _attendees(to_come), reason)
    for occurrence in to_come:
        occurrence.event = event
        fill(occurrence)


def drop_proposals(member: User, _deletion: Any) -> int:
    """The step of account deletion that removes proposals. Events that took place stay."""
    mine = Event.objects.filter(post__author=member).exclude(state__in=[State.APPROVED, State.CANCELLED])
    found = list(mine.with_post()[:20])
    for event in found:
        trash_post(event.post, by=member)
        purge_post(event.post)
    return len(found)
