"""The rows about followers and subscribers in the publishing panel (POST_AUDIENCE and POST_RECEIPT)."""

from collections.abc import Callable, Iterator, Mapping

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count
from django.utils.translation import ngettext

from notifications.models import FanOut, Notification, NotificationChannel
from notifications.models.types import other_than_publications
from notifications.services.mailings import mailing_of, reach_of, report_of
from notifications.services.recipients import Draft, recipients_of
from notifications.services.verdicts import MAILED
from posts.models import Post
from posts.services.audience import AudienceLine


def followers_to_notify(post: Post) -> Iterator[AudienceLine]:
    """The host's followers, by channel. Two queries."""
    by_way = recipients_of(Draft.of_post(post)).followers.count().by_way
    yield from _lines(by_way)


def followers_notified(post: Post) -> Iterator[AudienceLine]:
    """The followers who were notified, and those who will be in the next minute."""
    notified = Notification.objects.filter(post=post, comment=None).exclude(
        kind__in=other_than_publications()
    )
    rows = notified.order_by().values_list("way")
    by_way = {NotificationChannel(way): count for way, count in rows.annotate(number=Count("pk"))}
    yield from _lines(by_way)
    if bounced := Notification.objects.filter(post=post, letter__came_back_at__isnull=False).count():
        text = ngettext("%(count)s email bounced", "%(count)s emails bounced", bounced)
        yield AudienceLine(bounced, text % {"count": intcomma(bounced)}, is_reached=False)
    if FanOut.objects.filter(post=post, is_done=False).exists():
        total = recipients_of(Draft.of_post(post)).followers.count().total
        if (waiting := total - sum(by_way.values())) > 0:
            text = ngettext(
                "%(count)s follower is notified in a minute",
                "%(count)s followers are notified in a minute",
                waiting,
            )
            yield AudienceLine(waiting, text % {"count": intcomma(waiting)})


def subscribers_to_notify(post: Post) -> Iterator[AudienceLine]:
    """Subscribers by email, if the host has decided to send this post."""
    reach, mailing = reach_of(post), mailing_of(post)
    for number, words in (
        (
            reach.at_once,
            ngettext("%(count)s subscriber, by email", "%(count)s subscribers, by email", reach.at_once),
        ),
        (
            reach.weekly,
            ngettext(
                "%(count)s subscriber, in the weekly email",
                "%(count)s subscribers, in the weekly email",
                reach.weekly,
            ),
        ),
    ):
        if number and mailing is not None:
            yield AudienceLine(number, words % {"count": intcomma(number)}, is_mail=True)
    if mailing is None and reach.subscribers:
        text = ngettext(
            "%(count)s subscriber isn’t emailed: choose “Send by email”",
            "%(count)s subscribers aren’t emailed: choose “Send by email”",
            reach.subscribers,
        )
        yield AudienceLine(reach.subscribers, text % {"count": intcomma(reach.subscribers)}, is_reached=False)
    if reach.unreachable:
        text = ngettext(
            "%(count)s subscriber can’t be reached: email bounced",
            "%(count)s subscribers can’t be reached: email bounced",
            reach.unreachable,
        )
        yield AudienceLine(reach.unreachable, text % {"count": intcomma(reach.unreachable)}, is_reached=False)


def subscribers_notified(post: Post) -> Iterator[AudienceLine]:
    """Results of the emails to subscribers, if the host sent the post."""
    mailing = mailing_of(post)
    if mailing is None:
        return
    report = report_of(mailing)
    for number, words, is_reached in (
        (
            report.sent + report.waiting,
            ngettext(
                "%(count)s subscriber, by email",
                "%(count)s subscribers, by email",
                report.sent + report.waiting,
            ),
            True,
        ),
        (
            report.bounced + report.failed,
            ngettext(
                "%(count)s subscriber’s email bounced",
                "%(count)s subscribers’ emails bounced",
                report.bounced + report.failed,
            ),
            False,
        ),
    ):
        if number:
            yield AudienceLine(
                number, words % {"count": intcomma(number)}, is_mail=True, is_reached=is_reached
            )


def _lines(counts: Mapping[NotificationChannel, int]) -> Iterator[AudienceLine]:
    for way, words in FOLLOWERS_IN_WORDS.items():
        if number := counts.get(way, 0):
            yield AudienceLine(number, words(number) % {"count": intcomma(number)}, is_mail=way in MAILED)


FOLLOWERS_IN_WORDS: dict[NotificationChannel, Callable[[int], str]] = {
    NotificationChannel.AT_ONCE: lambda number: ngettext(
        "%(count)s follower, by email", "%(count)s followers, by email", number
    ),
    NotificationChannel.HOURLY: lambda number: ngettext(
        "%(count)s follower, in an hourly email", "%(count)s followers, in an hourly email", number
    ),
    NotificationChannel.DAILY: lambda number: ngettext(
        "%(count)s follower, in the daily email", "%(count)s followers, in the daily email", number
    ),
    NotificationChannel.WEEKLY: lambda number: ngettext(
        "%(count)s follower, in the weekly email", "%(count)s followers, in the weekly email", number
    ),
    NotificationChannel.HERE: lambda number: ngettext(
        "%(count)s follower, in the inbox", "%(count)s followers, in the inbox", number
    ),
}
