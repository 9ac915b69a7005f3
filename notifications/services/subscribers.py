"""Subscribing to new posts by email, without an account: double opt-in, and unsubscribing with one click."""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_tasks import task

from core.tasks.mail import URGENT, enqueue_mail
from core.utils.ratelimit import check_hits, sender_key
from core.utils.site_locale import language_to_keep, read_in
from core.utils.urls import absolute_url
from notifications.email.build import build_confirm_mail, build_subscribed_mail
from notifications.email.tokens import SUBSCRIBER, Grant, unsubscribe_url
from notifications.models import EmailSuppression, Mailing, Subscriber
from notifications.services.suppression import lift_suppression


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="notifications.subscribe", sep=".")


def make_confirm_token(email: str, rhythm: str) -> str:
    """The signed token of the link that confirms a subscription (`read_confirm_token` reads it)."""
    return _signer().sign_object([email, rhythm])


def read_confirm_token(token: str, *, may_be_old: bool = False) -> tuple[str, str] | None:
    """Address and frequency. None if the token is forged, or older than SUBSCRIBE_LINK_DAYS."""
    max_age = None if may_be_old else timedelta(days=settings.SUBSCRIBE_LINK_DAYS)
    try:
        email, rhythm = _signer().unsign_object(token, max_age=max_age)
    except (BadSignature, TypeError, ValueError):
        return None
    return (email, rhythm) if rhythm in Subscriber.Rhythm.values else None


def request_subscription(email: str, rhythm: str, *, sender: str) -> None:
    """Handle a request to subscribe an address. The worker emails it.

    Nothing is looked up here, so neither the response nor its time tells who is subscribed. sender: the IP
    address. Raises TooFast.
    """
    email = email.lower()
    check_hits("subscribe-sender", sender_key(sender), settings.SUBSCRIBE_RATES["sender"])
    who = salted_hmac("notifications.subscribe", email, algorithm="sha256").hexdigest()[:32]
    check_hits("subscribe-address", who, settings.SUBSCRIBE_RATES["address"])
    check_hits("subscribe-all", "", settings.SUBSCRIBE_RATES["all"])
    send_subscribe_mail.using(priority=URGENT).enqueue(email, rhythm, language_to_keep())


@task(queue_name="mail")
def send_subscribe_mail(email: str, rhythm: str, language: str = "") -> None:
    """Ask to confirm, or tell that the address is subscribed already. Not after a complaint.

    language: that of the page with the form.
    """
    if EmailSuppression.objects.filter(email=email, cause=EmailSuppression.Cause.COMPLAINT).exists():
        return
    subscriber = Subscriber.objects.active().filter(email=email).first()
    if subscriber is not None:
        with read_in(subscriber.language):
            enqueue_mail(build_subscribed_mail(email, subscriber, subscription_url(subscriber)))
        return
    url = absolute_url(reverse("notifications:subscribe-confirm", args=[make_confirm_token(email, rhythm)]))
    with read_in(language):
        enqueue_mail(build_confirm_mail(email, Subscriber.Rhythm(rhythm), url), is_urgent=True)


def subscription_url(subscriber: Subscriber, mailing: Mailing | None = None) -> str:
    """The URL of a subscription's page, without signing in. mailing: whose email contains the link."""
    return unsubscribe_url(Grant(subscriber.pk, SUBSCRIBER, mailing.pk if mailing else 0))


def confirm_subscription(email: str, rhythm: str) -> Subscriber:
    """Subscribe after the link in the email was followed, which also lifts a suppression by a bounce."""
    now = timezone.now()
    with transaction.atomic():
        subscriber, _is_new = Subscriber.objects.get_or_create(
            email=email, defaults={"rhythm": rhythm, "language": language_to_keep()}
        )
        Subscriber.objects.unsubscribed().filter(pk=subscriber.pk).update(
            rhythm=rhythm,
            rhythm_since=now,
            language=language_to_keep(),
            source=Subscriber.Source.FORM,
            confirmed_at=now,
            unsubscribed_at=None,
            left_with=None,
        )
        lift_suppression(email)
    return subscriber


def unsubscribe(subscriber_pk: int, mailing_pk: int = 0) -> None:
    """Unsubscribe. mailing_pk: the email with the link. Repeating it changes nothing."""
    mailing = Mailing.objects.filter(pk=mailing_pk).first() if mailing_pk else None
    Subscriber.objects.active().filter(pk=subscriber_pk).update(
        unsubscribed_at=timezone.now(), left_with=mailing
    )


def subscribe_again(subscriber_pk: int) -> None:
    """Undo it, on the page that confirmed it."""
    Subscriber.objects.unsubscribed().filter(pk=subscriber_pk).update(
        unsubscribed_at=None, left_with=None, rhythm_since=timezone.now()
    )


def change_rhythm(subscriber_pk: int, rhythm: str) -> None:
    """Set how often they get posts. Raises ValueError for an unknown value."""
    Subscriber.objects.filter(pk=subscriber_pk).exclude(rhythm=rhythm).update(
        rhythm=Subscriber.Rhythm(rhythm), rhythm_since=timezone.now()
    )
