"""What hosts and moderators do with a comment in its thread: pin, mark, close its branch, correct.

Each change raises the version of the thread, so that all readers see it (docs/decisions/0075).
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from comments.models import Comment, CommentRevision
from comments.services.images import bind_pictures, check_picture_count, hold_pictures
from comments.services.seen import check_seen
from comments.services.writing import lock_comment, note_mentions, touch
from comments.signals import comment_called, comment_chosen, comment_corrected
from core.prepared import A_NUMBER, Prepared
from posts.models import Post


def pin(comment: Comment) -> bool:
    """Show it above the thread, in place of the one pinned before. Returns False if nothing changed.

    Raises ValidationError (code "not_public").
    """
    with transaction.atomic():
        post, comment = lock_comment(comment)
        check_public(comment)
        if comment.pinned_at:
            return False
        Comment.objects.for_post(post).exclude(pinned_at=None).update(pinned_at=None)
        Comment.objects.filter(pk=comment.pk).update(pinned_at=timezone.now())
        touch(post)
    return True


def unpin(comment: Comment) -> bool:
    """Returns False if it was not pinned."""
    with transaction.atomic():
        post, comment = lock_comment(comment)
        changed = Comment.objects.filter(pk=comment.pk).exclude(pinned_at=None).update(pinned_at=None)
        touch(post)
    return bool(changed)


def choose(comment: Comment, *, by: User) -> bool:
    """Mark it as the host's choice; its author is notified. Returns False if nothing changed.

    Raises ValidationError (code "not_public").
    """
    with transaction.atomic():
        post, comment = lock_comment(comment)
        check_public(comment)
        if comment.chosen_at:
            return False
        comment.chosen_at, comment.chosen_by = timezone.now(), by
        comment.save(update_fields=["chosen_at", "chosen_by"])
        touch(post)
        comment_chosen.send(sender=Comment, comment=comment, by=by)
    return True


def unchoose(comment: Comment) -> bool:
    """Returns False if it was not the host's choice."""
    with transaction.atomic():
        post, comment = lock_comment(comment)
        chosen = Comment.objects.filter(pk=comment.pk).exclude(chosen_at=None)
        changed = chosen.update(chosen_at=None, chosen_by=None)
        touch(post)
    return bool(changed)


def close_branch(comment: Comment, *, is_closed: bool) -> bool:
    """Close or reopen replies to the comment and everything below it. Returns False if nothing changed."""
    with transaction.atomic():
        post, comment = lock_comment(comment)
        if bool(comment.closed_at) == is_closed:
            return False
        comment.closed_at = timezone.now() if is_closed else None
        comment.save(update_fields=["closed_at"])
        touch(post)
    return True


def correct_comment(comment: Comment, *, body: str, by: User, seen: str = "") -> Comment:
    """Change the text of someone else's comment and notify its author. The earlier version stays visible.

    seen: see check_seen. Raises ValidationError (codes "not_public", "changed", "too_many_pictures").
    """
    with transaction.atomic():
        post, comment = lock_comment(comment)
        check_public(comment)
        if comment.body == body:
            return comment
        check_seen(comment, seen)
        CommentRevision.objects.create(
            comment=comment, body=comment.body, html=comment.html, edited_by=by, is_marked=True
        )
        if comment.author is not None:
            hold_pictures(comment.author, body)
        comment.set_body(body)
        check_picture_count(comment)
        comment.edited_at = comment.corrected_at = timezone.now()
        comment.corrected_by = by
        comment.clean_fields(exclude=["parent", "lft", "rght", "tree_id", "level", "html", "source_key"])
        comment.save(update_fields=[*Comment.BODY_FIELDS, "edited_at", "corrected_at", "corrected_by"])
        called, are_others_gone = note_mentions(comment)
        bind_pictures(comment)
        touch(post)
        if called or are_others_gone:
            comment_called.send(sender=Comment, comment=comment, members=called)
        comment_corrected.send(sender=Comment, comment=comment, by=by)
    return comment


def check_public(comment: Comment) -> None:
    """Raise ValidationError (code "not_public") if the comment is not public (any more)."""
    if not comment.is_public:
        raise ValidationError(
            _("This comment isn’t public any more, so you can’t do this with it."), code="not_public"
        )


def pinned_comment(post: Post) -> Comment | None:
    """The comment above the thread, with its author; None while it isn't public."""
    return _pinned.first(post=post.pk)


_pinned: Prepared[Comment] = Prepared(
    lambda post: (
        Comment.objects.filter(post=post)
        .public_of_all()  # or SQLite reads the whole thread by status; `pinned_at` as in the index
        .filter(pinned_at__isnull=False)
        .select_related("author")
        .order_by("pk")[:1]
    ),
    post=A_NUMBER,
)
