"""Work that leaves the request. Rows in our own database: enqueued in the transaction that wants it, run by a worker."""

import logging
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django_tasks import task

logger = logging.getLogger(__name__)

MAIL_PAUSES_MINUTES = [1, 5, 30, 120, 600, 1440]


@task(queue_name="mail")
def send_message(message: dict[str, Any], tries: int = 0) -> None:
    """Send one mail. When the mail server is away, try again after growing pauses for about a day and a half."""
    mail = EmailMultiAlternatives(
        subject=message["subject"], body=message["body"], from_email=message["from_email"], to=message["to"], headers=message["headers"]
    )
    for content, mime_type in message["alternatives"]:
        mail.attach_alternative(content, mime_type)
    try:
        mail.send()
    except OSError as error:  # smtplib's errors, refused and broken connections
        if tries >= len(MAIL_PAUSES_MINUTES):
            raise
        pause = timedelta(minutes=MAIL_PAUSES_MINUTES[tries])
        logger.warning("Mail could not be sent (%s); next try in %s.", error, pause)
        send_message.using(run_after=timezone.now() + pause).enqueue(message, tries + 1)


def enqueue_mail(mail: EmailMultiAlternatives) -> None:
    """Hand a mail over to the worker. It is kept with the transaction: rolled back, it was never there."""
    send_message.enqueue(
        {
            "subject": mail.subject,
            "body": mail.body,
            "from_email": mail.from_email,
            "to": list(mail.to),
            "headers": dict(mail.extra_headers),
            "alternatives": [[str(part[0]), str(part[1])] for part in getattr(mail, "alternatives", [])],
        }
    )
