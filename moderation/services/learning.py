"""Training the spam filter with decisions, and what confirmed spam means for the author's other comments."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from comments.models import Comment
from comments.services.writing import lock_comment, set_status
from moderation.models import Assessment, Decision
from moderation.models.decision import last_word
from moderation.spamfilter import fitting, training
from moderation.spamfilter.checks import material_of


def learn_from(decision: Decision) -> None:
    """Train the classifier with the latest decision about this comment: spam, genuine, or neither.

    Removing says nothing about spam: an unkind comment is not spam. Safe to run twice, and in any order with
    later decisions about the same comment: the latest decision in the log counts, whichever caused this call.
    """
    with transaction.atomic():
        _post, comment = lock_comment(decision.comment)
        if comment.is_erased:  # nothing is left to train with; earlier training stays
            return
        last = last_word(comment)
        if last is None or last.action == Decision.Action.REMOVE:
            training.unteach(comment)
            return
        scorer = training.current_scorer()
        assessment = Assessment.objects.filter(comment=comment).first()
        if (
            assessment is not None
            and hasattr(assessment, "sample")
            and assessment.sample.decision_id == last.pk
        ):
            return
        training.unteach(comment)
        verdict = scorer.score(material_of(comment))
        if assessment is None:
            assessment = training.keep_assessment(verdict, comment)
        else:
            training.keep_traces(assessment, verdict.analysis)
        training.teach(assessment, verdict, last.action == Decision.Action.SPAM, last)


def teach_from_decisions() -> int:
    """Retrain the classifier with all decisions in the log, oldest first. Returns how many were used."""
    learned = 0
    for decision in (
        Decision.objects.filter(undone_by=None, action__in=Decision.STATUS_AFTER)
        .select_related("comment")
        .order_by("pk")
        .iterator()
    ):
        learn_from(decision)
        learned += 1
    fitting.settle()
    return learned


def retrain_if_outdated() -> bool:
    """Retrain from the log if an update changed the features. Returns whether that was necessary.

    One sample at a time, so that the database stays writable. If the worker is stopped in between, `manage.py
    spam_train --from-decisions` completes it.
    """
    if not training.is_outdated():
        return False
    training.forget_everything()
    teach_from_decisions()
    return True


def hold_recent_comments_of_author(decision: Decision) -> int:
    """After confirmed spam, hold the author's other recent comments that no moderator has approved.

    Returns how many. Undoing the decision releases those that only it had held.
    """
    is_undo = decision.action == Decision.Action.UNDO
    cause = decision.undoes if is_undo else decision
    author = decision.comment.author
    if (
        cause is None
        or cause.action != Decision.Action.SPAM
        or author is None
        or author.is_host
        or author.is_moderator
    ):
        return 0
    others = Comment.objects.by(author).exclude(pk=decision.comment_id).filter(decisions=None)
    if is_undo:
        found = [
            comment
            for comment in others.held()
            if any(reason.get("decision") == cause.pk for reason in comment.hold_reasons)
        ]
    else:
        found = list(
            others.public().filter(
                created_at__gt=timezone.now() - timedelta(days=settings.SPAM_LOOK_BACK_DAYS)
            )
        )
    moved = 0
    for comment in sorted(found, key=lambda comment: (comment.post_id, comment.pk)):
        with transaction.atomic():
            _post, locked = lock_comment(comment)
            expected = Comment.Status.HELD if is_undo else Comment.Status.PUBLIC
            if locked.status != expected or Decision.objects.filter(comment=locked).exists():
                continue
            locked.hold_reasons = [] if is_undo else [{"code": "author_spam", "decision": cause.pk}]
            locked.save(update_fields=["hold_reasons"])
            moved += set_status(locked, Comment.Status.PUBLIC if is_undo else Comment.Status.HELD)
    return moved
