"""A member's private list of posts and comments. Both operations set a state and can be repeated."""

from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from comments.models import Bookmark, Comment
from core.utils.ratelimit import check_hits
from posts.models import Post


def bookmark(what: Post | Comment, *, by: User) -> None:
    """Add a bookmark. Raises TooFast. The caller has checked that the member may read it."""
    check_hits("bookmarks", by.pk, settings.BOOKMARK_RATES)
    Bookmark.objects.get_or_create(member=by, **_key(what))


def remove_bookmark(what: Post | Comment, *, by: User) -> None:
    """Remove a bookmark. Nothing happens if there is none."""
    Bookmark.objects.filter(member=by, **_key(what)).delete()


def has_bookmarked(what: Post | Comment, member: User) -> bool:
    return Bookmark.objects.filter(member=member, **_key(what)).exists()


def bookmarks_of(member: User) -> QuerySet[Bookmark]:
    """A member's bookmarks, newest first.

    What they can no longer read is left out, and comes back when they can.
    """
    comments = Comment.objects.visible_to(member).on_readable_posts(member)
    posts = Post.objects.readable_by(member)
    return (
        Bookmark.objects.filter(member=member)
        .filter(Exists(comments.filter(pk=OuterRef("comment"))) | Exists(posts.filter(pk=OuterRef("post"))))
        .select_related("post__author", "comment__author", "comment__post")
        .order_by("-created_at", "-pk")
    )


def _key(what: Post | Comment) -> dict[str, Any]:
    return {"comment": what} if isinstance(what, Comment) else {"post": what}
