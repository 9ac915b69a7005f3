"""Builds emails from templates.

They are sent by core.tasks.mail or, for notifications, by notifications.email.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from core.models import SiteSettings
from core.utils.text import one_header

# RFC 3834 and Microsoft's [MS-OXCMAIL]: prevents out-of-office replies.
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


def reply_to_header() -> dict[str, str]:
    """The Reply-To header, if the host set an address."""
    address = SiteSettings.current().reply_to
    return {"Reply-To": address} if address else {}


def build_email(
    to: str,
    template: str,
    context: Mapping[str, Any],
    *,
    subject: str = "",
    subject_template: str = "",
    html_template: str = "",
    headers: Mapping[str, str] | None = None,
    from_email: str | None = None,
) -> EmailMultiAlternatives:
    """An email with the text of `<template>.txt`, and HTML if there is an html_template.

    The subject is given, or a template of its own. All templates get site_name and site_url besides the
    context, those of the body also the subject, and the HTML one `text`: the rendered text. Line breaks in
    the subject become spaces, since it may contain names that users chose.
    """
    context = {"site_name": SiteSettings.current().title, "site_url": settings.SITE_URL, **context}
    subject = one_header(render_to_string(subject_template, context) if subject_template else subject)
    context["subject"] = subject
    body = render_to_string(f"{template}.txt", context).strip() + "\n"
    email = EmailMultiAlternatives(
        subject,
        body,
        from_email or SiteSettings.current().from_email,
        [to],
        headers={**AUTOMATIC, **reply_to_header(), **(headers or {})},
    )
    if html_template:
        email.attach_alternative(render_to_string(html_template, {**context, "text": body}), "text/html")
    return email
