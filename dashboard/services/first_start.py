"""Setting up an empty site: a one-time URL creates its first host, without a shell.

See docs/decisions/0079. The URL expires when it is used, after an hour, and as soon as there is a superuser.
It is bound to the session of the first browser that opens it.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.core.files.base import File
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.services.site_settings import save_settings
from core.utils.locks import lock_word
from core.utils.site_locale import read_in
from core.utils.urls import absolute_url
from dashboard.models import SetupLink
from moderation.services.removal_reasons import word_removal_reasons
from transfer.imports.runs import begin
from transfer.models import ImportRun

VALID = timedelta(hours=1)


class HostExistsError(Exception):
    """Someone else has set up the site."""


def has_host() -> bool:
    """Whether the set-up is done: only a site without a superuser offers it."""
    return User.objects.filter(is_superuser=True).exists()


def new_setup_link() -> str:
    """A new URL, which invalidates all earlier ones; "" if there is a host."""
    if has_host():
        return ""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        SetupLink.objects.all().delete()
        SetupLink.objects.create(token=_hash(token), expires_at=timezone.now() + VALID)
    return absolute_url(reverse("dashboard:setup", args=[token]))


def open_link(token: str, session: Any) -> SetupLink | None:
    """The link, if this browser may use it: the first browser that opens it."""
    link = SetupLink.objects.filter(token=_hash(token), expires_at__gt=timezone.now()).first()
    if link is None or has_host():
        return None
    if not link.browser:
        key = secrets.token_urlsafe(16)
        if SetupLink.objects.filter(pk=link.pk, browser="").update(browser=_hash(key)):
            session["setup"] = key
            return link
        return None
    return link if link.browser == _hash(str(session.get("setup", ""))) else None


def set_up(link: SetupLink, *, person: dict[str, str], password: str, settings: dict[str, Any]) -> User:
    """Create the first host, and set the site's title, language, time zone and removal reasons.

    person: username, display_name, email. password: "" for a passkey later. Raises HostExistsError.
    """
    with transaction.atomic():
        lock_word("first start")
        if has_host() or not SetupLink.objects.filter(pk=link.pk, expires_at__gt=timezone.now()).delete()[0]:
            raise HostExistsError
        host = User(**person, is_staff=True, is_superuser=True)
        host.set_password(password or None)
        host.full_clean(exclude=["password"])
        host.save()
        # Anyone who reads the server's output owns the site, and it may not be able to send email yet.
        EmailAddress.objects.create(user=host, email=host.email, verified=True, primary=True)
        save_settings(settings, by=host)
        with read_in(""):
            word_removal_reasons()
    return host


def import_blog_later(file: File, host: User) -> None:
    """Let the worker import a blog's export. Raises ValidationError if it cannot be stored.

    The report is in the list of imports.
    """
    begin(file, host, state=ImportRun.State.IMPORTING, sole_author=True, fetch_pictures=True)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
