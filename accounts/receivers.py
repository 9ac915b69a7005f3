"""Signal receivers of accounts."""

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import user_logged_in, user_signed_up
from allauth.mfa.signals import authenticator_added
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from django.contrib import messages
from django.core.cache import cache
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.allauth.social import join_after_sign_in
from accounts.models import User
from accounts.services.mails import send_mail_about
from accounts.services.mfa import needs_mfa
from accounts.signals import profile_changed
from core.models import SiteSettings
from core.signals import language_chosen

NEW_FOR = timedelta(days=2)


@receiver(authenticator_added)
def end_one_factor_sessions(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """End other sessions that signed in with a password alone: they must not count as two-step verified."""
    if needs_mfa(user):
        end_other_sessions(request, user)


@receiver(post_save, sender=EmailAddress)
def welcome(instance: EmailAddress, raw: bool = False, **_kwargs: Any) -> None:
    """Send the host's welcome email once: when the first address is confirmed, before the first sign-in."""
    member, words = instance.user, SiteSettings.current().welcome_mail
    if raw or not words or not instance.verified or member.last_login is not None:
        return
    is_new = member.date_joined > timezone.now() - NEW_FOR
    if is_new and cache.add(
        f"welcomed:{member.pk}", 1, NEW_FOR.total_seconds()
    ):  # the row is saved several times
        send_mail_about("welcome", to=member, words=words)


@receiver(user_logged_in)
def connect_pending_account(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    if place := join_after_sign_in(request, user):
        messages.success(request, _("You can now sign in with %(name)s too.") % {"name": place})


@receiver(user_signed_up)
def announce_new_profile(user: User, **_kwargs: Any) -> None:
    """Announce the profile, so that a name chosen at sign-up is checked like any other.

    A username is a name too, and the directory lists members who have written nothing yet.
    """
    profile_changed.send(sender=User, member=user)


@receiver(language_chosen)
def store_language(request: HttpRequest, language: str, **_kwargs: Any) -> None:
    """Store the language a member chooses for the site as the language of their emails."""
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(language=language)
