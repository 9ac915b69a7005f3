"""Reminds two people of each other after half a year without contact, both at once, if both want it."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Mute, User
from closer.models import Choice, Reminder
from closer.services.choices import REMINDERS
from closer.services.contacts import Contact, contacts_of, known_people
from comments.models import Comment
from core.parts import is_on
from core.tasks.periodic import is_stopping, periodic
from core.utils.locks import lock_word
from core.utils.urls import absolute_url
from notifications.email.system import about, send_system_mail

logger = logging.getLogger(__name__)

HALF_A_YEAR = timedelta(days=182)
# The least time between two reminders for a member; up to LOOK_AGAIN less if the other member is processed
# first.
PAUSE = timedelta(weeks=13)
# When to check again if there was no one to be reminded of.
LOOK_AGAIN = timedelta(weeks=1)
MEMBERS_AT_ONCE = 20


@periodic(every=timedelta(minutes=30))
def send_reminders() -> int:
    """Process due members in batches. Returns the number of pairs reminded."""
    if not is_on("closer"):
        return 0
    due = Choice.objects.filter(reminder_due_at__lte=timezone.now()).order_by("reminder_due_at")
    made = 0
    for pk in list(due.values_list("pk", flat=True)[:MEMBERS_AT_ONCE]):
        if is_stopping():
            break
        try:
            made += remind(pk)
        except Exception:
            logger.exception("The reminder for member %s failed; it will be retried next week.", pk)
            _postpone([pk], timezone.now() + LOOK_AGAIN)
    return made


@transaction.atomic
def remind(member_pk: int) -> bool:
    """Remind a due member and one other of each other. Of two workers, the second finds nothing due."""
    lock_word("reminding two members of each other")
    now = timezone.now()
    due = Choice.objects.filter(pk=member_pk, reminder_due_at__lte=now).select_related("member").first()
    if due is None:
        return False
    member = due.member
    # The other one sees this member's name and profile.
    may_be_shown = member.may_write and not member.is_veiled
    found = _contact_for(member, now) if may_be_shown else None
    if found is None:
        _postpone([member_pk], now + LOOK_AGAIN)
        return False
    other, last = found
    # Neither gets another reminder soon. If one has just turned them off, neither is notified.
    if _postpone([member.pk, other.pk], now + PAUSE) < 2:
        _postpone([member.pk, other.pk], now + LOOK_AGAIN)
        return False
    first, second = sorted((member.pk, other.pk))
    Reminder.objects.update_or_create(first_id=first, second_id=second, defaults={"sent_at": now})
    for one, of in ((member, other), (other, member)):
        send_system_mail(
            "in_touch",
            to=one,
            opt_out=REMINDERS,
            subject=about(_("You and %(name)s at %(site)s"), name=of.get_display_name()),
            other=of,
            last=last,
            last_url=absolute_url(last.get_absolute_url()),
            profile_url=absolute_url(of.get_absolute_url()),
            read_url=absolute_url(last.get_absolute_url()),
            button=_("Read on"),
        )
    return True


def _postpone(members: list[int], until: datetime) -> int:
    """Postpone those who still want reminders. Returns how many."""
    return Choice.objects.filter(pk__in=members, reminder_due_at__isnull=False).update(reminder_due_at=until)


def _contact_for(member: User, now: datetime) -> tuple[User, Comment] | None:
    """Their closest contact among those available, and the comment with which it ended."""
    old = {pk: contact for pk, contact in contacts_of(member).items() if contact.last_at < now - HALF_A_YEAR}
    willing = _available_contacts(member, old, now)
    for pk in sorted(willing, key=lambda pk: (-old[pk].exchanges, pk)):
        if not _were_in_touch_since(member.pk, pk, now - HALF_A_YEAR):
            seen = Comment.objects.public().on_readable_posts(willing[pk]).select_related("post")
            if last := seen.filter(pk=old[pk].last).first():
                return willing[pk], last
    return None


def _available_contacts(member: User, contacts: dict[int, Contact], now: datetime) -> dict[int, User]:
    """Contacts who can be reminded now.

    They want reminders and are not postponed, may write, neither of the two has muted the other, and this
    silence was not reminded of before.
    """
    people = known_people(member, contacts)
    due = Choice.objects.filter(member__in=people, reminder_due_at__lte=now + LOOK_AGAIN)
    wanting = set(due.values_list("pk", flat=True))
    muting = set(Mute.objects.filter(muted=member, member__in=people).values_list("member", flat=True))
    pairs = Reminder.objects.filter(Q(first=member, second__in=people) | Q(second=member, first__in=people))
    reminded = {
        first if second == member.pk else second: at
        for first, second, at in pairs.values_list("first", "second", "sent_at")
    }
    return {
        pk: one
        for pk, one in people.items()
        if pk in wanting - muting
        and one.may_write
        and not (pk in reminded and reminded[pk] > contacts[pk].last_at)
    }


def _were_in_touch_since(one: int, other: int, since: datetime) -> bool:
    """Whether one has replied to the other since: not an exchange, but they have been in touch."""
    replies = Comment.objects.public().filter(created_at__gt=since)
    return replies.filter(Q(author=one, parent__author=other) | Q(author=other, parent__author=one)).exists()
