"""Events are proposed, approved, changed and cancelled here."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.permissions import check_may_write, check_text
from core.markup.comments import render_markdown
from core.parts import is_on
from core.utils.locks import lock_row
from core.utils.ratelimit import check_rates
from events.models import Event, Occurrence
from events.services.answers import set_places
from events.services.schedule import Schedule, times_of
from notifications.services.notify import announce_post
from posts.models import Post
from posts.services.trash import purge_post, trash_post

# So many proposals in so many seconds.
PROPOSAL_RATES = [(5, 86_400)]
State = Event.State


@dataclass(frozen=True)
class Plan:
    """What a form says of an event."""

    title: str
    text: str
    place: str
    link: str
    schedule: Schedule
    places: int | None

    def apply_to(self, event: Event) -> None:
        event.text, event.place, event.link, event.places = self.text, self.place, self.link, self.places
        event.starts_at, event.ends_at = self.schedule.starts_at, self.schedule.ends_at
        event.zone, event.rule = self.schedule.zone, self.schedule.rule
        event.skipped = [day.isoformat() for day in self.schedule.skipped]
        event.changed_at = timezone.now()


def schedule_of(event: Event) -> Schedule:
    skipped = tuple(date.fromisoformat(day) for day in event.skipped)
    return Schedule(event.starts_at, event.ends_at, event.zone, event.rule, skipped)


def may_host(user: Any) -> bool:
    """Whether they approve and change every event."""
    return bool(user.is_authenticated and user.is_staff and user.has_perm("events.change_event"))


def may_change(event: Event, user: Any) -> bool:
    """Hosts always; whoever proposed it while it is no more than a proposal."""
    return may_host(user) or (event.state == State.PROPOSED and event.post.author_id == user.pk)


def propose_event(plan: Plan, *, by: User) -> Event:
    """Store a new event. That of a host is approved at once, and followers are notified.

    Raises ValidationError (codes "may_not_write", "advertising", "too_often" and what times_of raises) and TooFast.
    """
    check_may_write(by)
    check_text(by, f"{plan.title}\n{plan.text}\n{plan.place} {plan.link}")
    times_of(plan.schedule)
    is_host = may_host(by)
    with transaction.atomic():
        by = lock_row(User.objects, by.pk)
        if not is_host:
            check_rates(Post.objects.filter(author=by, kind=Post.Kind.EVENT), PROPOSAL_RATES)
        post = Post(kind=Post.Kind.EVENT, title=plan.title, author=by)
        post.body = render_markdown(plan.text).html
        post.save()
        event = Event(post=post)
        plan.apply_to(event)
        event.save(force_insert=True)
        _put_times_right(event)
        if is_host:
            decide_event(event, State.APPROVED)
    return event


def change_event(event: Event, plan: Plan, *, by: User) -> Event:
    """Store what was changed. Times that stay on their day keep their answers.

    Raises ValidationError as propose_event, and (code "too_few") where more people have a place than there would be.
    """
    check_may_write(by)
    check_text(by, f"{plan.title}\n{plan.text}\n{plan.place} {plan.link}")
    with transaction.atomic():
        event = lock_row(Event.objects.with_post(), event.pk)
        plan.apply_to(event)
        event.save()
        post = event.post
        post.title, post.body, post.updated_at = plan.title, render_markdown(plan.text).html, timezone.now()
        post.save(update_fields=["title", "body", "updated_at"])
        _put_times_right(event)
    return event


def _put_times_right(event: Event) -> None:
    """Make the occurrences what the schedule says: those of a day stay with their answers, whatever their hour was."""
    zone, times = event.clocks, times_of(schedule_of(event))
    rows = list(event.occurrences.select_for_update().order_by("starts_at"))
    there = dict(zip(_places_in_days([row.starts_at for row in rows], zone), rows, strict=True))
    wanted = dict(zip(_places_in_days([begin for begin, _end in times], zone), times, strict=True))
    Occurrence.objects.filter(pk__in=[row.pk for key, row in there.items() if key not in wanted]).delete()
    kept = [(row, *wanted[key]) for key, row in there.items() if key in wanted]
    # Moved to later times, the last goes first: no two rows ever begin at the same time.
    is_later = any(begin > row.starts_at for row, begin, _end in kept)
    for row, begin, end in reversed(kept) if is_later else kept:
        if (row.starts_at, row.ends_at) != (begin, end):
            Occurrence.objects.filter(pk=row.pk).update(starts_at=begin, ends_at=end, reminded_at=None)
        if row.places != event.places:
            row.event = event
            set_places(row, event.places)
    new = [times for key, times in wanted.items() if key not in there]
    Occurrence.objects.bulk_create(
        [Occurrence(event=event, starts_at=begin, ends_at=end, places=event.places) for begin, end in new]
    )


def _places_in_days(moments: list[datetime], zone: ZoneInfo) -> list[tuple[date, int]]:
    """Of each moment, in order: its day on these clocks, and which one of that day it is."""
    counts: Counter[date] = Counter()
    found = []
    for moment in moments:
        day = moment.astimezone(zone).date()
        found.append((day, counts[day]))
        counts[day] += 1
    return found


def decide_event(event: Event, state: str) -> bool:
    """Approve, decline or cancel. Returns False if that was done already: of two people, one does it.

    Raises ValidationError (code "not_now") for what cannot become of it.
    """
    possible = {
        State.APPROVED: {State.PROPOSED, State.DECLINED, State.CANCELLED},
        State.DECLINED: {State.PROPOSED},
        State.CANCELLED: {State.APPROVED},
    }
    with transaction.atomic():
        event = lock_row(Event.objects.with_post(), event.pk)
        if event.state == state:
            return False
        if event.state not in possible.get(State(state), set()):
            raise ValidationError(_("That can’t be done with this event any more."), code="not_now")
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
    return True


def drop_proposals(member: User, _deletion: Any) -> int:
    """A step of deleting an account: what was never approved goes. Events that took place are the community's."""
    mine = Event.objects.filter(post__author=member).exclude(state__in=[State.APPROVED, State.CANCELLED])
    found = list(mine.with_post()[:20])
    for event in found:
        trash_post(event.post, by=member)
        purge_post(event.post)
    return len(found)
