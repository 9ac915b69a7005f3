"""The page of a member's tokens."""

from http import HTTPStatus
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import View

from accounts.views.access import MemberRequest, MemberRequiredMixin
from api.forms import TokenForm
from api.models import Token
from api.services.tokens import end_token


class TokenListView(MemberRequiredMixin, View):
    """The tokens; POST creates one, after the member has authenticated again, and shows its key once."""

    def get(self, request: MemberRequest) -> HttpResponse:
        return self.answer(request, TokenForm(member=request.user))

    @method_decorator(reauthentication_required)
    def post(self, request: MemberRequest) -> HttpResponse:
        form = TokenForm(request.POST, member=request.user)
        made = form.save(request) if form.is_valid() else None
        if made is None:
            return self.answer(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        token, key = made
        return self.answer(request, TokenForm(member=request.user), token=token, key=key)

    def answer(
        self, request: MemberRequest, form: TokenForm, status: int = HTTPStatus.OK, **more: Any
    ) -> HttpResponse:
        tokens = Token.objects.filter(member=request.user).newest_first()
        context = {"form": form, "tokens": tokens} | more
        return render(request, "api/token_list.html", context, status=status)


class TokenDeleteView(MemberRequiredMixin, View):
    """Delete one of one's own tokens: GET asks, POST does it."""

    def get(self, request: MemberRequest, pk: int) -> HttpResponse:
        token = get_object_or_404(Token, pk=pk, member=request.user)
        return render(request, "api/token_confirm_delete.html", {"token": token})

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        end_token(get_object_or_404(Token, pk=pk, member=request.user))
        messages.success(request, _("Token deleted."))
        return redirect("api:token-list")
