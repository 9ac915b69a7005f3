"""Data export and account deletion."""

from http import HTTPStatus
from typing import Any

from allauth.account import app_settings as allauth_settings
from allauth.account.internal.flows import reauthentication
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from accounts.forms.privacy import AccountDeletionForm
from accounts.services.deletion import cancel_deletion, read_cancel_token, request_deletion, why_not
from accounts.services.export import private_storage, request_export
from accounts.views.access import MemberRequest, MemberRequiredMixin
from core.models import SiteSettings
from core.utils.dates import date_format
from core.utils.ratelimit import TooFast


class FreshSignInMixin(MemberRequiredMixin):
    """Require reauthentication, for actions that an unlocked screen must not be enough for.

    allauth asks for the password or a second factor. Members without both sign in again with a code.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            if reauthentication.get_reauthentication_flows(request.user):
                if reauthentication.is_reauthentication_required(request, app="account"):
                    raise ReauthenticationRequired
            elif not self.signed_in_just_now(request):
                return self.ask_for_code(request)
        return super().dispatch(request, *args, **kwargs)

    def signed_in_just_now(self, request: HttpRequest) -> bool:
        moments = [record["at"] for record in get_authentication_records(request, request.user)]
        return (
            bool(moments)
            and timezone.now().timestamp() - max(moments) < allauth_settings.REAUTHENTICATION_TIMEOUT
        )

    def ask_for_code(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and "sign_in_again" in request.POST:
            logout(request)
            return redirect(f"{reverse('account_request_login_code')}?{urlencode({'next': request.path})}")
        return render(request, "accounts/sign_in_again.html")


class DataView(MemberRequiredMixin, TemplateView):
    """The page for data export, claims and account deletion."""

    template_name = "accounts/data.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "exports": self.request.user.data_exports.order_by("-asked_at"),
            "why_not_leave": why_not(self.request.user),
        }


class DataExportCreateView(MemberRequiredMixin, View):
    """POST: request a data export."""

    def post(self, request: MemberRequest) -> HttpResponse:
        try:
            request_export(request.user)
        except TooFast as error:
            sentence = ngettext(
                "You’ve asked several times recently. Try again in %(count)d hour.",
                "You’ve asked several times recently. Try again in %(count)d hours.",
                error.wait_hours,
            )
            messages.warning(request, sentence % {"count": error.wait_hours})
        else:
            messages.success(request, _("We’re preparing your data and will email you when it’s ready."))
        return redirect("accounts:data")


class DataExportDownloadView(FreshSignInMixin, View):
    """The exported file, for its owner only."""

    def get(self, request: MemberRequest, pk: int) -> HttpResponseBase:
        export = get_object_or_404(request.user.data_exports.exclude(ready_at=None), pk=pk)
        try:
            file = private_storage().open(export.file)
        except FileNotFoundError:  # deleted by the sweep a moment ago
            raise Http404 from None
        name = f"{slugify(SiteSettings.current().title) or 'data'}-{request.user.username}-{export.asked_at:%Y-%m-%d}.zip"
        response = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
        response["Cache-Control"] = "private, no-store"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response


class AccountDeletionView(FreshSignInMixin, View):
    """Delete the account: choose what happens to the comments, and confirm.

    It is carried out after a week.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and (reason := why_not(request.user)):
            raise PermissionDenied(reason)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: MemberRequest) -> HttpResponse:
        return self.show(AccountDeletionForm())

    def post(self, request: MemberRequest) -> HttpResponse:
        form = AccountDeletionForm(request.POST)
        if not form.is_valid():
            return self.show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        account_deletion = request_deletion(request.user, form.cleaned_data["words"])
        logout(request)
        day = date_format(timezone.localtime(account_deletion.due_at), "DATETIME_FORMAT")
        messages.success(
            request,
            _("Your account is scheduled for deletion on %(day)s. Sign in before then to keep it.")
            % {"day": day},
        )
        return redirect("posts:home")

    def show(self, form: AccountDeletionForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        return render(self.request, "accounts/leave.html", {"form": form}, status=status)


class AccountDeletionCancelView(View):
    """The link in the email, also shown after signing in: GET asks, POST cancels. Needs no sign-in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = read_cancel_token(kwargs["token"])
        if found is None:
            raise Http404
        self.member, self.account_deletion = found
        response = super().dispatch(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        # Not "no-referrer": browsers would then send no Origin with the form, and the CSRF check would refuse
        # it.
        response["Referrer-Policy"] = "same-origin"
        response["Cache-Control"] = "no-store"
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        # A deleted account has no name, so there is nothing to show.
        if self.account_deletion is None and not self.member.is_active:
            raise Http404
        return render(request, "accounts/stay.html", {"account_deletion": self.account_deletion})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if self.account_deletion is None or not cancel_deletion(self.account_deletion):
            return self.get(request, token)
        messages.success(request, _("Your account is kept. Sign in to continue."))
        return redirect("account_login")
