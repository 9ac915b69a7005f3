"""Who may see or change a comment, and its URL for a reader."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils.functional import Promise

from comments.models import Comment
from comments.thread.pagination import Order, read_order, url_of


def sign_in_first(path: str) -> HttpResponse:
    return redirect(f"{resolve_url('account_login')}?{urlencode({'next': path})}")


def url_for(request: HttpRequest, comment: Comment) -> str:
    """The comment's URL for this reader, in their order."""
    return url_of(comment, read_order(getattr(request.user, "thread_order", Order.OLDEST)), request.user)


def get_visible_comment(request: HttpRequest, pk: int) -> Comment:
    """The comment, or 404 if this reader may not see it or its post is not published."""
    comments = Comment.objects.visible_to(request.user).select_related("post__author", "author")
    comment = get_object_or_404(comments, pk=pk)
    if not comment.post.is_readable_by(request.user):
        raise Http404
    return comment


class OwnCommentMixin:
    """For pages that only the author of a comment may use."""

    refusal: str | Promise = ""

    def get_own_comment(self, request: HttpRequest, pk: int) -> Comment:
        comment = get_visible_comment(request, pk)
        if not comment.is_editable_by(request.user):
            raise PermissionDenied(str(self.refusal))
        return comment
