"""A gentle word before a comment is posted. Its author may post it all the same: nothing is decided here."""

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import User
from comments.models import Comment
from core.prepared import A_NUMBER, Prepared
from posts.models import Post

# Of the newest comments under a post, how many of one person are many.
LOOKED_AT, MANY = 60, 30

Hint = Callable[[Comment], str]
"""Takes an unsaved comment of a member, with its text, which was not rendered. Returns a sentence, "" for none. Named in settings.COMMENT_HINTS."""


@cache
def _hints() -> list[Hint]:
    return [import_string(path) for path in settings.COMMENT_HINTS]


def hints_for(post: Post, author: User, body: str, parent: Comment | None = None) -> list[str]:
    """What to say before this is posted. Nothing to the host and moderators."""
    if author.is_host or author.is_moderator:
        return []
    comment = Comment(post=post, author=author, parent=parent, body=body)
    return [said for hint in _hints() if (said := hint(comment))]


_newest_authors: Prepared[Comment] = Prepared(
    lambda post: Comment.objects.filter(post=post).public().newest_first().values_list("author")[:LOOKED_AT],
    post=A_NUMBER,
)


def writes_much(comment: Comment) -> str:
    """Somebody has written a large part of this discussion. No statement where there are too few comments for that."""
    if comment.post.comment_count < MANY:
        return ""
    authors = [author for (author,) in _newest_authors.rows(post=comment.post_id)]
    own = authors.count(comment.author_id)
    if own < MANY:
        return ""
    return _(
        "%(own)d of the last %(all)d comments here are yours. Others may find it easier to join in if you leave some room."
    ) % {"own": own, "all": len(authors)}
