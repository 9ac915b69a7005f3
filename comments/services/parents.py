"""The comment that is replied to: read once with all that its place decides, and once more under the lock where the thread has changed."""

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from comments.models.querysets import CommentQuerySet
from comments.services.discussion import with_choices
from core.prepared import A_NUMBER, A_WORD, Prepared
from posts.models import Post


def _with_place(rows: CommentQuerySet) -> CommentQuerySet:
    """Where their last reply ends, whether their branch is closed, and the rules of the discussion."""
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
    """The public comment under this post that is replied to, with the post, its author and its rules (know_rules)."""
    return _there.first(pk=pk, slug=slug)


def parent_now(parent: Comment, post: Post) -> Comment | None:
    """The comment that is replied to, as it is now. post: as it was locked.

    What `parent_under` read is still so if the version of the thread is the same: whoever changes anything in a thread holds
    this lock and counts the version up.
    """
    is_known = "last_right" in vars(parent) and parent.post_id == post.pk
    if is_known and parent.post.thread_version == post.thread_version:
        return parent
    return _again.first(pk=parent.pk, post=post.pk)


def parent_as_it_is(there: Comment | None, post: Post) -> Comment:
    """The comment that is replied to, read again. Raises ValidationError when it is gone."""
    if there is None or not there.is_public:
        raise ValidationError(
            _(
                "The comment you’re replying to was deleted. Your text is below; you can post it as a new comment."
            ),
            code="parent_gone",
        )
    there.post = post
    return there
