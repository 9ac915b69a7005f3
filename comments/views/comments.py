"""Views of one comment: permalink, editing, deleting, history, thanks.

Comments are posted by comments/views/writing.py; threads are shown by comments/views/thread.py.
"""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views import View
from django_htmx.http import HttpResponseClientRedirect

from accounts.views.access import MemberRequest, MemberRequiredMixin
from accounts.views.security import too_many_requests
from comments.forms.comment import CommentEditForm
from comments.forms.images import with_pictures
from comments.models import Comment
from comments.services.drafts import acknowledge, keep_text, kept_text
from comments.services.history import read_history
from comments.services.reactions import thank, withdraw_thanks
from comments.services.writing import delete_comment
from comments.thread.pagination import read_number
from comments.views.access import OwnCommentMixin, get_visible_comment, sign_in_first, slug_in, url_for
from comments.views.results import refuse
from core.markup.safe import trusted
from core.markup.videos import may_play_videos
from core.utils.htmx import is_htmx
from core.utils.ratelimit import TooFast
from core.web.csrf import VISITORS
from posts.models import Post


class CommentDetailView(View):
    """The permalink: redirects to the comment on its page.

    Visitors with a link to a comment on a members' post are sent to the sign-in.
    """

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.is_authenticated and (slug := slug_in(request)):
            comments = Comment.objects.public().for_members_at(slug)
            if comments.filter(pk=pk).exists():
                return redirect_to_login(request.get_full_path())
        return redirect(url_for(request, get_visible_comment(request, pk)))


@may_play_videos
class CommentEditView(OwnCommentMixin, View):
    request: MemberRequest
    refusal = _("Only the author can edit a comment.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            if request.method == "POST":
                try:
                    keep_text(request, request.path)
                except TooFast as error:
                    return too_many_requests(request, wait_seconds=error.wait_seconds)
            return sign_in_first(request.path)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = self.get_own_comment(request, pk)
        draft = kept_text(request, request.path)
        initial = {name: draft[name] for name in ("body", "seen") if name in draft}
        form = CommentEditForm(comment=comment, author=request.user, initial=initial)
        return self.answer(request, form, comment)

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = self.get_own_comment(request, pk)
        data, refused_pictures = with_pictures(request)
        form = CommentEditForm(data, refused_pictures=refused_pictures, comment=comment, author=request.user)
        if not form.is_valid():
            return self.answer(request, form, comment, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if "preview" in request.POST:
            draft = Comment(pk=comment.pk, author=request.user)
            draft.set_body(form.cleaned_data["body"])
            preview = trusted(draft.html)
            if is_htmx(request):
                return render(request, "comments/_preview.html", {"form": form, "preview": preview})
            return self.answer(request, form, comment, preview=preview)
        try:
            comment = form.save()
        except (ValidationError, TooFast) as error:
            return self.answer(request, form, comment, status=refuse(form, error))
        if comment.is_held:
            messages.warning(
                request,
                _(
                    "Saved. Your changes are awaiting review; until then only you and the moderators can see this comment."
                ),
            )
        else:
            messages.success(request, _("Saved."))
        return acknowledge(request, redirect(url_for(request, comment)))

    def answer(
        self,
        request: HttpRequest,
        form: CommentEditForm,
        comment: Comment,
        preview: str = "",
        status: HTTPStatus = HTTPStatus.OK,
    ) -> HttpResponse:
        context = {
            "form": form,
            "comment": comment,
            "preview": preview,
            "edit_window_minutes": settings.COMMENT_EDIT_WINDOW_MINUTES,
        }
        return render(request, "comments/comment_edit.html", context, status=status)


class CommentDeleteView(MemberRequiredMixin, OwnCommentMixin, View):
    """GET asks for confirmation, POST deletes."""

    refusal = _("Only the author can delete a comment.")

    def get(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = self.get_own_comment(request, pk)
        return render(
            request,
            "comments/comment_confirm_delete.html",
            {"comment": comment, "has_replies": not comment.is_leaf_node()},
        )

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = self.get_own_comment(request, pk)
        if delete_comment(comment, by=request.user):
            messages.success(request, _("Comment deleted. Replies to it stay."))
        return redirect(f"{comment.post.get_absolute_url()}#talk")


@may_play_videos
class CommentHistoryView(View):
    """The edit history. Edits of the first minutes and removed text are for moderators only."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        comment = get_visible_comment(request, pk)
        is_moderator = request.user.is_authenticated and request.user.is_moderator
        key = read_number(request.GET.get("before", ""))
        history = read_history(comment, with_unmarked=is_moderator, key=key)
        return render(
            request,
            "comments/comment_history.html",
            {"comment": comment, "history": history, "is_newest": not key},
        )


class CommentThanksView(View):
    """POST thanks=1 (or no value) to thank, thanks=0 to withdraw. Repeating it does no harm."""

    guarded_by_origin = VISITORS

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        comment = get_visible_comment(request, pk)
        if not request.user.is_authenticated:
            to_sign_in = sign_in_first(comment.get_absolute_url())
            return HttpResponseClientRedirect(to_sign_in["Location"]) if is_htmx(request) else to_sign_in
        is_thanked = request.POST.get("thanks") != "0"
        try:
            (thank if is_thanked else withdraw_thanks)(comment, by=request.user)
        except TooFast as error:
            return too_many_requests(request, wait_seconds=error.wait_seconds)
        if not is_htmx(request):
            return redirect(url_for(request, comment))
        comment.refresh_from_db(fields=["thanks_count"])
        context = {
            "comment": comment,
            "name": comment.author_name,
            "thanks": comment.thanks_count,
            "is_thanked": is_thanked,
            "is_candle": comment.post.kind == Post.Kind.MEMORIAL,
        }
        return render(request, "comments/_thanks.html", context)
