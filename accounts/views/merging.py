"""Merging one's other account into this one."""

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.generic import View

from accounts.forms.merging import MergeAskForm
from accounts.models import User
from accounts.services.merging import (
    find_account,
    merge_accounts,
    read_merge_token,
    request_merge,
    why_not_merge,
)
from accounts.views.access import MemberRequest
from accounts.views.privacy import FreshSignInMixin
from core.utils.ratelimit import TooFast, check_hits
from core.web.responses import retry_later


class MergeView(FreshSignInMixin, View):
    """Request a merge: an email goes to the other account. The page is the same whether or not it exists."""

    def get(self, request: MemberRequest) -> HttpResponse:
        return self.show(MergeAskForm())

    def post(self, request: MemberRequest) -> HttpResponse:
        form = MergeAskForm(request.POST)
        if not form.is_valid():
            return self.show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            check_hits("merge", request.user.pk, settings.MERGE_RATES)
        except TooFast as error:
            form.add_error("account", _("You’ve asked several times recently. Try again in an hour."))
            return retry_later(self.show(form), error)
        other = find_account(form.cleaned_data["account"])
        if other is not None and not why_not_merge(request.user, other):
            request_merge(request.user, other)
        messages.success(
            request,
            _("If that account can be merged, we’ve emailed it a link. Open it here within an hour."),
        )
        return redirect("accounts:data")

    def show(self, form: MergeAskForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        return render(self.request, "accounts/merge.html", {"form": form}, status=status)


class MergeConfirmView(FreshSignInMixin, View):
    """The link in the email, for the member who asked: GET says what will happen, POST merges."""

    def get(self, request: MemberRequest, token: str) -> HttpResponse:
        return render(request, "accounts/merge_confirm.html", {"other": self.find_other(token)})

    def post(self, request: MemberRequest, token: str) -> HttpResponse:
        other = self.find_other(token)
        try:
            merge_accounts(request.user, other, by=request.user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return redirect("accounts:data")
        messages.success(request, _("%(name)s is now part of this account.") % {"name": f"@{other.username}"})
        return redirect("accounts:own-page")

    def find_other(self, token: str) -> User:
        other = read_merge_token(token, self.request.user)
        if other is None:
            raise Http404
        return other
