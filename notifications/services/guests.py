"""Guests of the imported blog who want notifications of replies, and confirm by email."""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django_tasks import task

from comments.models import Comment
from core.tasks.mail import URGENT, enqueue_mail
from core.utils.ratelimit import check_hits, sender_key
from core.utils.site_locale import language_to_keep, read_in
from core.utils.urls import absolute_url
from notifications.email.build import build_consent_mail
from notifications.email.tokens import make_guest_token
from notifications.models import EmailSuppression, GuestConsent

ASK_PAUSE = timedelta(hours=12)


def ask_guest(email: str, *, sender: str) -> None:
    """Handle a request for notifications at an address. The worker sends an email if a guest wrote with it.

    Nothing is looked up here, so neither the response nor its time tells who wrote here. sender: the IP
    address. Raises TooFast.
    """
    check_hits("guest-ask-sender", sender_key(sender), settings.GUEST_DATA_RATES["sender"])
    check_hits("guest-ask-all", "", settings.GUEST_DATA_RATES["all"])
    send_question.using(priority=URGENT).enqueue(email.lower(), language_to_keep())


@task(queue_name="mail")
def send_question(email: str, language: str = "") -> None:
    """Ask a guest to confirm, once per ASK_PAUSE and address. language: that of the page with the form."""
    wrote_here = Comment.objects.public().filter(author=None, guest_email__iexact=email).exists()
    is_settled = (
        GuestConsent.objects.filter(email=email).exists()
        or EmailSuppression.objects.filter(email=email).exists()
    )
    if not wrote_here or is_settled:
        return
    key = f"guest-asked:{hashlib.sha256(email.encode()).hexdigest()}"
    if cache.add(key, True, int(ASK_PAUSE.total_seconds())) or not settings.RATE_LIMITS:
        url = absolute_url(reverse("notifications:guest-confirm", args=[make_guest_token(email, language)]))
        with read_in(language):
            enqueue_mail(build_consent_mail(email, url))


def confirm_guest(email: str, language: str = "") -> None:
    """Store the consent. language: for the notifications; "" for the site's."""
    GuestConsent.objects.get_or_create(email=email, defaults={"language": language})


def forget_guest(consent_pk: int) -> None:
    """Withdraw the consent: the guest is not notified any more."""
    GuestConsent.objects.filter(pk=consent_pk).delete()
