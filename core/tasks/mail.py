"""Sending email by tasks: rows in our database, enqueued in the current transaction, run by a worker."""

import logging
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks import task

from core.signals import mail_refused
from core.utils.smtp_replies import log_text, refusal_of
from core.utils.text import one_header
from core.utils.urls import mail_domain

logger = logging.getLogger(__name__)

MAIL_PAUSES_MINUTES = [1, 5, 30, 120, 600, 1440]


# Sign-in codes are sent before everything else, because someone is waiting for them.
URGENT = 50


@task(queue_name="mail")
def send_message(message: dict[str, Any], tries: int = 0) -> None:
    """Send one email.

    If the mail server is unavailable, retry with growing delays for about a day and a half.

    Permanent refusals are not retried; core.signals.mail_refused lets later apps record such addresses.
    """
    mail = EmailMultiAlternatives(
        subject=message["subject"],
        body=message["body"],
        from_email=message["from_email"],
        to=message["to"],
        headers=message["headers"],
    )
    for content, mime_type in message["alternatives"]:
        mail.attach_alternative(content, mime_type)
    try:
        mail.send()
    except OSError as error:  # smtplib's errors, refused and broken connections
        refusal = refusal_of(error)
        if refusal is not None and refusal.is_for_good:
            logger.warning("An email was permanently refused (%s).", refusal.codes)
            mail_refused.send(sender=None, address=message["to"][0], refusal=refusal)
            return
        if tries >= len(MAIL_PAUSES_MINUTES):
            raise
        pause = timedelta(minutes=MAIL_PAUSES_MINUTES[tries])
        logger.warning("An email could not be sent (%s); retrying in %s.", log_text(error), pause)
        send_message.using(run_after=timezone.now() + pause, priority=message.get("priority", 0)).enqueue(
            message, tries + 1
        )


def enqueue_mail(mail: EmailMultiAlternatives, *, is_urgent: bool = False) -> None:
    """Enqueue an email for the worker in the current transaction. If that is rolled back, it is never sent.

    It has the same Message-ID in all attempts, so that a mailbox can recognise a duplicate. is_urgent: sent
    before all others.
    """
    headers = {str(name): str(value) for name, value in mail.extra_headers.items()}
    if "message-id" not in {name.lower() for name in headers}:
        headers["Message-ID"] = f"<{get_random_string(24).lower()}@{mail_domain()}>"
    priority = URGENT if is_urgent else 0
    send_message.using(priority=priority).enqueue(
        {
            "subject": one_header(str(mail.subject)),
            "body": mail.body,
            "from_email": mail.from_email,
            "to": list(mail.to),
            "headers": headers,
            "alternatives": [[str(part[0]), str(part[1])] for part in getattr(mail, "alternatives", [])],
            "priority": priority,
        }
    )
