"""Periodic cleanup by the worker."""

import logging
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db import transaction

from comments.models import Comment, CommentPicture, PendingComment
from comments.services.writing import lock_comment, touch
from core.tasks.periodic import periodic

logger = logging.getLogger(__name__)

PICTURES_AT_ONCE = 200


@periodic(every=timedelta(minutes=1))
def discard_pictures() -> int:
    """Delete pictures that are no longer visible: never sent, deleted, or removed long ago.

    Returns how many.
    """
    due = CommentPicture.objects.due().order_by("pk").values_list("pk", "comment_id")[:PICTURES_AT_ONCE]
    discarded = 0
    for pk, comment_pk in due:
        try:
            discarded += _discard(pk, comment_pk)
        except Exception:  # including the storage's own errors
            logger.exception("Picture %s could not be deleted; this will be retried.", pk)
    return discarded


def _discard(pk: int, comment_pk: int | None) -> bool:
    with transaction.atomic():
        comment = Comment.objects.filter(pk=comment_pk).first()
        if comment is not None:
            _post, comment = lock_comment(comment)
        picture = (
            CommentPicture.objects.due().filter(pk=pk, comment=comment).select_for_update(no_key=True).first()
        )
        if picture is None:
            return False  # sent, restored, or deleted by another worker in the meantime
        # The files first: if the process is killed here, the row is found again.
        for name in picture.file_names():
            default_storage.delete(name)
        picture.delete()
        if comment is not None:  # its Markdown is shown as typed
            comment.set_body(comment.body)
            comment.save(update_fields=Comment.BODY_FIELDS)
            touch(comment.post)
    return True


@periodic(every=timedelta(hours=1))
def discard_pending_comments() -> int:
    """Delete expired pending comments, and old records of posted ones. Returns how many."""
    deleted, _by_model = PendingComment.objects.due().delete()
    return deleted
