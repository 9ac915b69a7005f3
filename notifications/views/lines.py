"""The line under the form that tells who will be notified, and the receipt that tells who was."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views import View

from accounts.views.access import MemberRequest, MemberRequiredMixin
from comments.services.discussion import will_be_held
from comments.views.access import get_visible_comment, url_for
from notifications.services.preview import Line, digest_of, line_of_addition, read_draft
from notifications.services.receipts import receipt_of
from posts.models import Post


class PreviewView(View):
    """The "will be notified" line for what is being typed: an HTML fragment. 204 if it is unchanged."""

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        post = get_object_or_404(Post.objects.readable_by(request.user).with_author(), slug=slug)
        context: dict[str, Any] = {"post": post, "line": None, "is_member": request.user.is_authenticated}
        if request.user.is_authenticated:
            draft = read_draft(
                post,
                request.user,
                body=request.POST.get("body", ""),
                parent=request.POST.get("parent", ""),
                also=request.POST.getlist("also"),
            )
            context["line"] = line = Line.of(draft, counts_all=True)
            context["waits"] = will_be_held(post, request.user)
            context["addition"] = addition = line_of_addition(request, draft, request.POST.get("body", ""))
            if request.POST.get("told") == digest_of(line, addition):
                return HttpResponse(status=HTTPStatus.NO_CONTENT)
        return render(request, "notifications/_preview.html", context)


class EditPreviewView(MemberRequiredMixin, View):
    """The same for the form to edit one's own comment."""

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = get_visible_comment(request, pk)
        if not comment.is_editable_by(request.user):
            raise PermissionDenied(_("Only its author can edit a comment."))
        line = Line.of_change(comment, body=request.POST.get("body", ""))
        if request.POST.get("told") == line.digest:
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        context = {"line": line, "is_member": True, "waits": will_be_held(comment.post, request.user)}
        return render(request, "notifications/_preview.html", context)


class CommentReceiptView(MemberRequiredMixin, View):
    """For the author of a comment: who was notified of it, and when."""

    def get(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = get_visible_comment(request, pk)
        if comment.author_id != request.user.pk:
            raise PermissionDenied(_("Only the author can see who was notified of a comment."))
        return render(
            request,
            "notifications/receipt.html",
            {"comment": comment, "receipt": receipt_of(comment), "place": url_for(request, comment)},
        )
