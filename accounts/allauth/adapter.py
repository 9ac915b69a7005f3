"""Adapters that customise django-allauth."""

import logging
import time
from contextlib import nullcontext
from http import HTTPStatus
from typing import Any, cast

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import Provider
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.allauth import social
from accounts.models import User
from accounts.models.names import validate_free_username
from accounts.services.code_limits import remember_device
from accounts.services.deletion import (
    deletion_at,
    deletion_of,
    make_cancel_token,
    memorial_at,
    send_cancel_link,
)
from accounts.services.mails import send_mail_about
from accounts.services.profile import free_display_name
from accounts.signals import sessions_end
from core.models import SiteSettings
from core.tasks.mail import enqueue_mail
from core.utils.email import reply_to_header
from core.utils.site_locale import language_to_keep
from core.utils.text import one_line

logger = logging.getLogger(__name__)

# Session key: the id of the invitation that was opened.
INVITATION = "invitation"

WRONG_PASSWORD = _("Wrong username/email or password.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account has been deactivated."),
        "cannot_remove_primary_email": _("This is your primary address. Make another one primary first."),
        "duplicate_email": _("You’ve already added this address."),
        "email_password_mismatch": WRONG_PASSWORD,
        "username_password_mismatch": WRONG_PASSWORD,
        "email_taken": _("This address can’t be used. Use another one."),
        "enter_current_password": _("This isn’t your current password."),
        "incorrect_code": _("That code isn’t right. Use the one in our latest email."),
        "incorrect_password": _("This isn’t your password."),
        "max_email_addresses": _("You can have up to %d addresses."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, then try again."),
        "unverified_primary_email": _("Confirm this address first, then you can make it primary."),
        "username_taken": _("This username is taken. Try another."),
        "rate_limited": _("We’ve just sent you one. Wait a moment."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether the host's setting, or an invitation, allows a sign-up.

        Invitations belong to the dashboard, which notes in the session that a valid one was opened.
        """
        mode = SiteSettings.current().sign_up
        if mode == SiteSettings.SignUp.INVITED:
            return INVITATION in getattr(request, "session", {})
        return mode == SiteSettings.SignUp.OPEN

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save the new user with name and time zone of the device (without JavaScript, the site's)."""
        user.time_zone = form.cleaned_data.get("time_zone", "")
        user.language = language_to_keep()
        user.display_name = free_display_name(form.cleaned_data.get("display_name", ""))
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def get_from_email(self) -> str:
        return SiteSettings.current().from_email

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send emails in tasks, so that a slow mail server delays nobody and response times reveal nothing.

        URLs in emails are built from SITE_URL, because the Host header of a request is not trusted.
        """
        if template_prefix == "account/email/unknown_account" and (account_deletion := deletion_at(email)):
            send_cancel_link(account_deletion)  # allauth ignores inactive accounts
            return
        if template_prefix == "account/email/unknown_account" and (remembered := memorial_at(email)):
            send_mail_about("memorial_sign_in", to=remembered)
            return
        site = {"site_name": SiteSettings.current().title, "site_url": settings.SITE_URL}
        context = {"request": self.request, "email": email} | site | context
        reader = context.get("user")
        # If the address belongs to a member, the email is in their language; otherwise in that of the page.
        with reader.reading() if isinstance(reader, User) and reader.language else nullcontext():
            mail = self.render_mail(template_prefix, email, context, headers=reply_to_header())
        enqueue_mail(cast(EmailMultiAlternatives, mail), is_urgent=True)

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Convert to lowercase, and refuse a name that could be mistaken for someone else's."""
        username = username.lower() if username.isascii() else username
        username = super().clean_username(username, shallow)
        # With `shallow` too, so that a name generated after sign-in with an external provider is replaced.
        validate_free_username(username)
        return username

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count failed sign-ins per account, whichever of its names is used.

        allauth counts per spelling of the name and Host header: another port or other capitals would start a
        new count.
        """
        name = (credentials.get("email") or credentials.get("username") or "").lower()
        member = User.objects.filter(username=name).values_list("pk", flat=True).first()
        if member is None:
            member = (
                EmailAddress.objects.filter(email=name)
                .order_by("-verified", "pk")
                .values_list("user", flat=True)
                .first()
            )
        return f"name:{name}" if member is None else f"member:{member}"

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Skip reauthentication right after signing in; allauth would ask regardless."""
        if not super().is_reauthentication_required(app=app, **kwargs):
            return False
        last = max(
            (record["at"] for record in get_authentication_records(self.request, self.request.user)),
            default=0,
        )
        return time.time() - last > app_settings.REAUTHENTICATION_TIMEOUT

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Remember this browser, so that someone else's failed guesses cannot lock the member out of it.

        A new member who came for something is not kept from it: a message leads to the welcome pages instead.
        """
        response = super().post_login(request, user, **kwargs)
        remember_device(request, response, user)
        welcome = resolve_url(settings.ACCOUNT_SIGNUP_REDIRECT_URL)
        if kwargs["signup"] and response.headers.get("Location") != welcome:
            link = format_html(
                '<a href="{}">{}</a>', welcome, gettext("Choose your name, a picture and notifications")
            )
            messages.info(request, link)
        return response

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Ask a member who signs in to an account scheduled for deletion whether they want to keep it."""
        if account_deletion := deletion_of(user):
            return redirect("accounts:stay", make_cancel_token(account_deletion))
        if user.memorial_since is not None:
            return render(request, "account/in_memory.html", {"member": user}, status=HTTPStatus.FORBIDDEN)
        return super().respond_user_inactive(request, user)

    def is_safe_url(self, url: str | None) -> bool:
        """Like allauth's check, but a URL that cannot be parsed is unsafe instead of an error."""
        try:
            return super().is_safe_url(url or "")
        except ValueError:
            return False

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """After confirming an additional address: the list of addresses.

        After sign-up: the original target.
        """
        if self.request.user.is_authenticated:
            return reverse("account_email")
        return super().get_email_verification_redirect_url(email_address)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("posts:home")


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Sign-in with external providers (docs/decisions/0021)."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Read the keys from the environment only, without a query."""
        return [
            app
            for apps in _build_apps_from_settings(provider=provider, client_id=client_id).values()
            for app in apps
        ]

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Provider,
        *args: Any,
        exception: Exception | None = None,
        **kwargs: Any,
    ) -> None:
        """Log faults of a provider or its keys, but not errors that a visitor can provoke."""
        if exception is not None:
            logger.warning("Sign-in through %s failed: %s", provider.name, one_line(repr(exception))[:500])

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Reduce a provider's data to what is used: one address and a suggested username."""
        user: User = sociallogin.user
        sociallogin.email_addresses = social.one_address(sociallogin.email_addresses)
        user.email = next((address.email for address in sociallogin.email_addresses), "")
        user.username = social.suggest_username(
            [data.get("username"), data.get("name"), data.get("first_name")]
        )
        sociallogin.account.extra_data = {"name": social.external_label(data)}
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse to connect by address alone: the owner of an existing account signs in first.

        Only then are the two accounts connected.
        """
        if sociallogin.is_existing or sociallogin.state.get("process") != "login":
            return
        if social.belongs_to_a_member(sociallogin):
            social.keep_until_sign_in(request, sociallogin)
            messages.info(
                request,
                gettext(
                    "You already have an account. Sign in as before; after that you can also use %(name)s."
                )
                % {"name": sociallogin.provider.name},
            )
            way_on = sociallogin.state.get("next")
            raise ImmediateHttpResponse(
                redirect(reverse("account_login") + (f"?{urlencode({'next': way_on})}" if way_on else ""))
            )
        social.delete_unfinished_signups(sociallogin)


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _(
            "That code isn’t right. Your app shows a new one every 30 seconds; each recovery code works once."
        ),
        "unverified_email": _("Confirm all your addresses first, or remove the unconfirmed ones."),
    }

    def _get_site_name(self) -> str:
        return SiteSettings.current().title

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("My key") if number == 1 else gettext("My key %(number)d") % {"number": number}


class SessionsAdapter(DefaultUserSessionsAdapter):
    def end_sessions(self, sessions: list[UserSession]) -> None:
        """Announce that the member is signing out these other devices, then end their sessions."""
        sessions_end.send(sender=UserSession, sessions=sessions)
        super().end_sessions(sessions)
