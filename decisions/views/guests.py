"""Inviting guests, and the page behind their link."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accounts.models import User
from accounts.models.querysets import set_moderator_flags
from accounts.services.deletion import addresses_of
from accounts.views.access import MemberRequest
from comments.models.submission import Submission
from comments.services.discussion import rules_of
from comments.views.results import refuse
from core.utils.ratelimit import TooFast
from core.web.kept_text import kept_text
from decisions.forms.settling import InviteForm
from decisions.forms.taking_part import PositionForm, VoteForm
from decisions.models import Position
from decisions.services.inviting import (
    has_opted_out,
    invite,
    invite_again,
    link_of,
    read_link,
    stop_inviting,
    withdraw,
)
from decisions.services.positions import position_of_guest, positions_of, take_position_as_guest, tally_of
from decisions.services.voting import cast_as_guest, choices_of, results_of
from decisions.views.reading import show, show_again
from decisions.views.settling import SettlingView
from decisions.views.taking_part import vote_message
from posts.models import Post


class InviteView(SettlingView):
    """POST `people`: names and addresses, one per line."""

    def post(self, request: MemberRequest, key: str) -> HttpResponse:
        decision = self.get_decision(request, key)
        form = InviteForm(request.POST)
        if form.is_valid():
            try:
                count = invite(decision, form.cleaned_data["people"], by=request.user)
            except ValidationError as error:
                form.add_error("people", error)
            else:
                if count:
                    message = ngettext("%(count)d person is invited.", "%(count)d people are invited.", count)
                    messages.success(request, message % {"count": count})
                else:
                    messages.info(request, _("Nothing was changed."))
                return show_again(request, decision, "invite_form", "#guests")
        return show(request, decision, HTTPStatus.UNPROCESSABLE_ENTITY, invite_form=form)


class WithdrawView(SettlingView):
    """POST `guest`: the key of a guest who has not taken part."""

    def post(self, request: MemberRequest, key: str) -> HttpResponse:
        decision = self.get_decision(request, key)
        try:
            is_withdrawn = withdraw(decision, UUID(request.POST.get("guest", "")).hex)
        except ValueError:
            is_withdrawn = False
        if is_withdrawn:
            messages.success(request, _("The invitation was withdrawn."))
        else:
            messages.info(request, _("This guest has taken part, or isn’t invited any more."))
        return show_again(request, decision, place="#guests")


class LinkView(View):
    """Identify the guest by the link, unless someone with another address is signed in.

    works_always: even while the poll is hidden from everyone.
    """

    works_always = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        guest = read_link(kwargs["token"])
        if guest is None or not (guest.decision.is_shown or self.works_always):
            raise Http404
        self.guest, self.decision = guest, guest.decision
        response = (
            self.withdrawn_response(request)
            if guest.withdrawn_at is not None and not self.works_always
            else super().dispatch(request, *args, **kwargs)
        )
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "same-origin"
        response["Cache-Control"] = "private, no-store"
        return response

    def withdrawn_response(self, request: HttpRequest) -> HttpResponse:
        """The page that says so, with the text they have typed."""
        context = {"decision": self.decision, **kept_text(request, may_send_again=False)}
        return render(request, "decisions/withdrawn.html", context, status=HTTPStatus.GONE)

    @property
    def belongs_to_another(self) -> bool:
        user = self.request.user
        return isinstance(user, User) and self.guest.email not in addresses_of(user)


class ByLinkView(LinkView):
    """Vote or take a position. After the end, see the result."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.answer(self.form())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        form = self.form(request.POST)
        if self.belongs_to_another:
            return self.answer(form, HTTPStatus.FORBIDDEN)
        if not form.is_valid():
            return self.answer(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        return self.note_vote(form) if isinstance(form, VoteForm) else self.note_position(form)

    def note_vote(self, form: VoteForm) -> HttpResponse:
        try:
            became = cast_as_guest(self.guest, form.chosen)
        except ValidationError as error:
            form.add_error(None, error)
            return self.answer(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        messages.success(self.request, vote_message(became))
        return redirect(self.request.path)

    def note_position(self, form: PositionForm) -> HttpResponse:
        data = form.cleaned_data
        try:
            comment = take_position_as_guest(
                self.guest,
                stance=data["stance"],
                reason=data["body"],
                submission=Submission.of(self.request),
            )
        except (ValidationError, TooFast) as error:
            return self.answer(form, refuse(form, error))
        if comment.is_held:
            message = _("Your position is awaiting review. It counts once its reason is public.")
            messages.warning(self.request, message)
        else:
            messages.success(self.request, _("Your position was counted."))
        return redirect(self.request.path)

    def form(self, data: Any = None) -> VoteForm | PositionForm:
        if not self.decision.is_poll:
            return PositionForm(data, initial={"stance": self.position.stance if self.position else ""})
        is_named = not self.decision.is_secret
        before = choices_of(self.guest.voter) if self.guest.voter and is_named else []
        return VoteForm(
            data, decision=self.decision, options=list(self.decision.options.all()), before=before
        )

    @cached_property
    def position(self) -> Position | None:
        return position_of_guest(self.guest)

    def answer(self, form: VoteForm | PositionForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        decision = self.decision
        set_moderator_flags([decision.outcome.author] if decision.outcome and decision.outcome.author else [])
        context = {
            "guest": self.guest,
            "decision": decision,
            "belongs_to_another": self.belongs_to_another,
            "outcome": decision.outcome if decision.outcome and decision.outcome.is_public else None,
            "post": self.post_for_visitors(),
        }
        if isinstance(form, VoteForm):
            results = results_of(decision) if decision.shows_results else None
            context |= {
                "vote_form": form,
                "options": form.options,
                "mine": self.guest.voter,
                "results": results,
            }
        else:
            takes_comments = rules_of(decision.comment.post).is_open
            context |= {"position_form": form, "mine": self.position, "takes_comments": takes_comments}
            positions = positions_of(decision)
            set_moderator_flags(one.reason.author for one in positions if one.reason.author)
            context |= {"tally": tally_of(decision), "positions": positions}
        if self.belongs_to_another:  # someone else signed in since the page was opened; keep the text
            context |= kept_text(self.request, may_send_again=False)
        return render(self.request, "decisions/by_link.html", context, status=status)

    def post_for_visitors(self) -> Post | None:
        """The post of the discussion, if the guest may read it."""
        return Post.objects.readable_by(self.request.user).filter(pk=self.decision.comment.post_id).first()


@method_decorator(csrf_exempt, name="dispatch")
class InvitationOptOutView(LinkView):
    """GET asks. POST opts out, as a mail client's one-click does (RFC 8058), or back in with `turn=on`."""

    works_always = True

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.answer()

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if request.POST.get("turn") == "on":
            invite_again(self.guest)
        else:
            stop_inviting(self.guest)
        return self.answer()

    def answer(self) -> HttpResponse:
        is_link_open = self.decision.is_shown and self.guest.withdrawn_at is None
        context = {
            "guest": self.guest,
            "is_off": has_opted_out(self.guest.email),
            "back": link_of(self.guest) if is_link_open else "",
            "title": self.decision.title,
        }
        return render(self.request, "decisions/no_more.html", context)
