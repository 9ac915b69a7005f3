"""Actions of the host and moderators on a discussion and on single comments."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from accounts.views.access import MemberRequest
from comments.models import Comment, Discussion, DiscussionDefaults
from comments.views.access import get_visible_comment, url_for
from moderation.forms.discussion import (
    CorrectionForm,
    DefaultsForm,
    DiscussionForm,
    HighlightForm,
    RulesForm,
    SlowModeForm,
)
from moderation.models import CommentRule
from moderation.services import queue
from moderation.views.access import ModeratorRequiredMixin
from posts.models import Post

DONE_MESSAGES = {
    "pin": gettext_lazy("Pinned. It’s shown above the comments."),
    "unpin": gettext_lazy("No longer pinned."),
    "choose": gettext_lazy("Marked as the host’s choice. Its author will be notified."),
    "unchoose": gettext_lazy("No longer marked as the host’s choice."),
    "close": gettext_lazy("Replies are closed here and below."),
    "reopen": gettext_lazy("Replies are open again."),
}


class HighlightView(ModeratorRequiredMixin, View):
    """POST `do`: pin, unpin, choose, unchoose, close or reopen a comment, and redirect to it."""

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = get_visible_comment(request, pk)
        form = HighlightForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Nothing was changed: choose one of the buttons."))
            return redirect(url_for(request, comment))
        try:
            if form.save(comment, by=request.user):
                messages.success(request, DONE_MESSAGES[form.cleaned_data["do"]])
        except ValidationError as error:
            messages.error(request, error.messages[0])
        return redirect(url_for(request, comment))


class CorrectView(ModeratorRequiredMixin, View):
    """Correct someone else's comment.

    Readers see who did it, when, and what was changed. The author is notified.
    """

    def get(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = self.get_comment(request, pk)
        return self.answer(request, comment, CorrectionForm(comment=comment))

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = self.get_comment(request, pk)
        form = CorrectionForm(request.POST, comment=comment)
        if not form.is_valid():
            return self.answer(request, comment, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            comment = form.save(by=request.user)
        except ValidationError as error:
            form.add_error("body", error)
            return self.answer(request, comment, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        messages.success(request, _("Corrected. Readers can see what was changed."))
        return redirect(url_for(request, comment))

    def get_comment(self, request: HttpRequest, pk: int) -> Comment:
        comment = get_visible_comment(request, pk)
        if comment.author_id == request.user.pk:
            raise PermissionDenied(_("You can edit your own comment instead."))
        if not comment.is_public:
            raise Http404
        return comment

    def answer(
        self,
        request: HttpRequest,
        comment: Comment,
        form: CorrectionForm,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> HttpResponse:
        context = {"comment": comment, "form": form}
        return render(request, "moderation/correct.html", context, status=status)


class DiscussionView(ModeratorRequiredMixin, View):
    """The discussion of one post.

    The host decides who may comment and until when; moderators slow it down or close it.
    """

    def get(self, request: MemberRequest, slug: str) -> HttpResponse:
        return self.answer(request, self.get_form(request, slug))

    def post(self, request: MemberRequest, slug: str) -> HttpResponse:
        form = self.get_form(request, slug)
        if not form.is_valid():
            return self.answer(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        form.save(by=request.user)
        messages.success(request, _("Saved."))
        return redirect("moderation:discussion", slug)

    def get_form(self, request: MemberRequest, slug: str) -> SlowModeForm:
        posts = Post.objects.all() if request.user.is_host else Post.objects.published()
        post = get_object_or_404(posts, slug=slug)
        discussion = Discussion.objects.filter(pk=post.pk).first() or Discussion(post=post)
        form_class = DiscussionForm if request.user.is_host else SlowModeForm
        return form_class(request.POST or None, post=post, discussion=discussion)

    def answer(
        self, request: HttpRequest, form: SlowModeForm, status: HTTPStatus = HTTPStatus.OK
    ) -> HttpResponse:
        context = {"form": form, "post": form.post}
        return render(request, "moderation/discussion.html", context, status=status)


class DefaultsView(ModeratorRequiredMixin, View):
    """The default for all posts. Moderators see it, the host changes it."""

    def get(self, request: MemberRequest) -> HttpResponse:
        return self.answer(request, DefaultsForm(instance=DiscussionDefaults.current()))

    def post(self, request: MemberRequest) -> HttpResponse:
        if not request.user.is_host:
            raise PermissionDenied(_("Only the host can change the discussion settings."))
        form = DefaultsForm(request.POST, instance=DiscussionDefaults.current())
        if not form.is_valid():
            return self.answer(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        form.save()
        messages.success(request, _("Saved. This applies to all posts without settings of their own."))
        return redirect("moderation:discussion-defaults")

    def answer(
        self, request: HttpRequest, form: DefaultsForm, status: HTTPStatus = HTTPStatus.OK
    ) -> HttpResponse:
        return show_settings(request, {"form": form}, status)


class RuleCreateView(ModeratorRequiredMixin, View):
    """POST: add entries to the host's own lists."""

    def post(self, request: MemberRequest) -> HttpResponse:
        if not request.user.is_host:
            raise PermissionDenied(_("Only the host can change the discussion settings."))
        form = RulesForm(request.POST)
        if not form.is_valid():
            return show_settings(request, {"rules_form": form}, HTTPStatus.UNPROCESSABLE_ENTITY)
        form.save()
        messages.success(request, _("Saved. This applies to comments posted or edited from now on."))
        return redirect("moderation:discussion-defaults")


class RuleDeleteView(ModeratorRequiredMixin, View):
    """POST: remove an entry from the lists."""

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        if not request.user.is_host:
            raise PermissionDenied(_("Only the host can change the discussion settings."))
        CommentRule.objects.filter(pk=pk).delete()
        messages.success(request, _("Removed from the list."))
        return redirect("moderation:discussion-defaults")


def show_settings(request: HttpRequest, forms: dict[str, Any], status: HTTPStatus) -> HttpResponse:
    context = {
        "form": DefaultsForm(instance=DiscussionDefaults.current()),
        "rules_form": RulesForm(),
        "rules": CommentRule.objects.all(),
        "summary": queue.summary(),
    } | forms
    return render(request, "moderation/discussion_defaults.html", context, status=status)
