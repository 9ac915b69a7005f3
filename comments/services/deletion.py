"""Deletion of a member's comments and related rows with their account (accounts/services/deletion.py).

Each step does one batch, finding the rows that are left by itself, and returns how many it changed. So it
can be interrupted at any point.
"""

from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q

from accounts.models import AccountDeletion, User
from comments.models import ERASED, Comment, CommentMention, CommentPicture, CommentRevision, Thanks
from comments.models.querysets import CommentQuerySet
from comments.services.writing import lock_comment, set_status, touch
from comments.signals import comments_rewritten
from core.utils.files import delete_stored
from core.utils.locks import lock_row
from posts.models import Post

BATCH = 25
DELETED_AT_ONCE = 500


def withdraw_thanks(member: User, _deletion: AccountDeletion) -> int:
    """Withdraw their thanks, one by one, because each comment has a counter of its thanks."""
    some = list(Thanks.objects.filter(member=member).select_related("comment").order_by("pk")[:BATCH])
    for thanks in some:
        with transaction.atomic():
            post, comment = lock_comment(thanks.comment)
            deleted, _by_model = Thanks.objects.filter(pk=thanks.pk).delete()
            if deleted:
                Comment.objects.filter(pk=comment.pk).update(thanks_count=F("thanks_count") - 1)
                touch(post)
    return len(some)


def forget_calls(member: User, _deletion: AccountDeletion) -> int:
    """Delete mentions of the member.

    The text "@name" stays as written; its link to their profile is removed.
    """
    some = list(CommentMention.objects.filter(member=member).select_related("comment").order_by("pk")[:BATCH])
    for mention in some:
        with transaction.atomic():
            post, comment = lock_comment(mention.comment)
            CommentMention.objects.filter(pk=mention.pk).delete()
            comment.set_body(comment.body)
            comment.save(update_fields=Comment.BODY_FIELDS)
            touch(post)
    return len(some)


def drop_unsent_pictures(member: User, _deletion: AccountDeletion) -> int:
    """Delete pictures that are in no comment. The others are deleted or kept with their comments."""
    some = list(CommentPicture.objects.unsent().filter(uploaded_by=member).order_by("pk")[:BATCH])
    for picture in some:
        for name in picture.file_names():
            default_storage.delete(name)
        CommentPicture.objects.unsent().filter(pk=picture.pk).delete()
    return len(some)


def forget_guest(member: User, _deletion: AccountDeletion) -> int:
    """Erase their guest details from comments that they claimed."""
    named = ~Q(guest_name="") | ~Q(guest_email="") | ~Q(guest_url="")
    return Comment.objects.filter(named, author=member).update(guest_name="", guest_email="", guest_url="")


def erase_comments_of_member(member: User, account_deletion: AccountDeletion) -> int:
    """Erase their comments, keeping replies below a tombstone.

    Comments that they had deleted are erased in any case.
    """
    theirs = Comment.objects.by(member).exclude(body=ERASED, status=Comment.Status.DELETED)
    if not account_deletion.erases:
        theirs = theirs.filter(status=Comment.Status.DELETED)
    post_id = theirs.order_by("post_id").values_list("post_id", flat=True).first()
    if post_id is None:
        return 0
    return (
        len(erase_comments(theirs, post_id)) or 1
    )  # a branch was moved in the meantime: there is more to do


def erase_comments(theirs: CommentQuerySet, post_id: int) -> list[int]:
    """Erase a batch of comments under one post, under its lock; replies stay below a tombstone.

    Returns their keys.
    """
    with transaction.atomic():
        post = lock_row(Post.objects, post_id)
        some = list(theirs.filter(post=post).order_by("pk")[:BATCH])
        for comment in some:
            set_status(comment, Comment.Status.DELETED)
        CommentRevision.objects.filter(comment__in=some).delete()
        CommentMention.objects.filter(comment__in=some).delete()
        erased = [comment.pk for comment in some]
        Comment.objects.filter(pk__in=erased).update(
            body=ERASED,
            html="",
            fold_at=0,
            folded_words=0,
            link_count=0,
            picture_count=0,
            hold_reasons=[],
            edited_at=None,
        )
        comments_rewritten.send(sender=Comment, comments=erased)
        touch(post)
    return erased


def delete_comments_of_post(post: Post) -> None:
    """Delete all comments of a post, the deepest first, with their pictures. For POST_DELETION_STEPS."""
    for picture in CommentPicture.objects.filter(comment__post=post).iterator():
        for name in picture.file_names():
            transaction.on_commit(partial(delete_stored, name))
        picture.delete()
    comments = Comment.objects.for_post(post).order_by("-level", "-pk")
    while deepest := list(comments.values_list("pk", flat=True)[:DELETED_AT_ONCE]):
        Comment.objects.filter(pk__in=deepest).delete()
