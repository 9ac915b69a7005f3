"""Who may see or change a comment, and its URL for a reader."""

from datetime import datetime
from functools import cache
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.functional import Promise

from accounts.models import User
from comments.models import Comment
from comments.thread.pagination import LARGEST_KEY, Order, read_order, url_of
from core.prepared import A_MOMENT, A_NUMBER, A_WORD, Prepared
from posts.models.querysets import names_of


def sign_in_first(path: str) -> HttpResponse:
    return redirect(f"{resolve_url('account_login')}?{urlencode({'next': path})}")


def url_for(request: HttpRequest, comment: Comment) -> str:
    """The comment's URL for this reader, in their order."""
    return url_of(comment, read_order(getattr(request.user, "thread_order", Order.OLDEST)), request.user)


def get_visible_comment(request: HttpRequest, pk: int, slug: str | None = None) -> Comment:
    """The comment, or 404 if this reader may not see it or open its post, as for a number that is not used.

    slug: that of its post, by default `?post=`, which is in links to comments on posts that not everyone may
    find (Comment.link_query).
    """
    reader = request.user
    is_host = reader.is_authenticated and reader.is_host
    is_moderator = reader.is_authenticated and reader.is_moderator
    named, key = names_of(slug_in(request) if slug is None else slug)
    if pk > LARGEST_KEY:
        raise Http404
    comment = _by_number(reader.is_authenticated, is_moderator, is_host).first(
        pk=pk, reader=reader.pk or 0, slug=named, key=key, now=timezone.now()
    )
    if comment is None:
        raise Http404
    return comment


def slug_in(request: HttpRequest) -> str:
    return request.GET.get("post", "")


@cache
def _by_number(is_member: bool, is_moderator: bool, is_host: bool) -> Prepared[Comment]:
    """The comment with a number, for this kind of reader. Compiling it takes longer than reading it."""

    def make(pk: int, reader: int, slug: str, key: str, now: datetime) -> QuerySet[Comment]:
        user: User | AnonymousUser = AnonymousUser()
        if is_member:
            user = User(pk=reader, is_staff=is_host)
            user.is_moderator = is_moderator
        comments = Comment.objects.visible_to(user).reached_by(user, slug, key=key, now=now)
        return comments.select_related("post__author", "author").filter(pk=pk).order_by()

    return Prepared(make, pk=A_NUMBER, reader=A_NUMBER, slug=A_WORD, key=A_WORD, now=A_MOMENT)


class OwnCommentMixin:
    """For pages that only the author of a comment may use."""

    refusal: str | Promise = ""

    def get_own_comment(self, request: HttpRequest, pk: int) -> Comment:
        comment = get_visible_comment(request, pk)
        if not comment.is_editable_by(request.user):
            raise PermissionDenied(str(self.refusal))
        return comment
