"""Email reminders for moderators about comments that wait too long, one for all of them."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import User
from comments.models import Comment
from core.tasks.periodic import periodic
from core.utils import optout
from core.utils.locks import lock_row
from moderation.models import Appeal, ModerationSettings, ModeratorPreferences
from moderation.services import queue
from moderation.signals import waited_long

NAMED_IN_MAIL = 10


def _wants_reminders(moderator_pk: int) -> bool:
    choice = ModeratorPreferences.objects.filter(moderator=moderator_pk).first()
    return User.objects.filter(pk=moderator_pk).exists() and (choice is None or choice.wants_mail)


def _want_reminders(moderator_pk: int, on: bool) -> None:
    if User.objects.filter(pk=moderator_pk).exists():
        ModeratorPreferences.objects.update_or_create(moderator_id=moderator_pk, defaults={"wants_mail": on})


REMINDERS = optout.register(
    optout.OptOut(
        "reminders", gettext_lazy("Reminders about the moderation queue"), _wants_reminders, _want_reminders
    )
)


@dataclass(frozen=True)
class LongWait:
    """Comments that have waited longer than the limit of `hours`, with the oldest ones."""

    hours: int
    comment_count: int
    appeal_count: int
    comments: list[Comment]

    @property
    def count(self) -> int:
        return self.comment_count + self.appeal_count

    @property
    def more(self) -> int:
        return self.comment_count - len(self.comments)


def long_waits(hours: int) -> LongWait:
    """Two or three queries. Comments blocked as spam do not count."""
    before = timezone.now() - timedelta(hours=hours)
    comments = queue.waiting().filter(waiting_since__lt=before).exclude(held_as=Comment.HeldAs.TURNED_AWAY)
    oldest = list(
        comments.select_related("author", "post").order_by("waiting_since", "pk")[: NAMED_IN_MAIL + 1]
    )
    count = comments.count() if len(oldest) > NAMED_IN_MAIL else len(oldest)
    return LongWait(
        hours, count, Appeal.objects.open().filter(created_at__lt=before).count(), oldest[:NAMED_IN_MAIL]
    )


@periodic(every=timedelta(minutes=15))
def email_overdue_reviews() -> int:
    """Email each moderator who wants it, at most once in this many hours. Returns the number of emails."""
    hours = ModerationSettings.current().wait_hours
    waits = long_waits(hours) if hours else None
    if waits is None or not waits.count:
        return 0
    return sum(_mail(moderator, waits) for moderator in User.objects.moderating().order_by("pk"))


def _mail(moderator: User, waits: LongWait) -> bool:
    """Mark and email in one transaction.

    The moderator's row is locked, so that two workers send one email.
    """
    now = timezone.now()
    with transaction.atomic():
        lock_row(User.objects, moderator.pk)
        choice, _is_new = ModeratorPreferences.objects.get_or_create(moderator=moderator)
        if not choice.wants_mail or (
            choice.mailed_at is not None and choice.mailed_at > now - timedelta(hours=waits.hours)
        ):
            return False
        ModeratorPreferences.objects.filter(pk=choice.pk).update(mailed_at=now)
        waited_long.send(sender=ModeratorPreferences, moderator=moderator, waits=waits)
    return True
