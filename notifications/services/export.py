"""What this app stores about a member, for the data export (accounts/services/export.py)."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.export import Part, Row
from core.utils.urls import absolute_url
from notifications.models import (
    TYPES,
    Device,
    EmailSuppression,
    GuestConsent,
    Notification,
    NotificationPreference,
    NotificationTiming,
    OutgoingEmail,
    ReplyFeed,
    ReplyMail,
    Subscriber,
    TagFollow,
    ThreadSubscription,
)


def _addresses(member: User) -> list[str]:
    return [
        email.lower() for email in EmailAddress.objects.filter(user=member).values_list("email", flat=True)
    ]


def _choices(member: User) -> Iterator[Row]:
    for preference in NotificationPreference.objects.filter(member=member).order_by("pk"):
        yield {"what": TYPES[preference.type].label, "chosen": preference.get_channel_display()}
    for timing in NotificationTiming.objects.filter(member=member):
        hours = {"begin": timing.quiet_from, "end": timing.quiet_until}
        yield {"what": _("quiet hours"), "chosen": _("%(begin)d:00 to %(end)d:00") % hours}
    for feed in ReplyFeed.objects.filter(member=member):
        yield {"what": _("feed of replies"), "chosen": feed.address, "since": feed.created_at}
    for subscription in (
        ThreadSubscription.objects.filter(member=member).select_related("post").order_by("pk")
    ):
        yield {
            "what": subscription.post.title,
            "chosen": subscription.get_level_display(),
            "since": subscription.created_at,
        }
    for follow in TagFollow.objects.filter(member=member).select_related("tag").order_by("pk"):
        yield {"what": follow.tag.name, "chosen": _("Followed tag"), "since": follow.created_at}
    addresses = _addresses(member)
    for consent in GuestConsent.objects.filter(email__in=addresses):
        yield {
            "what": consent.email,
            "chosen": _("notified of replies as a guest"),
            "since": consent.confirmed_at,
        }
    for subscriber in Subscriber.objects.filter(email__in=addresses):
        yield {
            "what": subscriber.email,
            "chosen": _("new posts by email: %(how_often)s") % {"how_often": subscriber.get_rhythm_display()}
            if subscriber.is_active
            else _("new posts by email: unsubscribed"),
            "since": subscriber.unsubscribed_at or subscriber.confirmed_at,
        }
    for stop in EmailSuppression.objects.filter(email__in=addresses):
        yield {
            "what": stop.email,
            "chosen": _("no email: %(cause)s") % {"cause": stop.get_cause_display()},
            "since": stop.created_at,
        }


def _alerts(member: User) -> Iterator[Row]:
    notifications = Notification.objects.filter(member=member).select_related("comment__post", "post")
    for alert in notifications.order_by("pk").iterator(chunk_size=200):
        cause = alert.comment or alert.talk
        yield {
            "talk": alert.talk.title,
            "address": absolute_url(cause.get_absolute_url()),
            "kind": alert.type.label,
            "way": alert.get_way_display(),
            "at": alert.created_at,
            "seen_at": alert.seen_at,
        }


def _letters(member: User) -> Iterator[Row]:
    mine = Q(member=member) | Q(subscriber__email__in=_addresses(member))
    for email in OutgoingEmail.objects.filter(mine).order_by("pk").iterator(chunk_size=200):
        yield {
            "to": email.address,
            "state": email.get_state_display(),
            "written_at": email.created_at,
            "sent_at": email.sent_at,
        }


def _reply_mails(member: User) -> Iterator[Row]:
    for mail in ReplyMail.objects.filter(member=member).order_by("pk").iterator(chunk_size=200):
        yield {
            "at": mail.created_at,
            "outcome": mail.get_outcome_display(),
            "in_words": mail.detail,
            "comment": mail.comment_id,
        }


def _devices(member: User) -> Iterator[Row]:
    for device in Device.objects.filter(member=member).order_by("pk"):
        yield {
            "name": device.name,
            "push_service": urlsplit(device.endpoint).hostname,
            "since": device.created_at,
        }


PARTS = [
    Part(
        "reply_mails",
        _("Your replies by email"),
        _reply_mails,
        {"at": _("When"), "outcome": _("Outcome"), "in_words": _("Why")},
        frozenset({"notifications.ReplyMail.member"}),
    ),
    Part(
        "alert_devices",
        _("Devices with push notifications"),
        _devices,
        {"name": _("Device"), "since": _("Since")},
        frozenset({"notifications.Device.member"}),
    ),
    Part(
        "alert_choices",
        _("Notifications"),
        _choices,
        {"what": _("What"), "chosen": _("Chosen"), "since": _("Since")},
        frozenset(
            {
                "notifications.NotificationPreference.member",
                "notifications.NotificationTiming.member",
                "notifications.ReplyFeed.member",
                "notifications.TagFollow.member",
                "notifications.ThreadSubscription.member",
            }
        ),
    ),
    Part(
        "alerts",
        _("Notifications you received"),
        _alerts,
        {"talk": _("Post"), "kind": _("Type"), "way": _("Channel"), "at": _("When"), "seen_at": _("Read")},
        frozenset({"notifications.Notification.member"}),
    ),
    Part(
        "letters",
        _("Notification emails"),
        _letters,
        {"to": _("To"), "state": _("Status"), "written_at": _("Created"), "sent_at": _("Sent")},
        frozenset({"notifications.OutgoingEmail.member"}),
    ),
]
