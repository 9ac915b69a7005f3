"""Limits on requested and entered codes: per sender first, then per account (docs/decisions/0055).

An emailed code has six digits, so it is protected by limiting the tries. django-allauth counts per minute and
allows three tries for each code, but any number of codes. Here tries are rows, so they are counted per hour
and per day across all processes, and a flood of cache entries cannot evict them.

A browser in which the member has signed in before is counted separately, so that strangers who guess cannot
lock the member out of it (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
"""

from __future__ import annotations

from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import CodeTry, User
from core.utils.cookies import cookie_name
from core.utils.locks import lock_word
from core.utils.ratelimit import TooFast, check_rates, sender_key

ASKED_KEY = "code_asked"
DEVICE_COOKIE = "known_device"
DEVICE_SALT = "accounts.code_limits.device"
DEVICE_SECONDS = 365 * 86_400


def count_try(
    request: HttpRequest, kind: CodeTry.Kind, *, email: str = "", member: User | None = None
) -> CodeTry:
    """Count one requested or entered code, for an address (emailed) or a member (app, recovery).

    Raises TooFast. It is counted before the code is compared, so that concurrent tries get no more chances
    than consecutive ones; a correct code deletes the row. Addresses are not looked up: the limits are the
    same for members and strangers.
    """
    device = device_of(request, email=email, member=member)
    owner = f"device:{device}" if device else f"member:{member.pk}" if member else f"address:{email.lower()}"
    sender, subject = _sender_of(request), _digest(owner)
    rates = settings.CODE_TRY_RATES[kind]
    with transaction.atomic():
        lock_word(f"codes:{subject}")
        rows = CodeTry.objects.filter(kind=kind)
        check_rates(rows.filter(subject=subject, sender=sender), rates["pair"])
        if not device:
            lock_word(f"codes:{sender}")
            check_rates(rows.filter(sender=sender), rates["sender"])
            check_rates(rows.filter(subject=subject), rates["subject"])
        return CodeTry.objects.create(kind=kind, subject=subject, sender=sender)


def count_mail(request: HttpRequest, email: str) -> None:
    """Count a code about to be emailed for this browser, and invalidate earlier ones. Raises TooFast."""
    request.session[ASKED_KEY] = count_try(request, CodeTry.Kind.ASKED, email=email).pk


def is_newest(request: HttpRequest, email: str) -> bool:
    """Whether this browser's code is the latest one for the address.

    True if it never requested one by form.
    """
    asked = request.session.get(ASKED_KEY)
    mine = CodeTry.objects.filter(pk=asked, kind=CodeTry.Kind.ASKED).first() if asked else None
    if mine is None:
        return True
    return not CodeTry.objects.filter(kind=CodeTry.Kind.ASKED, subject=mine.subject, pk__gt=mine.pk).exists()


def wait_sentence(error: TooFast) -> str:
    """The wait as a sentence: in minutes up to an hour and a half, then in hours."""
    if error.wait_minutes <= 90:
        minutes = error.wait_minutes
        return ngettext("Wait %(count)d minute.", "Wait %(count)d minutes.", minutes) % {"count": minutes}
    hours = error.wait_hours
    return ngettext("Wait %(count)d hour.", "Wait %(count)d hours.", hours) % {"count": hours}


def too_many_mails(error: TooFast) -> str:
    """Why no code was sent, how long to wait, and what to do instead."""
    return _("We’ve sent several codes already. %(wait)s Or sign in with your password or a passkey.") % {
        "wait": wait_sentence(error)
    }


def too_many_tries(error: TooFast) -> str:
    """Why a code was not compared, how long to wait, and what to do instead."""
    return _(
        "Too many wrong codes. %(wait)s Or sign in another way, or in a browser you’ve used here before."
    ) % {"wait": wait_sentence(error)}


# --- browsers in which a member has signed in before ---


def remember_device(request: HttpRequest, response: HttpResponse, member: User) -> None:
    """Remember this browser as one of the member's.

    The cookie signs no one in; it only gives the browser's tries a separate count.
    """
    device = device_of(request, member=member) or get_random_string(22)
    response.set_signed_cookie(
        cookie_name(DEVICE_COOKIE),
        f"{member.pk}.{device}",
        salt=DEVICE_SALT,
        max_age=DEVICE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def device_of(request: HttpRequest, *, email: str = "", member: User | None = None) -> str:
    """The id of this browser if the member (or the owner of that confirmed address) signed in here before.

    Otherwise empty.
    """
    cookie = request.get_signed_cookie(
        cookie_name(DEVICE_COOKIE), default="", salt=DEVICE_SALT, max_age=DEVICE_SECONDS
    )
    pk, _dot, device = (cookie or "").partition(".")
    if not pk.isdecimal():
        return ""
    if member is not None:
        return device if member.pk == int(pk) else ""
    return (
        device
        if EmailAddress.objects.filter(user=int(pk), email=email.lower(), verified=True).exists()
        else ""
    )


def _sender_of(request: HttpRequest) -> str:
    try:
        return sender_key(get_adapter(request).get_client_ip(request))
    except PermissionDenied:  # allauth does not pass the address, so these share one count
        return sender_key("")


def _digest(owner: str) -> str:
    return salted_hmac("accounts.code_limits", owner, algorithm="sha256").hexdigest()[:32]


def outdated() -> models.QuerySet[CodeTry]:
    """Rows that no limit counts any more."""
    longest = max(
        seconds
        for kinds in settings.CODE_TRY_RATES.values()
        for rates in kinds.values()
        for _count, seconds in rates
    )
    return CodeTry.objects.filter(created_at__lt=timezone.now() - timedelta(seconds=longest))
