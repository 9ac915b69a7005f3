"""Moving and splitting branches."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.views.access import MemberRequest
from comments.models import Comment
from comments.services.moving import posts_to_move_to
from core.web.forms import FormView
from moderation.forms.decisions import BranchMoveForm, BranchSplitForm, PostSearchForm
from moderation.services import cases, queue
from moderation.services.branches import look_at
from moderation.views.access import ModeratorRequiredMixin
from moderation.views.results import ids_in

POSTS_FOUND = 10


class BranchMixin(ModeratorRequiredMixin):
    """Base of pages about a comment and all its replies."""

    @cached_property
    def comment(self) -> Comment:
        return get_object_or_404(
            cases.openable_by(self.request.user).select_related("post__author"), pk=self.kwargs["pk"]
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, comment=self.comment, branch=look_at(self.comment))

    def save(self, form: BranchMoveForm | BranchSplitForm) -> HttpResponse:
        """Move the branch and redirect to the comment. Raises ValidationError."""
        decision = form.save()
        if decision is None:
            messages.warning(
                self.request,
                _(
                    "Nothing was changed: someone decided about this comment, or its author edited it, while you were reading."
                ),
            )
            return redirect("moderation:comment-review", self.comment.pk)
        return HttpResponseRedirect(
            f"{reverse('moderation:comment-review', args=[self.comment.pk])}?done={decision.pk}"
        )


class BranchMoveView(BranchMixin, TemplateView):
    """Choose a post and a comment in it; review what will move; move it. Each step has its own URL."""

    template_name = "moderation/branch_move.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = (
            BranchMoveForm(request.GET, comment=self.comment, by=self.request.user)
            if "under" in request.GET
            else None
        )
        return self.answer(
            form,
            HTTPStatus.UNPROCESSABLE_ENTITY if form is not None and not form.is_valid() else HTTPStatus.OK,
        )

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
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
        chosen = posts.filter(
            pk__in=ids_in((form.data if form else self.request.GET).get("post", ""))[:1]
        ).first()
        search = PostSearchForm(self.request.GET, use_required_attribute=False)
        found = search.search(posts.exclude(pk=self.comment.post_id)).order_by(
            F("published_at").desc(nulls_first=True), "-pk"
        )
        return self.render_to_response(
            self.get_context_data(
                form=form
                or (
                    BranchMoveForm(initial={"post": chosen.pk}, comment=self.comment, by=self.request.user)
                    if chosen
                    else None
                ),
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
