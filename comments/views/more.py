"""More actions for a comment: link, bookmark, who thanked for it. And the member's bookmarks."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import ListView

from accounts.views.access import MemberRequest, MemberRequiredMixin
from accounts.views.security import too_many_requests
from comments.models import Bookmark, Comment
from comments.services.bookmarks import bookmark, bookmarks_of, has_bookmarked, remove_bookmark
from comments.services.reactions import members_who_thanked, thank_for_post, withdraw_thanks_for_post
from comments.views.access import get_visible_comment, url_for
from core.utils.htmx import is_htmx
from core.utils.pagination import Cursor
from core.utils.ratelimit import TooFast
from core.utils.urls import absolute_url
from posts.models import Post

BOOKMARKS_PER_PAGE = 20


def more_of(request: HttpRequest, comment: Comment) -> dict[str, Any]:
    """The context for the page or its fragment."""
    thankers, others = members_who_thanked(comment, request.user)
    return {
        "comment": comment,
        "post": comment.post,
        "address": absolute_url(comment.get_absolute_url()),
        "thankers": thankers,
        "more_thankers": others,
        "is_bookmarked": request.user.is_authenticated and has_bookmarked(comment, request.user),
    }


class CommentMoreView(View):
    """A page, and for htmx a fragment that opens under the comment."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        comment = get_visible_comment(request, pk)
        template = "comments/_more.html" if is_htmx(request) else "comments/comment_more.html"
        return render(request, template, more_of(request, comment))


class BookmarkView(MemberRequiredMixin, View):
    """POST bookmark=1 to add, bookmark=0 to remove."""

    def change(self, request: MemberRequest, what: Post | Comment) -> HttpResponse | None:
        if request.POST.get("bookmark") == "0":
            remove_bookmark(what, by=request.user)
            return None
        try:
            bookmark(what, by=request.user)
        except TooFast as error:
            return too_many_requests(request, wait_seconds=error.wait_seconds)
        return None


class CommentBookmarkView(BookmarkView):
    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = get_visible_comment(request, pk)
        if refused := self.change(request, comment):
            return refused
        if is_htmx(request):
            return render(request, "comments/_more.html", more_of(request, comment))
        if "next" in request.POST:
            return redirect("comments:bookmark-list")
        return redirect(url_for(request, comment))


class PostBookmarkView(BookmarkView):
    def post(self, request: MemberRequest, slug: str) -> HttpResponse:
        post = get_object_or_404(Post.objects.readable_by(request.user), slug=slug)
        if refused := self.change(request, post):
            return refused
        if "next" in request.POST:
            return redirect("comments:bookmark-list")
        if request.POST.get("bookmark") != "0":
            messages.success(request, _("Bookmarked. Only you can see your bookmarks."))
        return redirect(post)


class PostThanksView(MemberRequiredMixin, View):
    """POST thanks=1 to thank for a post, thanks=0 to withdraw.

    Renders the buttons for htmx, else redirects to them.
    """

    def post(self, request: MemberRequest, slug: str) -> HttpResponse:
        post = get_object_or_404(Post.objects.readable_by(request.user).published(), slug=slug)
        is_thanked = request.POST.get("thanks") != "0"
        try:
            (thank_for_post if is_thanked else withdraw_thanks_for_post)(post, by=request.user)
        except TooFast as error:
            return too_many_requests(request, wait_seconds=error.wait_seconds)
        sent = _("Thanks sent. Only the author sees it.") if is_thanked else ""
        if post.kind == Post.Kind.MEMORIAL:
            sent = _("Your candle is lit.") if is_thanked else ""
        if is_htmx(request):
            state = {
                "post": post,
                "is_bookmarked": has_bookmarked(post, request.user),
                "is_thanked": is_thanked,
                "can_thank": True,
                "says": sent,
            }
            return render(request, "comments/_bookmark.html", state)
        if sent:
            messages.success(request, sent)
        return redirect(f"{post.get_absolute_url()}#post-thanks")


class BookmarkListView(MemberRequiredMixin, ListView[Bookmark]):
    """Newest first. `?before=` continues after the previous page."""

    template_name = "comments/bookmark_list.html"
    context_object_name = "bookmarks"

    def get_queryset(self) -> QuerySet[Bookmark]:
        found = bookmarks_of(self.request.user)
        if before := Cursor.read(self.request.GET.get("before", "")):
            found = found.filter(before.rows_before("created_at"))
        return found[: BOOKMARKS_PER_PAGE + 1]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = [*self.object_list]
        page = shown[:BOOKMARKS_PER_PAGE]
        older = Cursor(page[-1].created_at, page[-1].pk) if len(shown) > len(page) else ""
        return super().get_context_data(**kwargs) | {"bookmarks": page, "older": older}
