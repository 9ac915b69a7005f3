"""Posts by email: the host's decision for each post, and the results.

For other pages of the admin: `reach_of` tells who would get a post, `plan_mailing` and `cancel_mailing` store
the decision, `report_of` counts results. The worker's part is notifications/email/mailings.py.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from core.tasks.mail import enqueue_mail
from core.utils.locks import lock_row
from notifications.email.posts import build_post_mail, preview_foot
from notifications.models import FanOut, Mailing, Notification, NotificationChannel, OutgoingEmail, Subscriber
from notifications.services.recipients import Draft, FollowerCount, recipients_of
from notifications.services.suppression import usable_addresses
from notifications.services.timing import next_bundle
from posts.models import Post


@dataclass(frozen=True)
class Reach:
    """Who would get a post if it was published and sent by email now.

    at_once, weekly: subscribers, without those whose address is suppressed (unreachable) and without members
    who get the notification by email (also_followers). followers: members who are notified in any case, by
    their own choice.
    """

    at_once: int
    weekly: int
    unreachable: int
    also_followers: int
    followers: FollowerCount

    @property
    def subscribers(self) -> int:
        return self.at_once + self.weekly


def reach_of(post: Post) -> Reach:
    """The reach of a post, saved or not. Four queries, whatever the number of people."""
    counts = (
        Subscriber.objects.active()
        .who_may_read(post)
        .with_delivery()
        .aggregate(
            at_once=Count("pk", filter=Q(rhythm=Subscriber.Rhythm.AT_ONCE, is_undeliverable=False)),
            weekly=Count("pk", filter=Q(rhythm=Subscriber.Rhythm.WEEKLY, is_undeliverable=False)),
            unreachable=Count("pk", filter=Q(is_undeliverable=True)),
        )
    )
    followers = recipients_of(Draft.of_post(post)).followers
    at_once = Subscriber.objects.reachable().who_may_read(post).filter(rhythm=Subscriber.Rhythm.AT_ONCE)
    readers = usable_addresses().filter(email__in=at_once.values("email")).values("user")
    if post.pk and FanOut.objects.filter(post=post.pk, is_done=True).exists():
        both = emailed_recipients(post).filter(member__in=readers).count()
    else:
        both = followers.count(among=readers).by_way[NotificationChannel.AT_ONCE]
    return Reach(
        at_once=counts["at_once"] - both,
        weekly=counts["weekly"],
        unreachable=counts["unreachable"],
        also_followers=both,
        followers=followers.count(),
    )


def emailed_recipients(post: Post) -> QuerySet[Notification]:
    """Notifications of members who get an email that this post was published. They get only one."""
    return Notification.objects.filter(
        post=post,
        way=NotificationChannel.AT_ONCE,
        state__in=[Notification.State.WAITING, Notification.State.IN_LETTER],
    )


def mailing_of(post: Post) -> Mailing | None:
    """The decision to send this post by email, or None."""
    return Mailing.objects.filter(post=post).first() if post.pk else None


def plan_mailing(post: Post, content: str = Mailing.Content.WHOLE) -> Mailing:
    """Send this post to all subscribers when it is published, or now. Repeating it only changes the content.

    Once it has started, nothing changes.
    """
    with transaction.atomic():
        mailing, is_new = Mailing.objects.get_or_create(
            post=post, defaults={"content": Mailing.Content(content)}
        )
        mailing = lock_row(Mailing.objects, mailing.pk)
        if not is_new and not mailing.has_started:
            mailing.content = Mailing.Content(content)
            mailing.save(update_fields=["content"])
    return mailing


def cancel_mailing(post: Post) -> bool:
    """Cancel it. Returns False if it has started already, or was never planned."""
    with transaction.atomic():
        planned = Mailing.objects.filter(post=post, started_at=None, issue=None)
        mailing = planned.select_for_update(of=("self",)).first()
        if mailing is not None:
            mailing.delete()
    return mailing is not None


def send_test(post: Post, content: str, *, to: User) -> str:
    """Send the post to the host only, as subscribers would get it.

    Returns the address; "" if theirs is not usable.
    """
    address = usable_addresses().filter(user=to).values_list("email", flat=True).first()
    if address is None:
        return ""
    enqueue_mail(build_post_mail(address, post, content, preview_foot(), is_test=True))
    return address


@dataclass(frozen=True)
class Report:
    """The results of a mailing. waiting: not sent yet. unsure: the connection broke during transmission."""

    sent: int = 0
    waiting: int = 0
    bounced: int = 0
    failed: int = 0
    unsubscribed: int = 0


def report_of(mailing: Mailing) -> Report:
    return reports_of([mailing])[mailing.pk]


def reports_of(mailings: list[Mailing]) -> dict[int, Report]:
    """Reports by key. Two queries, whatever the number.

    Bounced emails came back later or were refused at once.
    """
    State = OutgoingEmail.State
    keys = [mailing.pk for mailing in mailings]
    emails = OutgoingEmail.objects.filter(mailing__in=keys).order_by().values("mailing")
    came_back = Q(came_back_at__isnull=False)
    counted = {
        row["mailing"]: row
        for row in emails.annotate(
            sent=Count("pk", filter=Q(state__in=[State.SENT, State.UNSURE])),
            waiting=Count("pk", filter=Q(state__in=[State.READY, State.OPEN, State.HANDED])),
            bounced=Count("pk", filter=came_back),
            failed=Count("pk", filter=Q(state=State.FAILED) & ~came_back),
        )
    }
    left = Subscriber.objects.filter(left_with__in=keys).order_by().values("left_with")
    gone = {row["left_with"]: row["number"] for row in left.annotate(number=Count("pk"))}
    none = {"sent": 0, "waiting": 0, "bounced": 0, "failed": 0}
    return {
        mailing.pk: Report(
            sent=(now := counted.get(mailing.pk, none))["sent"] + mailing.sent_before,
            waiting=now["waiting"],
            bounced=now["bounced"] + mailing.bounced_before,
            failed=now["failed"] + mailing.failed_before,
            unsubscribed=gone.get(mailing.pk, 0),
        )
        for mailing in mailings
    }


def next_issue_at() -> datetime:
    """When the next weekly email is sent."""
    return next_bundle(NotificationChannel.WEEKLY, timezone.now())


def last_issue_at() -> datetime:
    return next_issue_at() - timedelta(days=7)
