"""Emailed codes for authors of comments who have no account or are not signed in.

Unlike allauth's codes, they are sent without looking up the account: the response, the email and the time
they take are the same for every address. Only the correct code finds the member or creates one
(docs/decisions/0019).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import suppress

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import EmailAddress, Login
from allauth.account.signals import email_confirmed, user_signed_up
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, TimestampSigner
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac
from django.utils.translation import gettext as _

from accounts.models import EmailCode, User
from accounts.models.names import validate_display_name
from accounts.signals import profile_changed
from core.models.site import offered_zone
from core.utils.locks import lock_row
from core.utils.ratelimit import TooFast, check_rates
from core.utils.site_locale import language_to_keep
from core.utils.slugs import make_slug

NAMES_TRIED = 30


def make_code(email: str, sender: str) -> tuple[EmailCode, str]:
    """Create a code for an address. Returns the row and the digits, which the caller emails.

    sender: core.utils.ratelimit.sender_key of the request. Raises TooFast, alike for every address.
    """
    rates = settings.EMAIL_CODE_RATES
    check_rates(EmailCode.objects.filter(email=email), rates["address"])
    mine = EmailCode.objects.filter(sender=sender)
    check_rates(mine, rates["sender"])
    check_rates(EmailCode.objects.all(), rates["all"])
    try:
        check_rates(EmailCode.objects.all(), rates.get("busy", []))
    except TooFast:
        check_rates(mine, rates["sender_when_busy"])
    digits = get_adapter().generate_login_code()
    return EmailCode.objects.create(email=email, sender=sender, digest=_digest(email, digits)), digits


def _digest(email: str, digits: str) -> str:
    return salted_hmac("accounts.codes", f"{email} {digits}", algorithm="sha256").hexdigest()


@transaction.atomic
def use_code(code: EmailCode, typed: str) -> bool:
    """Whether this is the code. It is valid once; each wrong try counts, including concurrent ones."""
    code = lock_row(EmailCode.objects, code.pk)
    if code.is_over:
        return False
    digits = "".join(str(unicodedata.decimal(char, "")) for char in typed)
    if constant_time_compare(code.digest, _digest(code.email, digits)):
        code.used_at = timezone.now()
        code.save(update_fields=["used_at"])
        return True
    code.failed_tries += 1
    code.save(update_fields=["failed_tries"])
    return False


# --- the link in the same email, for another device ---


def _signer(what: str, email: str) -> TimestampSigner:
    """A signer with the address in its key: a link sent to one address is not valid for another."""
    return TimestampSigner(salt=f"accounts.codes:{what}:{email}", sep=".")


def make_link_token(what: str, email: str) -> str:
    """The signed token of a link that, like the code, proves access to the mailbox of `email`.

    what: the one purpose it is valid for.
    """
    return _signer(what, email).sign("").removeprefix(".")


def is_link_token(token: str, what: str, email: str) -> bool:
    """Whether the token is valid for this address and purpose and at most EMAIL_LINK_HOURS old."""
    try:
        _signer(what, email).unsign(f".{token}", max_age=settings.EMAIL_LINK_HOURS * 3600)
    except (BadSignature, ValueError, OverflowError):
        return False
    return True


# --- signing in ---


def sign_in(request: HttpRequest, *, email: str, name: str, to: str) -> HttpResponse | None:
    """Sign in the person who has just confirmed the address. Without an account, create one called `name`.

    Returns allauth's response: to `to`, to the second factor, or to the page for closed accounts. None if
    there is no account and sign-up is closed.
    """
    member: User | None = User.objects.with_address(email)
    is_new = member is None
    if member is None:
        if not get_adapter(request).is_open_for_signup(request):
            return None
        try:
            member = create_account(request, email=email, name=name)
        except IntegrityError:  # the same person was faster in another window
            member = User.objects.with_address(email)
            if member is None:
                raise
    if is_new:
        message = _("Welcome, %(name)s! You now have an account. Sign in any time with a code by email.")
        messages.success(request, message % {"name": member.get_display_name()})
    confirm_address(request, member, email)
    record_authentication(request, member, method="code", email=email)
    return perform_login(request, Login(user=member, email=email, redirect_url=to, signup=is_new))


@transaction.atomic
def create_account(request: HttpRequest, *, email: str, name: str) -> User:
    """Create a member with a confirmed address and no password.

    An unfinished sign-up with the same address is discarded, since anyone may have started it. A name that
    imitates staff or another member is replaced by a neutral one until they choose another.
    """
    User.objects.never_signed_in().filter(emailaddress__email=email).delete()
    try:
        validate_display_name(name)
    except ValidationError:
        name = ""
    zone = offered_zone(request.POST.get("time_zone"))
    member = _with_free_name(
        User(email=email, display_name=name, time_zone=zone, language=language_to_keep()), name
    )
    confirm_address(request, member, email)
    user_signed_up.send(sender=User, request=request, user=member)
    if name and User.objects.filter(pk=member.pk, profile_hidden=True).exists():
        _take_neutral_name(member)
    return member


def confirm_address(request: HttpRequest, member: User, email: str) -> None:
    """Mark the address as confirmed and send allauth's signal. IntegrityError if another member has it."""
    has_primary = EmailAddress.objects.filter(user=member, primary=True).exists()
    address, _is_new = EmailAddress.objects.get_or_create(
        user=member, email=email, defaults={"primary": not has_primary}
    )
    if not address.verified:
        address.verified = True
        address.save(update_fields=["verified"])
        email_confirmed.send(sender=EmailAddress, request=request, email_address=address)


def _take_neutral_name(member: User) -> None:
    """Give a new member whose name was just hidden a username that does not repeat the name.

    The member sees the name, and others do once a moderator shows the profile.
    """
    member.profile_hidden = True
    for _number in range(NAMES_TRIED):
        member.username = _neutral_name()
        with suppress(IntegrityError), transaction.atomic():
            member.save(update_fields=["username"])
            profile_changed.send(sender=User, member=member, is_same_text=True)
            return
    raise ValidationError("no free name")


def _neutral_name() -> str:
    return f"reader-{get_random_string(8, '23456789')}"


def _with_free_name(member: User, name: str) -> User:
    """Save a new member with a username derived from `name`, numbered if it is taken."""
    member.set_unusable_password()
    for username in _usernames_like(name):
        try:
            with transaction.atomic():
                member.username = get_adapter().clean_username(username)
                member.save(force_insert=True)
        except (ValidationError, IntegrityError):
            member.pk = None
        else:
            return member
    raise ValidationError("no free name")


def _usernames_like(name: str) -> Iterator[str]:
    """Usernames to try: the name itself, numbered ones, then neutral ones."""
    stem = make_slug(name).encode("ascii", "ignore").decode()[:24].strip("-_")
    if stem:
        yield stem
        yield from (f"{stem}-{number}" for number in range(2, NAMES_TRIED))
    yield from (_neutral_name() for _ in range(NAMES_TRIED))
