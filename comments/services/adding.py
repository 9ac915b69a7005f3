"""Adding text to one's last comment instead of posting another one."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from comments.models import Comment
from comments.services.writing import edit_comment, lock_comment
from posts.models import Post


def comment_to_extend(post: Post, author: User, parent: Comment | None) -> Comment | None:
    """The author's own comment to which new text in this place could be added, or None.

    It is their last one under the post and not older than COMMENT_ADD_MINUTES. It is where the new text
    would be, or its parent, has no replies, and no comment was posted after it.
    """
    since = timezone.now() - timedelta(minutes=settings.COMMENT_ADD_MINUTES)
    last = Comment.objects.for_post(post).by(author).filter(created_at__gt=since).newest_first().first()
    if (
        last is None
        or not last.is_editable_by(author)
        or (parent.pk if parent else None) not in {last.parent_id, last.pk}
    ):
        return None
    others = (
        Comment.objects.for_post(post).not_gone().filter(created_at__gte=last.created_at).exclude(pk=last.pk)
    )
    return None if others.filter(Q(parent=last) | Q(parent=last.parent_id)).exists() else last


def add_to_comment(
    comment: Comment, *, text: str, by: User, and_store: Callable[[Comment], None] | None = None
) -> Comment:
    """Append text to one's own comment, after a blank line. The same text sent twice is added once.

    and_store: called with the comment afterwards, to store related rows of later apps.

    Raises ValidationError (codes "answered", "too_long", "gone") and TooFast.
    """
    with transaction.atomic():
        post, comment = lock_comment(comment)
        is_there = comment.is_editable_by(by) and comment.body.split()[-len(text.split()) :] == text.split()
        if not is_there and comment_to_extend(post, by, comment.parent) != comment:
            raise ValidationError(
                _("Someone has replied in the meantime. Your text is below; post it as a new comment."),
                code="answered",
            )
        body = comment.body if is_there else f"{comment.body}\n\n{text}"
        if len(body) > settings.COMMENT_MAX_CHARACTERS:
            raise ValidationError(
                _(
                    "Together they’d be longer than a comment can be. Your text is below; post it as a new comment."
                ),
                code="too_long",
            )
        comment = edit_comment(comment, body=body, by=by)
        if and_store is not None:
            and_store(comment)
    return comment
