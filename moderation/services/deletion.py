"""What moderation keeps after an account is deleted: who decided what and when, but not the text."""

from django.db.models import Q

from accounts.models import AccountDeletion, User
from comments.models import Comment
from moderation.models import Appeal, Assessment, Decision, Report, TracedKey, TracedMark
from posts.models import Post


def forget_notes(member: User, account_deletion: AccountDeletion) -> int:
    """Delete a member's own messages to moderators; with erased comments, also notes and assessments.

    What the spam filter has learned stays: weights and hashed features, from which no text can be
    reconstructed. A step of accounts/services/deletion.py.
    """
    changed = Report.objects.filter(reporter=member).exclude(note="", network="").update(note="", network="")
    if not account_deletion.erases:
        return changed
    return changed + _forget_about(Q(author=member))


def forget_texts_of(comments: list[int]) -> None:
    """Do the same for the comments of a guest."""
    _forget_about(Q(pk__in=comments))


def _forget_about(which: Q) -> int:
    """which: a filter for comments whose text is erased. Returns the number of rows changed."""
    comments = Comment.objects.filter(which)
    theirs = Q(comment__in=comments)
    changed = Report.objects.filter(theirs).exclude(note="").update(note="")
    changed += Decision.objects.filter(theirs).exclude(note="", word="").update(note="", word="")
    traced = Q(assessment__comment__in=comments)
    for rows in (TracedMark, TracedKey):
        deleted, _by_model = rows.objects.filter(traced).delete()
        changed += deleted
    seen = Assessment.objects.filter(theirs).exclude(reasons=[], outside={}, network="", sketch=b"")
    return changed + seen.update(reasons=[], outside={}, network="", sketch=b"")


def forget_decisions_of_post(post: Post) -> None:
    """Delete reports, appeals and decisions about comments of a purged post (for POST_DELETION_STEPS)."""
    decisions = Decision.objects.filter(comment__post=post)
    Appeal.objects.filter(decision__comment__post=post).delete()
    Report.objects.filter(comment__post=post).delete()
    # An undo refers to the decision it undid, so it is deleted first.
    while decisions.filter(undone_by=None).delete()[0]:
        pass
    Decision.objects.filter(from_parent__post=post).update(from_parent=None)
    Decision.objects.filter(to_parent__post=post).update(to_parent=None)
