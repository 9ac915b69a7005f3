"""Emails to members, from templates/accounts/email. They are enqueued as tasks."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from accounts.models import User
from core.tasks.mail import enqueue_mail
from core.utils.text import one_line


def send_mail_about(what: str, *, to: User, **context: Any) -> None:
    """Send the email <what>_subject.txt, <what>_message.txt to a member."""
    context |= {"member": to, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
    enqueue_mail(
        EmailMultiAlternatives(
            subject=one_line(render_to_string(f"accounts/email/{what}_subject.txt", context)),
            body=render_to_string(f"accounts/email/{what}_message.txt", context),
            to=[to.email],
            headers={"Auto-Submitted": "auto-generated"},
        )
    )
