"""The list of polls and proposals, and the page of each."""

from http import HTTPStatus
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View
from django.views.generic import TemplateView

from accounts.models import User
from accounts.models.querysets import set_moderator_flags
from accounts.services.permissions import why_not_write
from comments.services.discussion import rules_of
from comments.thread.pagination import read_number
from decisions.forms.settling import InviteForm, OutcomeForm, ReviewForm
from decisions.forms.taking_part import PositionForm, VoteForm
from decisions.models import Decision, DecisionSettings, Position
from decisions.services.asking import is_host, may_ask, may_settle
from decisions.services.positions import position_of, positions_of, tally_of
from decisions.services.voting import has_voted, results_of, vote_of
from decisions.views.typed import keep_typed

ON_A_PAGE = 30
OPEN_SHOWN = 50


class DecisionListView(TemplateView):
    """Open decisions, then past ones. `?before=`: older past ones; `?open_before=`: older open ones."""

    template_name = "decisions/decision_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reader = self.request.user
        before = read_number(self.request.GET.get("before", ""))
        open_before = read_number(self.request.GET.get("open_before", ""))
        there = Decision.objects.discoverable_by(reader)
        over = there.over().filter(pk__lt=before) if before else there.over()
        is_open = there.open().filter(pk__lt=open_before) if open_before else there.open()
        page = [] if open_before else list(over.newest(ON_A_PAGE + 1))
        open_page = [] if before else list(is_open.newest(OPEN_SHOWN + 1))
        return super().get_context_data(**kwargs) | {
            "open": open_page[:OPEN_SHOWN],
            "older_open": open_page[OPEN_SHOWN - 1].pk if len(open_page) > OPEN_SHOWN else None,
            "shows": "open" if open_before else "over" if before else "both",
            "over": page[:ON_A_PAGE],
            "older": page[ON_A_PAGE - 1].pk if len(page) > ON_A_PAGE else None,
            "is_first": not (before or open_before),
            "may_ask": may_ask(reader),
            "may_set": reader.has_perm("decisions.change_decisionsettings"),
            "members_ask": DecisionSettings.current().members_ask,
        }


def get_decision(request: HttpRequest, key: str) -> Decision:
    """The decision, if the reader may see its comment and post. Raises Http404."""
    decision = Decision.objects.readable_by(request.user).with_all().filter(key=key).first()
    if decision is None:
        raise Http404
    return decision


class DecisionDetailView(View):
    """A poll or a proposal, with the forms that this reader may submit."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return show(request, get_decision(request, key))


def show(
    request: HttpRequest, decision: Decision, status: HTTPStatus = HTTPStatus.OK, **forms: Any
) -> HttpResponse:
    """The page. forms: submitted forms with errors, which replace the empty ones."""
    context = context_of(request, decision)
    keep_typed(context, request.POST, *forms)
    return render(request, "decisions/decision_detail.html", context | forms, status=status)


def show_again(request: HttpRequest, decision: Decision, done: str = "", place: str = "") -> HttpResponse:
    """After an action: redirect to the page, or show it with the text typed into its other forms.

    done: the form that was processed.
    """
    page = f"{decision.get_absolute_url()}{place}"
    context = context_of(request, get_decision(request, decision.key))
    if not keep_typed(context, request.POST, done):
        return redirect(page)
    return render(request, "decisions/decision_detail.html", context)


def context_of(request: HttpRequest, decision: Decision) -> dict[str, Any]:
    reader = request.user
    set_moderator_flags([decision.comment.author] if decision.comment.author else [])
    settles = may_settle(decision, reader)
    context: dict[str, Any] = {
        "decision": decision,
        "post": decision.comment.post,
        "is_member": reader.is_authenticated,
        "why_not": why_not_write(reader) if isinstance(reader, User) else "",
        "may_settle": settles,
        "may_host": is_host(reader),
        "outcome": decision.outcome if decision.outcome and decision.outcome.is_public else None,
    }
    context |= poll_context(decision, reader) if decision.is_poll else proposal_context(decision, reader)
    if settles and decision.is_over and not decision.has_outcome:
        context["outcome_form"] = OutcomeForm(initial={"review_on": decision.review_on})
    if decision.takes_positions:  # the reasons are comments
        context["takes_comments"] = rules_of(decision.comment.post).is_open
    if settles and decision.has_outcome:
        context["review_form"] = ReviewForm(initial={"review_on": decision.review_on})
    if settles and decision.is_shown and not decision.is_over:
        invited = decision.guests.invited().order_by("created_at", "email")
        has_position = Exists(Position.objects.filter(guest=OuterRef("pk")))
        context |= {"invite_form": InviteForm(), "guests": invited.annotate(took_a_position=has_position)}
    return context


def poll_context(decision: Decision, reader: Any) -> dict[str, Any]:
    context: dict[str, Any] = {}
    if decision.shows_results:
        context["results"] = results_of(decision)
    options = [line.option for line in context["results"].lines] if context else list(decision.options.all())
    context["options"] = options
    if isinstance(reader, User):
        mine = [] if decision.is_secret else vote_of(decision, reader)
        context["mine"] = mine
        context["has_voted"] = bool(mine) or has_voted(decision, reader)
        context["vote_form"] = VoteForm(decision=decision, options=options, before=mine)
    return context


def proposal_context(decision: Decision, reader: Any) -> dict[str, Any]:
    positions = positions_of(decision)
    set_moderator_flags(one.reason.author for one in positions if one.reason.author)
    mine = position_of(decision, reader) if isinstance(reader, User) else None
    return {
        "tally": tally_of(decision),
        "positions": positions,
        "mine": mine,
        "position_form": PositionForm(initial={"stance": mine.stance if mine else ""}),
        "stages": Decision.Stage.choices,
    }
