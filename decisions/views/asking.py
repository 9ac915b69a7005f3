"""Opening a poll or a proposal."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from accounts.views.access import MemberRequest, MemberRequiredMixin
from comments.services.highlights import pin
from comments.services.notices import held_message
from comments.views.results import refuse
from core.utils.ratelimit import TooFast
from decisions.forms.asking import AskForm, PollForm, ProposalForm
from decisions.services.asking import is_host, may_ask, open_decision

FORMS: dict[str, type[PollForm | ProposalForm]] = {"poll": PollForm, "proposal": ProposalForm}


class AskView(MemberRequiredMixin, View):
    """The form. `?post=` preselects a post by slug."""

    kind = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not may_ask(request.user):
            raise PermissionDenied(_("Only hosts can open polls and proposals here."))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: MemberRequest) -> HttpResponse:
        return self.answer(request, FORMS[self.kind](author=request.user, wanted=request.GET.get("post", "")))

    def post(self, request: MemberRequest) -> HttpResponse:
        form = FORMS[self.kind](request.POST, author=request.user)
        if not form.is_valid():
            return self.answer(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            decision = open_decision(
                form.plan, post=form.chosen_post, by=request.user, key=form.cleaned_data["key"]
            )
        except (ValidationError, TooFast) as error:
            return self.answer(request, form, refuse(form, error))
        if decision.comment.is_held:
            messages.warning(request, held_message(decision.comment))
        else:
            messages.success(request, _("Saved.") if decision.is_to_come else _("It’s open."))
            if is_host(request.user) and request.POST.get("pin"):
                pin(decision.comment)
        return redirect(decision)

    def answer(
        self, request: MemberRequest, form: AskForm, status: HTTPStatus = HTTPStatus.OK
    ) -> HttpResponse:
        context = {"form": form, "kind": self.kind, "may_host": is_host(request.user)}
        return render(request, "decisions/decision_form.html", context, status=status)
