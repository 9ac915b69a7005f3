"""The moderation queue, and one case in it."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.views.access import MemberRequest
from comments.models import Comment
from core.utils.pagination import Cursor
from core.utils.writer_slots import unless_locked
from moderation.forms.decisions import DecisionForm
from moderation.models import Decision, ReviewLock
from moderation.services import cases, decisions, queue, review_locks
from moderation.services.groups import Members, members_of
from moderation.views.access import ModeratorRequiredMixin
from moderation.views.results import DoneMixin, back_to, carry_out, ids_in


class CaseMixin:
    """Base of pages with a case. Opening a held comment locks it, so that a colleague gets another one."""

    request: MemberRequest

    def get_case_context(
        self, comment: Comment | None, seen: queue.Seen, form: DecisionForm | None = None
    ) -> dict[str, Any]:
        case = cases.open_case(comment) if comment else None
        claim = self._claim(case) if case and case.is_waiting else None
        return {
            "case": case,
            "claim": claim if claim and claim.moderator_id != self.request.user.pk else None,
            "may_show": comment is None or decisions.may_show(comment, self.request.user),
            "case_form": form or DecisionForm(initial={"seen": seen}, auto_id="case_%s"),
        }

    def _claim(self, case: cases.Case) -> ReviewLock | None:
        if self.request.method == "GET":
            with unless_locked():
                return review_locks.lock(case.comment, by=self.request.user)
        return review_locks.locked_by_colleagues([case.comment], of=self.request.user).get(case.comment.pk)


class QueueView(ModeratorRequiredMixin, CaseMixin, DoneMixin, TemplateView):
    """The queue, oldest first, with one case: that of ?item=, or the first that is not locked."""

    template_name = "moderation/queue.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind = self.request.GET.get("kind", "")
        kind = kind if kind in queue.Kind.values else queue.Kind.ALL.value
        after = Cursor.read(self.request.GET.get("after", ""))
        seen = queue.seen_now()
        page = queue.page(after, kind)
        claims = review_locks.locked_by_colleagues(page.rows, of=self.request.user)
        comment = self.get_item(page, claims)
        form = kwargs.pop("form", None)
        is_case = form is not None and form.data.get("form") == "case"
        return super().get_context_data(
            **kwargs,
            **self.get_case_context(comment, seen, form if is_case else None),
            page=page,
            kind=kind,
            # The URL of this part of the queue, to which an item is appended.
            here=urlencode(
                [
                    *([("kind", kind)] if kind else []),
                    *([("after", str(after))] if after else []),
                    ("item", ""),
                ]
            ),
            summary=queue.summary(),
            claims=claims,
            beside=queue.beside(page, comment),
            # After a decision: skip comments that colleagues have locked.
            next_free=queue.beside(page, comment, passing=claims).next,
            all_chosen=self.request.GET.get("all") == "1",
            form=form,
            list_form=form
            if form is not None and not is_case
            else DecisionForm(initial={"seen": seen}, auto_id="list_%s"),
        )

    def get_item(self, page: queue.Page, claims: dict[int, ReviewLock]) -> Comment | None:
        requested = ids_in(self.request.GET.get("item", ""))[:1]
        free = [row.pk for row in page.rows if row.pk not in claims] or [row.pk for row in page.rows]
        found = (cases.openable(pk) for pk in [*requested, *free[:1]])
        return next((comment for comment in found if comment is not None), None)


class QueueCountView(ModeratorRequiredMixin, TemplateView):
    """The current number of held comments, for open pages."""

    template_name = "moderation/_counts.html"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """base: the number when the page was rendered; known: the last number sent. 204: unchanged."""
        base, known = ((ids_in(request.GET.get(name, "")) or [0])[0] for name in ("base", "known"))
        summary = queue.summary()
        if summary.all == known:
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        return self.render_to_response({"summary": summary, "base": base, "more": summary.all - base})


class CommentReviewView(ModeratorRequiredMixin, CaseMixin, DoneMixin, TemplateView):
    """One case, open or decided. A link may propose a decision (?decide=), which needs confirmation."""

    template_name = "moderation/comment_review.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        seen = queue.seen_now()
        comment = cases.openable(self.kwargs["pk"])
        if comment is None:
            raise Http404
        context = super().get_context_data(**kwargs, **self.get_case_context(comment, seen))
        proposed = self.request.GET.get("decide", "")
        is_possible = proposed in Decision.STATUS_AFTER and (
            context["may_show"] or proposed != Decision.Action.APPROVE
        )
        return context | {
            "proposed": proposed
            if is_possible and context["case"].is_waiting and not context["claim"]
            else ""
        }


class ReviewLockCreateView(ModeratorRequiredMixin, View):
    """Take over a comment that a colleague has opened."""

    http_method_names = ["post"]

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = get_object_or_404(cases.openable_by(request.user), pk=pk)
        review_locks.lock(comment, by=request.user, and_take_over=True)
        messages.success(
            request, _("You’re now reviewing the comment by %(name)s.") % {"name": comment.author_name}
        )
        return back_to(request)


class GroupReviewView(ModeratorRequiredMixin, TemplateView):
    """Related comments, and one decision about all of them after confirmation."""

    template_name = "moderation/group_review.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.wish = request.POST if request.method == "POST" else request.GET

    @cached_property
    def comment(self) -> Comment:
        return get_object_or_404(cases.openable_by(self.request.user), pk=self.kwargs["pk"])

    @cached_property
    def members(self) -> Members:
        with_public = self.wish.get("public") == "1"
        found = members_of(
            self.comment, self.wish.get("by", ""), self.wish.get("mark", "")[:260], with_public=with_public
        )
        if found is None:
            raise Http404
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", DecisionForm(initial={"seen": queue.seen_now()}))
        return super().get_context_data(
            **kwargs,
            comment=self.comment,
            members=self.members,
            with_public=self.wish.get("public") == "1",
            claims=review_locks.locked_by_colleagues(self.members.comments, of=self.request.user),
            may_show=all(decisions.may_show(comment, self.request.user) for comment in self.members.comments),
        )

    def post(self, request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = DecisionForm(request.POST)
        if form.is_valid() and request.POST.get("sure") == form.cleaned_data["action"]:
            return back_to(request, done=carry_out(request, form), target=self.go_on())
        if not self.is_there:
            messages.warning(
                request,
                _(
                    "Nothing was changed: these comments no longer belong together, or one of the decisions was undone."
                ),
            )
            return redirect("moderation:queue")
        if not form.is_valid():
            return self.render_to_response(
                self.get_context_data(form=form), status=HTTPStatus.UNPROCESSABLE_ENTITY
            )
        chosen = Members(self.members.group, form.cleaned_data["comments"])
        return self.render_to_response(
            self.get_context_data(form=form, chosen=chosen, action=form.cleaned_data["action"])
        )

    @property
    def is_there(self) -> bool:
        """Whether the comment that led to the group still exists unchanged.

        Its author may have deleted or edited it in the meantime.
        """
        try:
            return bool(self.members)
        except Http404:
            return False

    def go_on(self) -> str:
        """The rest of a group that is too large for one decision; otherwise ""."""
        if not self.is_there or not self.members.comments:
            return ""
        return f"{reverse('moderation:queue')}?{urlencode({'item': self.members.comments[0].pk})}"


class DecisionCreateView(QueueView):
    """Apply a moderator's decision to one comment or several."""

    http_method_names = ["post"]

    def post(self, request: MemberRequest) -> HttpResponse:
        form = DecisionForm(
            request.POST, auto_id="case_%s" if request.POST.get("form") == "case" else "list_%s"
        )
        if not form.is_valid():
            return self.render_to_response(
                self.get_context_data(form=form), status=HTTPStatus.UNPROCESSABLE_ENTITY
            )
        return back_to(request, done=carry_out(request, form))

    def get_item(self, page: queue.Page, claims: dict[int, ReviewLock]) -> Comment | None:
        chosen = self.request.POST.getlist("comments")
        if self.request.POST.get("form") == "case" and (ids := ids_in(",".join(chosen[:1]))):
            return cases.openable_by(self.request.user).filter(pk__in=ids).first() or super().get_item(
                page, claims
            )
        return super().get_item(page, claims)
