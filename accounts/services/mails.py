"""Emails to members, from templates/accounts/email, sent by tasks."""

from typing import Any

from accounts.models import User
from core.tasks.mail import enqueue_mail
from core.utils.email import build_email
from core.utils.optout import OptOut


def send_mail_about(what: str, *, to: User, opt_out: OptOut | None = None, **context: Any) -> None:
    """Send a member the email <what>_subject.txt, <what>_message.txt.

    opt_out: its kind, if it can be turned off.
    """
    template = f"accounts/email/{what}"
    context |= {"member": to, "unsubscribe_url": opt_out.url(to.pk) if opt_out else ""}
    headers = opt_out.headers(to.pk) if opt_out else {}
    with to.reading():
        mail = build_email(
            to.email,
            f"{template}_message",
            context,
            subject_template=f"{template}_subject.txt",
            headers=headers,
        )
    enqueue_mail(mail)
