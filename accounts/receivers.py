"""Signal receivers of accounts."""

from typing import Any

from allauth.account.signals import user_logged_in
from allauth.mfa.signals import authenticator_added
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from django.contrib import messages
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.allauth.social import join_after_sign_in
from accounts.models import User
from accounts.services.mfa import needs_mfa


@receiver(authenticator_added)
def end_sessions_that_took_one_step(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Sessions that signed in with a password alone must not count as two-step verified."""
    if needs_mfa(user):
        end_other_sessions(request, user)


@receiver(user_logged_in)
def join_what_waits(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    if place := join_after_sign_in(request, user):
        messages.success(request, _("You can now sign in with %(name)s too.") % {"name": place})
