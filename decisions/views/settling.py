"""Actions of the author and hosts: the next stage, the end, the outcome, the review."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views import View

from accounts.views.access import MemberRequest, MemberRequiredMixin
from comments.services.notices import held_message
from comments.views.results import refuse
from core.utils.ratelimit import TooFast
from decisions.forms.settling import OutcomeForm, ReviewForm
from decisions.models import Decision
from decisions.services.asking import may_settle
from decisions.services.positions import move_on
from decisions.services.settling import close, put_off_review, state_outcome
from decisions.views.reading import get_decision, show, show_again


class SettlingView(MemberRequiredMixin, View):
    def get_decision(self, request: MemberRequest, key: str) -> Decision:
        decision = get_decision(request, key)
        if not may_settle(decision, request.user):
            raise PermissionDenied(_("Only its author and hosts can do this."))
        return decision

    def get(self, request: MemberRequest, key: str) -> HttpResponse:
        return redirect(self.get_decision(request, key))


class StageView(SettlingView):
    """POST `stage`: the next stage."""

    def post(self, request: MemberRequest, key: str) -> HttpResponse:
        decision = self.get_decision(request, key)
        if move_on(decision, request.POST.get("stage", "")):
            messages.success(request, _("Saved."))
        else:
            messages.info(request, _("Someone has already done that."))
        return show_again(request, decision)


class CloseView(SettlingView):
    """POST asks; with `sure` it closes, with `cancel` it leads back."""

    def post(self, request: MemberRequest, key: str) -> HttpResponse:
        decision = self.get_decision(request, key)
        if "cancel" in request.POST:
            return show_again(request, decision)
        if "sure" not in request.POST and not decision.is_over:
            return show(request, decision, asks_to_close=True)
        try:
            close(decision, by=request.user)
        except ValidationError as error:
            messages.info(request, error.message)
        else:
            messages.success(request, _("Closed."))
        return show_again(request, decision, place="#outcome")


class OutcomeView(SettlingView):
    def post(self, request: MemberRequest, key: str) -> HttpResponse:
        decision = self.get_decision(request, key)
        form = OutcomeForm.of(request.POST)
        if not form.is_valid():
            return show(request, decision, HTTPStatus.UNPROCESSABLE_ENTITY, outcome_form=form)
        data = form.cleaned_data
        try:
            comment = state_outcome(decision, text=data["body"], review_on=data["review_on"], by=request.user)
        except (ValidationError, TooFast) as error:
            return show(request, decision, refuse(form, error), outcome_form=form)
        if comment.is_held:
            messages.warning(request, held_message(comment))
        else:
            messages.success(request, _("The outcome is published."))
        return show_again(request, decision, "outcome_form", "#outcome")


class ReviewView(SettlingView):
    """POST `review_on`: the date of the next review."""

    def post(self, request: MemberRequest, key: str) -> HttpResponse:
        decision = self.get_decision(request, key)
        form = ReviewForm(request.POST)
        if not form.is_valid():
            return show(request, decision, HTTPStatus.UNPROCESSABLE_ENTITY, review_form=form)
        put_off_review(decision, form.cleaned_data["review_on"])
        messages.success(request, _("Saved."))
        return show_again(request, decision, "review_form", "#outcome")
