"""The receipt of a comment: the list of recipients, with the status of each notification."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models import Comment
from core.utils.punctuation import with_commas
from notifications.models import FanOut, Notification, NotificationChannel, OutgoingEmail
from notifications.services.recipients import Draft, FollowerCount, Recipient, recipients_of
from notifications.services.verdicts import BUNDLED, WAY_IN_WORDS

FOLLOWING = frozenset({"talk", "person"})
NAMES_SHOWN = 6


@dataclass(frozen=True)
class ReceiptRow:
    """A recipient and their notification's status. `at`: since when, or when it will be."""

    name: str
    url: str
    words: str
    state: str
    at: datetime | None = None


@dataclass(frozen=True)
class Receipt:
    """Who was notified of a comment, for its author. is_open: notifications are still being created."""

    rows: list[ReceiptRow]
    unreachable: list[Recipient]
    followers: FollowerCount
    followers_notified: int
    is_open: bool

    @property
    def count(self) -> int:
        return len(self.rows) + self.followers.total

    @property
    def names_in_words(self) -> str:
        """The first few by name, the others as a number."""
        parts = [row.name for row in self.rows[:NAMES_SHOWN]]
        if more := len(self.rows) - len(parts):
            parts.append(ngettext("%(count)s more", "%(count)s more", more) % {"count": intcomma(more)})
        if total := self.followers.total:
            parts.append(
                ngettext("%(count)s follower", "%(count)s followers", total) % {"count": intcomma(total)}
            )
        return with_commas(parts)


def state_of(row: Notification) -> tuple[str, str, datetime | None]:
    """Key, words and time of the best known status."""
    email, how = row.letter, WAY_IN_WORDS[NotificationChannel(row.way)]
    if row.seen_at:
        return "seen", _("read on the site"), row.seen_at
    if row.state == Notification.State.DROPPED:
        return "dropped", _("not notified: the comment was deleted before"), None
    if email is not None and email.came_back_at:
        return (
            "came_back",
            _("email bounced; it’s in their inbox here") if row.member_id else _("email bounced"),
            email.came_back_at,
        )
    if email is not None and email.state == OutgoingEmail.State.SENT:
        return "told", _("notified (%(how)s)") % {"how": how}, email.sent_at
    if email is not None and email.state == OutgoingEmail.State.UNSURE:
        return "unsure", _("emailed, but the mail server didn’t confirm it"), email.created_at
    if email is not None and email.state == OutgoingEmail.State.FAILED:
        return (
            "failed",
            _("the email couldn’t be sent; it’s in their inbox here")
            if row.member_id
            else _("the email couldn’t be sent"),
            None,
        )
    if row.state == Notification.State.IN_LETTER and email is None:
        return "told", _("notified (%(how)s)") % {"how": how}, row.mail_at
    if row.due_at > timezone.now():
        return "waiting", _("will be notified (%(how)s)") % {"how": how}, row.due_at
    waits = row.mail_at is not None and row.mail_at > timezone.now()
    if row.state == Notification.State.WAITING and (row.way in BUNDLED or waits):
        return "bundled", _("notified (inbox); will also be notified (%(how)s)") % {"how": how}, row.mail_at
    if row.state == Notification.State.NO_MAIL and row.member_id is None:
        return "failed", _("no email reached them"), None
    if row.state == Notification.State.NO_MAIL:
        return "here", _("notified (inbox)"), row.due_at
    return "waiting", _("will be notified (%(how)s)") % {"how": how}, None


def receipt_of(comment: Comment) -> Receipt:
    """The status of a comment's notifications. For a held comment, who would be notified."""
    recipients = recipients_of(Draft.of_comment(comment))
    rows = list(
        Notification.objects.of_publication(comment).select_related("member", "letter").order_by("pk")[:200]
    )
    named = [row for row in rows if row.is_meant]
    lines = []
    for row in named:
        state, words, at = state_of(row)
        name = row.member.get_display_name() if row.member else row.guest_name
        lines.append(ReceiptRow(name, row.member.get_absolute_url() if row.member else "", words, state, at))
    with_row = {(row.member_id, row.guest_email) for row in named}
    unreachable = [
        one
        for one in recipients.unreachable
        if (one.member.pk if one.member else None, one.guest_email) not in with_row
    ]
    if not comment.is_public and not named:
        lines = [
            ReceiptRow(
                one.name,
                one.member.get_absolute_url() if one.member else "",
                _("will be notified once your comment is approved"),
                "held",
            )
            for one in recipients.notified
        ]
    followers, notified, is_open = _followers(comment, recipients.followers.count, named)
    return Receipt(lines, unreachable, followers, notified, is_open)


def _followers(
    comment: Comment, count_now: Callable[[], FollowerCount], named: list[Notification]
) -> tuple[FollowerCount, int, bool]:
    """Followers: by channel, how many were notified or could have seen it, and whether more come.

    Mentioned members who follow are counted too, as in the line before posting.
    """
    is_open = FanOut.objects.filter(comment=comment, is_done=False).exists() or not comment.is_public
    if is_open:
        return count_now(), 0, True
    others = Notification.objects.of_publication(comment).filter(member__isnull=False)
    rows = others.exclude(pk__in=[row.pk for row in named]).order_by()
    follow_too = [row for row in named if not FOLLOWING.isdisjoint(row.reasons)]
    by_way: Counter[NotificationChannel] = Counter(NotificationChannel(row.way) for row in follow_too)
    notified = sum(row.is_settled for row in follow_too)
    # As in Notification.is_settled.
    sent = (
        Q(state=Notification.State.IN_LETTER) & (Q(letter=None) | Q(letter__state__in=OutgoingEmail.TRIED))
        | Q(state=Notification.State.NO_MAIL)
        | Q(seen_at__isnull=False)
    )
    for way, number, done in (
        rows.values("way")
        .annotate(number=Count("pk"), done=Count("pk", filter=sent))
        .values_list("way", "number", "done")
    ):
        by_way[NotificationChannel(way)] += number
        notified += done
    return FollowerCount(by_way), notified, False
