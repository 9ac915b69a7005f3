"""The step between a visitor's comment in a frame and its publication: the code."""

from typing import NamedTuple

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import CodeTry, User
from accounts.services.code_limits import count_try, too_many_tries
from accounts.services.email_codes import confirm_address, create_account, use_code
from comments.forms.pending import publish_pending
from comments.models import Comment, PendingComment
from core.utils.ratelimit import TooFast
from embed.services import make_key, refusal_for


class Posted(NamedTuple):
    """The comment, and the key of its author."""

    comment: Comment | None
    key: str


def confirm(pending: PendingComment, typed: str, request: HttpRequest) -> Posted:
    """Post the pending comment if the code is right. Raises ValidationError with a message, and TooFast.

    The code counts as used only if the comment was posted: after a refusal it can be entered again.
    """
    try:
        counted = count_try(request, CodeTry.Kind.TYPED, email=pending.email)
    except TooFast as error:
        raise ValidationError(too_many_tries(error)) from None
    is_right = False
    try:
        with transaction.atomic():
            is_right = pending.code is not None and use_code(pending.code, typed)
            posted = _post(pending, request) if is_right else None
    finally:
        if is_right:
            counted.delete()
    if posted is None:
        raise ValidationError(_("That code isn’t right, or it has expired."))
    return posted


def _post(pending: PendingComment, request: HttpRequest) -> Posted:
    member = _member_for(pending, request)
    if why := refusal_for(member):
        raise ValidationError(why)
    return Posted(publish_pending(pending.pk, member), make_key(member))


def _member_for(pending: PendingComment, request: HttpRequest) -> User:
    """The member with the address, which has just been confirmed, or a new one."""
    member: User | None = User.objects.with_address(pending.email)
    if member is None:
        if not get_adapter(request).is_open_for_signup(request):
            raise ValidationError(_("No one can sign up at the moment."))
        try:
            return create_account(request, email=pending.email, name=pending.name)
        except IntegrityError:  # the same person was faster in another window
            member = User.objects.with_address(pending.email)
            if member is None:
                raise
    if not refusal_for(member):
        confirm_address(request, member, pending.email)
    return member
