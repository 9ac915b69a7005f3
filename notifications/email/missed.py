"""The summary after some weeks away: one email, and no other before the member's next visit."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.services.presence import choose_presence
from core.tasks.periodic import is_stopping, periodic
from core.utils import optout
from core.utils.urls import absolute_url
from notifications.email.system import about, send_system_mail
from notifications.services.missed import missed_by

logger = logging.getLogger(__name__)

MEMBERS_AT_ONCE = 20
# If nothing happened, check again after this time.
LOOK_AGAIN = timedelta(weeks=1)


def _wants_summary(member_pk: int) -> bool:
    return User.objects.filter(pk=member_pk, summary_after_weeks__isnull=False).exists()


def _want_summary(member_pk: int, on: bool) -> None:
    member = User.objects.filter(pk=member_pk, is_active=True).first()
    if member is not None and on != (member.summary_after_weeks is not None):
        weeks = DEFAULT_WEEKS if on else None
        choose_presence(member, mails_when_away=member.mails_when_away, summary_after_weeks=weeks)


DEFAULT_WEEKS = 4
SUMMARY = optout.register(
    optout.OptOut("missed", gettext_lazy("Summaries of what you missed"), _wants_summary, _want_summary)
)


@periodic(every=timedelta(minutes=10))
def send_summaries() -> int:
    """Send the next batch of summaries that are due. Returns how many emails were created."""
    due = User.objects.filter(summary_due_at__lte=timezone.now()).order_by("summary_due_at")
    keys = due.values_list("pk", flat=True)[:MEMBERS_AT_ONCE]
    made = 0
    for pk in list(keys):
        if is_stopping():
            break
        try:
            made += send_summary(pk)
        except Exception:
            # A failing member must not block all others.
            logger.exception("The summary for member %s failed; it will be retried.", pk)
            User.objects.filter(pk=pk).update(summary_due_at=timezone.now() + LOOK_AGAIN)
    return made


@transaction.atomic
def send_summary(member_pk: int) -> bool:
    """Write a member's summary if there is something to tell.

    If two workers do so, the second finds nothing due.
    """
    due = User.objects.filter(pk=member_pk, summary_due_at__lte=timezone.now())
    member = due.select_for_update(skip_locked=True).first()
    if member is None:
        return False
    since, weeks = member.last_active_at, member.summary_after_weeks
    found = missed_by(member, since) if since and weeks and member.is_active else []
    again = timezone.now() + LOOK_AGAIN if weeks and member.is_active and not found else None
    User.objects.filter(pk=member_pk).update(summary_due_at=again)
    if found:
        rows = [{"missed": one, "url": absolute_url(one.post.get_absolute_url())} for one in found]
        send_system_mail(
            "missed",
            to=member,
            opt_out=SUMMARY,
            subject=about(gettext_lazy("What you missed at %(site)s")),
            rows=rows,
            since=since,
            read_url=rows[0]["url"],
            button=gettext_lazy("Read on"),
        )
    return bool(found)
