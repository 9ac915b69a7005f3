"""The parent of a new comment: read once with everything about its place, and again if the thread changed."""

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from comments.models.querysets import CommentQuerySet
from comments.services.discussion import with_choices
from core.prepared import A_NUMBER, A_WORD, Prepared
from posts.models import Post


def _with_place(rows: CommentQuerySet) -> CommentQuerySet:
    """Annotate the end of their last reply, whether their branch is closed, and the discussion's rules."""
    last = Comment.objects.filter(parent=OuterRef("pk")).order_by("-rght")
    closed = Comment.objects.filter(
        tree_id=OuterRef("tree_id"), lft__lte=OuterRef("lft"), rght__gte=OuterRef("rght")
    ).exclude(closed_at=None)
    placed = rows.annotate(last_right=Subquery(last.values("rght")[:1]), is_closed_above=Exists(closed))
    return with_choices(placed, "post")


_there: Prepared[Comment] = Prepared(
    lambda pk, slug: _with_place(
        Comment.objects.public().select_related("author", "post__author").filter(pk=pk, post__slug=slug)
    ),
    pk=A_NUMBER,
    slug=A_WORD,
)
_again: Prepared[Comment] = Prepared(
    lambda pk, post: _with_place(Comment.objects.select_related("author").filter(pk=pk, post=post)),
    pk=A_NUMBER,
    post=A_NUMBER,
)


def parent_under(slug: str, pk: int) -> Comment | None:
    """The public comment to reply to, with its post, author and rules (set_rules)."""
    return _there.first(pk=pk, slug=slug)


def parent_now(parent: Comment, post: Post) -> Comment | None:
    """The current row of the parent. post: the locked row.

    Nothing is read if the thread still has the version of `parent_under`: every change in a thread needs
    this lock and raises its version.
    """
    is_known = "last_right" in vars(parent) and parent.post_id == post.pk
    if is_known and parent.post.thread_version == post.thread_version:
        return parent
    return _again.first(pk=parent.pk, post=post.pk)


def parent_as_it_is(there: Comment | None, post: Post) -> Comment:
    """Return the parent read again. Raises ValidationError if it is gone."""
    if there is None or not there.is_public:
        raise ValidationError(
            _(
                "The comment you’re replying to was deleted. Your text is below; you can post it as a new comment."
            ),
            code="parent_gone",
        )
    there.post = post
    return there
