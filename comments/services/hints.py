"""Hints shown before a comment is posted. The author may post it all the same."""

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import User
from comments.models import Comment
from core.prepared import A_NUMBER, Prepared
from posts.models import Post

# How many of the newest comments under a post are read, and how many of them by one member are many.
LOOKED_AT, MANY = 60, 30

Hint = Callable[[Comment], str]
"""Takes an unsaved comment of a member, not rendered. Returns a sentence, or "" for none.

Named in COMMENT_HINTS.
"""


@cache
def _hints() -> list[Hint]:
    return [import_string(path) for path in settings.COMMENT_HINTS]


def hints_for(post: Post, author: User, body: str, parent: Comment | None = None) -> list[str]:
    """The hints for this text. None for hosts and moderators."""
    if author.is_host or author.is_moderator:
        return []
    comment = Comment(post=post, author=author, parent=parent, body=body)
    return [text for hint in _hints() if (text := hint(comment))]


_newest_authors: Prepared[Comment] = Prepared(
    lambda post: Comment.objects.filter(post=post).public().newest_first().values_list("author")[:LOOKED_AT],
    post=A_NUMBER,
)


def writes_much(comment: Comment) -> str:
    """A hint if the author wrote a large part of this discussion. No query if it has few comments."""
    if comment.post.comment_count < MANY:
        return ""
    authors = [author for (author,) in _newest_authors.rows(post=comment.post_id)]
    own = authors.count(comment.author_id)
    if own < MANY:
        return ""
    return _(
        "%(own)d of the last %(all)d comments here are yours. Others may find it easier to join in if you leave some room."
    ) % {"own": own, "all": len(authors)}
