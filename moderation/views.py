import json
import uuid
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView, TemplateView, UpdateView, View

from accounts.models import User
from comments.branches import posts_to_move_to
from comments.models import Comment
from comments.submission import Submission
from core.paging import Cursor
from core.patience import unless_locked
from core.ratelimit import TooFast
from core.views import is_own_path
from moderation import queue, services
from moderation.branches import look_at
from moderation.forms import MAX_ID, BranchMoveForm, BranchSplitForm, DecisionForm, ModerationSettingsForm, PostSearchForm, ReportForm, UndoForm
from moderation.groups import Members, members_of
from moderation.models import Claim, Decision, ModerationSettings, Report
from moderation.strictness import ENOUGH, read_record

POSTS_FOUND = 10


class ModeratorRequiredMixin(UserPassesTestMixin):
    """Signed out: to the sign-in. Signed in without the permission: a sentence that says so."""

    permission_denied_message = gettext_lazy("Only moderators look through what waits and what was reported.")

    def test_func(self) -> bool:
        return self.request.user.is_authenticated and self.request.user.is_moderator

    def handle_no_permission(self) -> HttpResponse:
        if self.request.method == "POST" and not self.request.user.is_authenticated:
            # The sign-in comes back with a GET, which the addresses for acts do not answer.
            return redirect_to_login(reverse("moderation:queue"), settings.LOGIN_URL)
        return super().handle_no_permission()


def back_to(request: HttpRequest, *, done: list[Decision] | None = None, target: str = "") -> HttpResponse:
    """Where a moderator came from, or to the target, with the decisions to be offered for taking back. Never to another site."""
    target = target or request.POST.get("next", "")
    if not is_own_path(target):
        target = reverse("moderation:queue")
    parts = urlsplit(target)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "done"]
    if done and parts.path.startswith(reverse("moderation:queue")):
        query.append(("done", str(done[0].batch or done[0].pk)))
    elif done:
        messages.success(request, _("%(what)s You can take it back under Review, Decisions.") % {"what": said(done)})
    return HttpResponseRedirect(urlunsplit(("", "", parts.path, urlencode(query), "" if done else parts.fragment)))


def said(decisions: list[Decision]) -> str:
    """What was done, in a sentence."""
    names = {"name": decisions[0].comment.author_name, "count": len(decisions)}
    if decisions[0].action == Decision.Action.APPROVE:
        return ngettext("Approved: what %(name)s wrote.", "Approved: %(count)d comments.", len(decisions)) % names
    if decisions[0].action == Decision.Action.REMOVE:
        return ngettext("Removed: what %(name)s wrote.", "Removed: %(count)d comments.", len(decisions)) % names
    if decisions[0].action == Decision.Action.MOVE:
        return _("Moved: what %(name)s wrote, and the answers to it.") % names
    if decisions[0].action == Decision.Action.SPLIT:
        return _("A post of its own now: what %(name)s wrote, and the answers to it.") % names
    return ngettext("Marked as spam: what %(name)s wrote.", "Marked as spam: %(count)d comments.", len(decisions)) % names


def ids_in(text: str) -> list[int]:
    """Primary keys out of an address, such as "3,4". What is none is passed over."""
    parts = text.split(",")[: settings.DECISION_MAX_COMMENTS]
    return [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 20 and int(part) <= MAX_ID]


def decisions_named(text: str) -> Q | None:
    """The decision, or all those made together, that an address names."""
    if "-" in text:
        try:
            return Q(batch=uuid.UUID(text))
        except ValueError:
            return None
    ids = ids_in(text)
    return Q(pk__in=ids) if ids else None


class DoneMixin:
    """Adds what has just been decided, as long as it can be taken back."""

    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)  # type: ignore[misc]
        named = decisions_named(self.request.GET.get("done", ""))
        if named:
            mine = Decision.objects.filter(named, moderator=self.request.user).with_undoable()
            done = list(mine.filter(is_undoable=True).select_related("comment__author").newest_first())
            if done:
                context |= {"done": done, "done_words": said(done)}
        return context


class CaseMixin:
    """For pages with a case: opening what waits claims it, so that a colleague who comes meanwhile takes another one."""

    request: HttpRequest

    def get_case_context(self, comment: Comment | None, seen: queue.Seen, form: DecisionForm | None = None) -> dict[str, Any]:
        case = queue.open_case(comment, self.request.user) if comment else None
        claim = self._claim(case) if case and case.is_waiting else None
        return {
            "case": case,
            "claim": claim if claim and claim.moderator_id != self.request.user.pk else None,
            "may_show": comment is None or services.may_show(comment, self.request.user),
            "case_form": form or DecisionForm(initial={"seen": seen}, auto_id="case_%s"),
        }

    def _claim(self, case: queue.Case) -> Claim | None:
        if self.request.method == "GET":
            with unless_locked():
                return services.claim(case.comment, by=self.request.user)
        return services.held_by_colleagues([case.comment], of=self.request.user).get(case.comment.pk)


class QueueView(ModeratorRequiredMixin, CaseMixin, DoneMixin, TemplateView):
    """What waits, oldest first, and beside it one case: the one asked for with ?item=, or the first that nobody has."""

    template_name = "moderation/queue.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind = self.request.GET.get("kind", "")
        kind = kind if kind in queue.Kind.values else queue.Kind.ALL.value
        after = Cursor.read(self.request.GET.get("after", ""))
        seen = queue.seen_now()
        page = queue.page(after, kind)
        claims = services.held_by_colleagues(page.rows, of=self.request.user)
        comment = self.get_item(page, claims)
        form = kwargs.pop("form", None)
        is_case = form is not None and form.data.get("form") == "case"
        return super().get_context_data(
            **kwargs,
            **self.get_case_context(comment, seen, form if is_case else None),
            page=page,
            kind=kind,
            # This part of the list, for addresses: another item in it is named behind.
            here=urlencode([*([("kind", kind)] if kind else []), *([("after", str(after))] if after else []), ("item", "")]),
            summary=queue.summary(),
            claims=claims,
            beside=queue.beside(page, comment),
            # After a decision: not to what a colleague has open.
            next_free=queue.beside(page, comment, passing=claims).next,
            all_chosen=self.request.GET.get("all") == "1",
            form=form,
            list_form=form if form is not None and not is_case else DecisionForm(initial={"seen": seen}, auto_id="list_%s"),
        )

    def get_item(self, page: queue.Page, claims: dict[int, Claim]) -> Comment | None:
        asked = ids_in(self.request.GET.get("item", ""))[:1]
        free = [row.pk for row in page.rows if row.pk not in claims] or [row.pk for row in page.rows]
        cases = queue.cases(self.request.user)
        return (cases.filter(pk__in=asked).first() if asked else None) or cases.filter(pk__in=free[:1]).first()


class QueueCountView(ModeratorRequiredMixin, TemplateView):
    """How much waits by now, for pages that are open."""

    template_name = "moderation/_counts.html"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """base: how many there were when the page was made; known: how many it was last told of. 204: still so many."""
        base, known = ((ids_in(request.GET.get(name, "")) or [0])[0] for name in ("base", "known"))
        summary = queue.summary()
        if summary.all == known:
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        return self.render_to_response({"summary": summary, "base": base, "more": summary.all - base})


class CommentReviewView(ModeratorRequiredMixin, CaseMixin, DoneMixin, TemplateView):
    """One case by itself, whether it waits or was decided long ago. A link may propose a decision (?decide=); it asks first."""

    template_name = "moderation/comment_review.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        seen = queue.seen_now()
        comment = get_object_or_404(queue.cases(self.request.user), pk=self.kwargs["pk"])
        context = super().get_context_data(**kwargs, **self.get_case_context(comment, seen))
        proposed = self.request.GET.get("decide", "")
        is_possible = proposed in services.STATUS_AFTER and (context["may_show"] or proposed != Decision.Action.APPROVE)
        return context | {"proposed": proposed if is_possible and context["case"].is_waiting and not context["claim"] else ""}


class ClaimCreateView(ModeratorRequiredMixin, View):
    """Take a comment over that a colleague has opened."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        comment = get_object_or_404(queue.cases(request.user), pk=pk)
        services.claim(comment, by=request.user, and_take_over=True)
        messages.success(request, _("It is yours now: decide about what %(name)s wrote.") % {"name": comment.author_name})
        return back_to(request)


class GroupReviewView(ModeratorRequiredMixin, TemplateView):
    """Comments that belong together, and one decision about all of them, which is asked for once more."""

    template_name = "moderation/group_review.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.wish = request.POST if request.method == "POST" else request.GET

    @cached_property
    def comment(self) -> Comment:
        return get_object_or_404(queue.cases(self.request.user), pk=self.kwargs["pk"])

    @cached_property
    def members(self) -> Members:
        with_public = self.wish.get("public") == "1"
        found = members_of(self.comment, self.wish.get("by", ""), self.wish.get("mark", "")[:260], with_public=with_public)
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
            claims=services.held_by_colleagues(self.members.comments, of=self.request.user),
            may_show=all(services.may_show(comment, self.request.user) for comment in self.members.comments),
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = DecisionForm(request.POST)
        if form.is_valid() and request.POST.get("sure") == form.cleaned_data["action"]:
            return back_to(request, done=carry_out(request, form), target=self.go_on())
        if not self.is_there:
            messages.warning(request, _("Nothing was decided: these comments do not belong together any more, or one of them was taken back."))
            return redirect("moderation:queue")
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
        chosen = Members(self.members.group, form.cleaned_data["comments"])
        return self.render_to_response(self.get_context_data(form=form, chosen=chosen, action=form.cleaned_data["action"]))

    @property
    def is_there(self) -> bool:
        """Its author may have taken the comment back that the group was asked for at, or changed it, while a moderator read."""
        try:
            return bool(self.members)
        except Http404:
            return False

    def go_on(self) -> str:
        """To what is left of a group that is too large for one decision; else nowhere in particular."""
        if not self.is_there or not self.members.comments:
            return ""
        return f"{reverse('moderation:queue')}?{urlencode({'item': self.members.comments[0].pk})}"


def carry_out(request: HttpRequest, form: DecisionForm) -> list[Decision]:
    """Decide as the form says, and say what was left as it is, and why."""
    data = form.cleaned_data
    claims = services.held_by_colleagues(data["comments"], of=request.user)
    free = [comment for comment in data["comments"] if comment.pk not in claims]
    if claims:
        names = ", ".join(sorted({claim.moderator.get_display_name() for claim in claims.values()}))
        left = ngettext(
            "One comment was left as it is: %(names)s has it open.",
            "%(count)d comments were left as they are: %(names)s have them open.",
            len(claims),
        )
        messages.warning(request, left % {"count": len(claims), "names": names})
    decisions = services.decide_many(free, data["action"], by=request.user, seen=data["seen"], **form.why)
    decided = {decision.comment_id for decision in decisions}
    missed = [comment for comment in free if comment.pk not in decided]
    repeated = decided_before(missed, data["action"], request.user, data["seen"]) if missed else []
    if left := [comment for comment in missed if comment.pk not in {decision.comment_id for decision in repeated}]:
        messages.warning(request, why_left(left, data["seen"]))
    return decisions or repeated


def decided_before(comments: list[Comment], action: str, by: User, seen: queue.Seen | None) -> list[Decision]:
    """What the same moderator decided just so since the page was made: the form was sent twice, and one answer got lost."""
    mine = Decision.objects.filter(comment__in=comments, action=action, moderator=by, pk__gt=seen.decision if seen else MAX_ID)
    return list(mine.with_undoable().filter(is_undoable=True).select_related("comment__author").newest_first())


def why_left(missed: list[Comment], seen: queue.Seen | None) -> str:
    """Why comments stayed as they are, as far as it can be told in a sentence."""
    if len(missed) == 1:
        newer = Decision.objects.filter(comment=missed[0], pk__gt=seen.decision if seen else 0).select_related("moderator").order_by("-pk").first()
        if newer is not None:
            what = {"name": newer.moderator.get_display_name(), "what": newer.get_action_display()}
            return _("One comment was left as it is: %(name)s was faster (%(what)s). Look again if you see it differently.") % what
    return ngettext(
        "One comment was left as it is: its author changed it while you read, or took it back. Look again.",
        "%(count)d comments were left as they are: somebody was faster and decided about them, or their authors changed them while you read. Look again.",
        len(missed),
    ) % {"count": len(missed)}


class BranchMixin(ModeratorRequiredMixin):
    """For pages about a comment and all that stands below it."""

    request: HttpRequest
    kwargs: dict[str, Any]

    @cached_property
    def comment(self) -> Comment:
        return get_object_or_404(queue.cases(self.request.user).select_related("post__author"), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, comment=self.comment, branch=look_at(self.comment))  # type: ignore[misc]

    def save(self, form: BranchMoveForm | BranchSplitForm) -> HttpResponse:
        """Do it, and go back to the comment. Raises ValidationError."""
        decision = form.save()
        if decision is None:
            messages.warning(self.request, _("Nothing was done: somebody decided about this comment, or its author changed it, while you read."))
            return redirect("moderation:comment-review", self.comment.pk)
        return HttpResponseRedirect(f"{reverse('moderation:comment-review', args=[self.comment.pk])}?done={decision.pk}")


class BranchMoveView(BranchMixin, TemplateView):
    """Choose a post, and a comment there; look at what will move; move it. Each step is an address of its own."""

    template_name = "moderation/branch_move.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = BranchMoveForm(request.GET, comment=self.comment, by=request.user) if "under" in request.GET else None
        return self.answer(form, HTTPStatus.UNPROCESSABLE_ENTITY if form is not None and not form.is_valid() else HTTPStatus.OK)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = BranchMoveForm(request.POST, comment=self.comment, by=request.user)
        if form.is_valid():
            try:
                return self.save(form)
            except ValidationError as refusal:
                form.refuse(refusal)
        return self.answer(form, HTTPStatus.UNPROCESSABLE_ENTITY)

    def answer(self, form: BranchMoveForm | None, status: HTTPStatus) -> HttpResponse:
        seen = queue.seen_now()
        posts = posts_to_move_to(self.request.user)
        chosen = posts.filter(pk__in=ids_in((form.data if form else self.request.GET).get("post", ""))[:1]).first()
        search = PostSearchForm(self.request.GET, use_required_attribute=False)
        found = search.search(posts.exclude(pk=self.comment.post_id)).order_by(F("published_at").desc(nulls_first=True), "-pk")
        return self.render_to_response(
            self.get_context_data(
                form=form or (BranchMoveForm(initial={"post": chosen.pk}, comment=self.comment, by=self.request.user) if chosen else None),
                is_ready=form is not None and not {"post", "under"}.intersection(form.errors),
                seen=seen,
                chosen=chosen,
                search=search,
                found=found[: POSTS_FOUND + 1] if chosen is None else [],
                found_limit=POSTS_FOUND,
            ),
            status=status,
        )


class BranchSplitView(BranchMixin, FormView):
    form_class = BranchSplitForm
    template_name = "moderation/branch_split.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"comment": self.comment, "by": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        return {"seen": queue.seen_now()}

    def form_valid(self, form: BranchSplitForm) -> HttpResponse:
        try:
            return self.save(form)
        except ValidationError as refusal:
            form.add_error("title", refusal.messages)
            return self.form_invalid(form)

    def form_invalid(self, form: BranchSplitForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)


class DecisionCreateView(QueueView):
    """Carry out what a moderator decided about one comment or several."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DecisionForm(request.POST, auto_id="case_%s" if request.POST.get("form") == "case" else "list_%s")
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return back_to(request, done=carry_out(request, form))

    def get_item(self, page: queue.Page, claims: dict[int, Claim]) -> Comment | None:
        chosen = self.request.POST.getlist("comments")
        if self.request.POST.get("form") == "case" and (ids := ids_in(",".join(chosen[:1]))):
            return queue.cases(self.request.user).filter(pk__in=ids).first() or super().get_item(page, claims)
        return super().get_item(page, claims)


class DecisionListView(ModeratorRequiredMixin, TemplateView):
    """Every decision, newest first."""

    template_name = "moderation/decision_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        decisions = Decision.objects.with_people().with_undoable().newest_first()
        before = Cursor.read(self.request.GET.get("before", ""))
        if before is not None:
            decisions = decisions.filter(before.rows_before("created_at"))
        found = list(decisions[: settings.REVIEW_PER_PAGE + 1])
        shown = found[: settings.REVIEW_PER_PAGE]
        older = Cursor(shown[-1].created_at, shown[-1].pk) if len(found) > len(shown) else None
        return super().get_context_data(**kwargs, decisions=shown, older=older, is_first_page=before is None, summary=queue.summary())


class DecisionUndoView(ModeratorRequiredMixin, View):
    """Take one decision back, by its address, or several, named in the form."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        if pk is not None:
            decisions = [get_object_or_404(Decision.objects.select_related("comment"), pk=pk)]
        else:
            form = UndoForm(request.POST)
            if not form.is_valid():
                view = QueueView()
                view.setup(request)
                return view.render_to_response(view.get_context_data(undo_form=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
            decisions = form.cleaned_data["decisions"]
        undone = services.undo_many(decisions, by=request.user)
        if undone:
            messages.success(
                request, ngettext("Taken back: it is as it was before.", "%(count)d decisions taken back.", len(undone)) % {"count": len(undone)}
            )
        missed = len(decisions) - len(undone)
        repeated = Decision.objects.filter(undoes__in=decisions, moderator=request.user).exclude(pk__in=[one.pk for one in undone]).count()
        if repeated and not undone and repeated == missed:
            messages.info(request, _("You had taken that back already."))
        elif missed:
            messages.warning(
                request,
                ngettext(
                    "One decision stays: it was taken back already, or something else happened to the comment since.",
                    "%(count)d decisions stay: they were taken back already, or something else happened to the comments since.",
                    missed,
                )
                % {"count": missed},
            )
        return back_to(request)


class StrictnessView(ModeratorRequiredMixin, UpdateView):
    """From which score on comments wait, or are turned away, and what other thresholds would have done. The host decides."""

    form_class = ModerationSettingsForm
    template_name = "moderation/strictness.html"
    success_url = reverse_lazy("moderation:strictness")

    def get_object(self, queryset: Any = None) -> ModerationSettings:
        return ModerationSettings.current()

    def get_form_kwargs(self) -> dict[str, Any]:
        """A wish in the address (?hold_percent=40) is looked at like one that is sent, and not kept."""
        kwargs = super().get_form_kwargs()
        if self.request.method == "GET" and "hold_percent" in self.request.GET:
            kwargs["data"] = self.request.GET
        return kwargs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form, now, record = context["form"], self.get_object(), read_record()
        wish = form.cleaned_data if form.is_bound and form.is_valid() else {}
        return context | {
            "record": record,
            "enough": ENOUGH,
            "now": now,
            "is_preview": bool(wish) and self.request.method == "GET",
            "wished": record.step(wish.get("hold_percent", now.hold_percent)),
            "steps": [step for step in record.steps if not step.percent % 5 or step.percent == now.hold_percent],
            "reject_steps": [record.reject_step(percent) for percent in sorted({50, 60, 70, 80, 90, 95, 97, 99, now.reject_percent})],
            "figures": json.dumps([[step.percent, step.waited.value, step.appeared.value] for step in record.steps]) if record.is_enough else "",
            "summary": queue.summary(),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_host:
            raise PermissionDenied(_("Only the host decides how strict the guard is. Tell them what you found."))
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: ModerationSettingsForm) -> HttpResponse:
        messages.success(self.request, _("Kept. It holds for comments that come from now on."))
        return super().form_valid(form)

    def form_invalid(self, form: ModerationSettingsForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)


class ReportCreateView(LoginRequiredMixin, FormView):
    """A member asks the moderators to look at a comment."""

    form_class = ReportForm
    template_name = "moderation/report_form.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            if self.comment.author_id == request.user.pk:
                raise PermissionDenied(_("These words are your own: you can change them or take them back yourself."))
            if not self.comment.is_reportable_by(request.user):
                raise PermissionDenied(_("This comment is not public, so there is nothing to report."))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def comment(self) -> Comment:
        visible = Comment.objects.visible_to(self.request.user).on_published_posts().select_related("author", "post")
        return get_object_or_404(visible, pk=self.kwargs["pk"])

    @cached_property
    def has_reported(self) -> bool:
        return Report.objects.open().filter(comment=self.comment, reporter=self.request.user).exists()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, comment=self.comment, has_reported=self.has_reported)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.has_reported:
            messages.info(request, _("You have reported this comment already. A moderator will look at it."))
            return redirect(self.comment)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: ReportForm) -> HttpResponse:
        try:
            services.report_comment(self.comment, reporter=self.request.user, address=Submission.of(self.request).address, **form.cleaned_data)
        except PermissionDenied as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        except TooFast as error:
            form.add_error(None, _("You have reported a good deal in a short time. Nothing is lost: send this again in a few minutes."))
            response = self.render_to_response(self.get_context_data(form=form), status=HTTPStatus.TOO_MANY_REQUESTS)
            response["Retry-After"] = str(error.wait_seconds)
            return response
        if not Comment.objects.public().filter(pk=self.comment.pk).exists():
            messages.success(self.request, _("Thank you. Others reported it too: nobody else sees it until a moderator has looked at it."))
            return redirect(f"{self.comment.post.get_absolute_url()}#talk")
        messages.success(self.request, _("Thank you. A moderator will look at it."))
        return redirect(self.comment)

    def form_invalid(self, form: ReportForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
