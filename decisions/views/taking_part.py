"""Votes and positions."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views import View

from accounts.views.access import MemberRequest, MemberRequiredMixin
from comments.models.submission import Submission
from comments.services.notices import held_message
from comments.views.results import refuse
from core.utils.ratelimit import TooFast
from decisions.forms.taking_part import PositionForm, VoteForm
from decisions.models import Decision
from decisions.services.positions import take_position
from decisions.services.voting import VoteEffect, cast_vote
from decisions.views.reading import get_decision, show, show_again


def vote_message(became: VoteEffect) -> str:
    return {
        VoteEffect.COUNTED: _("Your vote was counted."),
        VoteEffect.CHANGED: _("Your vote was changed."),
        VoteEffect.SAME: _("You’ve already voted for this. Nothing was changed."),
    }[became]


class TakingPartView(MemberRequiredMixin, View):
    """Base of views for votes and positions.

    GET redirects to the page: signing in again repeats an expired POST as a GET.
    """

    kind = Decision.Kind.POLL

    def get_decision(self, request: MemberRequest, key: str) -> Decision:
        decision = get_decision(request, key)
        if decision.kind != self.kind or not (request.method == "GET" or decision.comment.is_public):
            raise Http404
        return decision

    def get(self, request: MemberRequest, key: str) -> HttpResponse:
        return redirect(self.get_decision(request, key))


class VoteView(TakingPartView):
    def post(self, request: MemberRequest, key: str) -> HttpResponse:
        decision = self.get_decision(request, key)
        form = VoteForm(request.POST, decision=decision, options=list(decision.options.all()))
        if not form.is_valid():
            return show(request, decision, HTTPStatus.UNPROCESSABLE_ENTITY, vote_form=form)
        try:
            became = cast_vote(decision, request.user, form.chosen)
        except ValidationError as error:
            form.add_error(None, error)
            return show(request, decision, HTTPStatus.UNPROCESSABLE_ENTITY, vote_form=form)
        messages.success(request, vote_message(became))
        return show_again(request, decision, "vote_form", "#vote")


class PositionView(TakingPartView):
    kind = Decision.Kind.PROPOSAL

    def post(self, request: MemberRequest, key: str) -> HttpResponse:
        decision = self.get_decision(request, key)
        form = PositionForm(request.POST)
        if not form.is_valid():
            return show(request, decision, HTTPStatus.UNPROCESSABLE_ENTITY, position_form=form)
        data = form.cleaned_data
        try:
            comment = take_position(
                decision,
                stance=data["stance"],
                reason=data["body"],
                by=request.user,
                submission=Submission.of(request),
            )
        except (ValidationError, TooFast) as error:
            return show(request, decision, refuse(form, error), position_form=form)
        if comment.is_held:
            messages.warning(request, held_message(comment))
        else:
            messages.success(request, _("Your position was counted."))
        return show_again(request, decision, "position_form", "#positions")
