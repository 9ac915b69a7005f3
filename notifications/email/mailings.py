"""Posts by email, the worker's part: creates rows of OutgoingEmail in batches (docs/decisions/0073).

The rows of a batch and the progress are written in one transaction, so the next worker continues after one
was killed. A constraint allows one row per mailing and subscriber. notifications/email/delivery.py sends
them.
"""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import get_random_string

from core.tasks.periodic import periodic
from core.utils.urls import mail_domain
from notifications.email.delivery import for_one_turn
from notifications.models import Mailing, OutgoingEmail, Subscriber
from notifications.services.mailings import emailed_recipients, last_issue_at
from notifications.services.suppression import usable_addresses

SUBSCRIBERS_AT_ONCE = 500
# How long earlier mailings count for the slow start.
REMEMBERED = timedelta(days=60)


@periodic(every=timedelta(seconds=5))
def write_mailings() -> None:
    for_one_turn(write_next_batch)


@periodic(every=timedelta(minutes=1))
def plan_weekly_issue() -> Mailing | None:
    """Plan the weekly email, with all posts that the host decided to send since the last.

    None if there are none.
    """
    at = last_issue_at()
    settled = timezone.now() - timedelta(seconds=settings.ALERT_WAIT_SECONDS)
    parts = Mailing.objects.filter(
        post__published_at__lte=at, post__isnull=False, issue=None, decided_at__lte=min(at, settled)
    ).exclude(post__visibility="unlisted")
    if not parts.exists() or Mailing.objects.filter(week=at.date()).exists():
        return None
    try:
        with transaction.atomic():
            issue = Mailing.objects.create(week=at.date())
            Mailing.objects.filter(pk__in=list(parts.values_list("pk", flat=True))).update(issue=issue)
    except IntegrityError:  # another worker was faster
        return None
    return issue


def write_next_batch() -> int:
    """Write the next batch of a mailing that is due. Returns 1 if there was something to do."""
    found = Mailing.objects.due().order_by("pk").first()
    if found is None:
        return 0
    with transaction.atomic():
        mailing = (
            Mailing.objects.select_for_update(of=("self",))
            .select_related("post")
            .filter(pk=found.pk, is_done=False)
            .first()
        )
        if mailing is None:  # cancelled, or another worker was faster
            return 1
        mailing.started_at = mailing.started_at or timezone.now()
        batch = list(audience(mailing).filter(pk__gt=mailing.done_up_to).order_by("pk")[:SUBSCRIBERS_AT_ONCE])
        known = _emailed_as_members(mailing, batch)
        readers = [one for one in batch if one.email not in known]
        emails = [
            OutgoingEmail(
                subscriber=one,
                mailing=mailing,
                message_id=f"<{get_random_string(24).lower()}@{mail_domain()}>",
                due_at=mailing.started_at + pause,
            )
            for one, pause in zip(readers, _pauses(mailing, len(readers)), strict=True)
        ]
        OutgoingEmail.objects.bulk_create(emails, ignore_conflicts=True)
        mailing.is_done = len(batch) < SUBSCRIBERS_AT_ONCE
        mailing.done_up_to = batch[-1].pk if batch else mailing.done_up_to
        mailing.save(update_fields=["started_at", "is_done", "done_up_to"])
    return 1


def _pauses(mailing: Mailing, count: int) -> list[timedelta]:
    """The delay after the start for each of the next emails of a mailing.

    Providers distrust a server that suddenly sends a lot. So the first hour is limited to the size of the
    largest successful mailing of the last weeks, at least MAILING_SLOW_START, and the limit doubles every
    hour.
    """
    first = settings.MAILING_SLOW_START
    written = OutgoingEmail.objects.filter(mailing=mailing).count()
    if not first or written + count <= first:
        return [timedelta()] * count
    began = mailing.started_at or timezone.now()
    earlier = Mailing.objects.filter(is_done=True, started_at__gt=began - REMEMBERED)
    sent = earlier.exclude(pk=mailing.pk).annotate(sent=Count("letters", filter=Q(letters__state="sent")))
    first = max(first, *(one.sent + one.sent_before for one in sent), 0)
    # After n hours, 1 + 2 + 4 + … = 2^n - 1 times the first number have been sent.
    return [
        timedelta(hours=(position // first + 1).bit_length() - 1)
        for position in range(written, written + count)
    ]


def audience(mailing: Mailing) -> QuerySet[Subscriber]:
    """The recipients: those who had subscribed when it started.

    A weekly email also goes to those who changed to "at once" since the last one, because it contains what
    they missed in between (notifications.email.posts.posts_of_issue leaves out what they got).
    """
    subscribers = Subscriber.objects.reachable().filter(confirmed_at__lte=mailing.started_at)
    if mailing.post is not None:
        return subscribers.filter(rhythm=Subscriber.Rhythm.AT_ONCE).who_may_read(mailing.post)
    week_before = mailing.decided_at - timedelta(days=7)
    changed = Q(rhythm_since__gt=F("confirmed_at"), rhythm_since__gte=week_before)
    return subscribers.filter(Q(rhythm=Subscriber.Rhythm.WEEKLY) | changed)


def _emailed_as_members(mailing: Mailing, batch: list[Subscriber]) -> set[str]:
    """Addresses of members who get an email about this post anyway."""
    if mailing.post is None:
        return set()
    addresses = usable_addresses().filter(
        email__in=[one.email for one in batch], user__in=emailed_recipients(mailing.post).values("member")
    )
    return {email.lower() for email in addresses.values_list("email", flat=True)}
