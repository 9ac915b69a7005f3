"""Background tasks of moderation."""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from accounts.models import User
from comments.models import Comment
from comments.services.writing import lock_comment, set_status
from core.tasks.periodic import periodic
from moderation.models import Assessment, Decision, LearnerState, Report, TracedKey
from moderation.services import newcomers, profiles
from moderation.services.learning import hold_recent_comments_of_author, learn_from, retrain_if_outdated
from moderation.services.trust import trust_of
from moderation.spamfilter import akismet, checks, fitting, training
from moderation.spamfilter.engine.rules import Signal

logger = logging.getLogger(__name__)

AKISMET_PAUSES_MINUTES = [1, 10, 60]


@task
def learn_decision(decision_id: int) -> None:
    """Train with a decision or its undo; check the author's last week; report to Akismet."""
    decision = Decision.objects.select_related("comment__author", "comment__post", "undoes").get(
        pk=decision_id
    )
    if not retrain_if_outdated():
        learn_from(decision)
        settle_soon()
    hold_recent_comments_of_author(decision)
    profiles.follow(decision)
    if decision.action == Decision.Action.APPROVE:
        newcomers.approve(decision.comment.author)
    if settings.AKISMET_API_KEY and decision.action in {Decision.Action.APPROVE, Decision.Action.SPAM}:
        tell_akismet.enqueue(decision.comment_id, decision.action == Decision.Action.SPAM)


@task
def look_at_newcomers(comment_id: int) -> None:
    """After a comment is published, assess its author's profile and the member it replies to."""
    comment = Comment.objects.filter(pk=comment_id).select_related("author", "parent__author").first()
    if comment is None or comment.author is None or not comment.is_public:
        return
    if comment.parent is not None:
        newcomers.vouch(comment.parent.author, comment.author)
    if not comment.author.is_known:
        if comment.author.is_moderator:
            newcomers.approve(comment.author)
        else:
            profiles.screen_profile(comment.author)


@task
def vouch_for(member_id: int, by_id: int) -> None:
    people = User.objects.in_bulk([member_id, by_id])
    newcomers.vouch(people.get(member_id), people.get(by_id))


def settle_soon() -> None:
    """Fit the samples together: at once on a small site; on a large one after a burst of decisions."""
    state = LearnerState.objects.filter(pk=1).first()
    if state is None or state.is_settled:
        return
    if state.decisions <= fitting.AT_ONCE:
        fitting.settle()
    elif cache.add("moderation.settle", 1, pause := state.decisions // 100):
        settle_learner.using(run_after=timezone.now() + timedelta(seconds=pause)).enqueue()


@task
def settle_learner() -> None:
    fitting.settle()


@task
def ask_akismet(comment_id: int, tries: int = 0) -> None:
    """Ask Akismet about a new comment. Its verdict is one more signal, which can at most hold a comment."""
    assessment = (
        Assessment.objects.filter(comment=comment_id)
        .select_related("comment__author", "comment__post")
        .first()
    )
    if assessment is None or assessment.comment is None or "akismet" not in assessment.outside:
        return
    try:
        is_spam = akismet.check(assessment.outside["akismet"])
    except akismet.NotReached as error:
        if tries < len(AKISMET_PAUSES_MINUTES):
            pause = timedelta(minutes=AKISMET_PAUSES_MINUTES[tries])
            logger.warning("Akismet did not answer (%s); retrying in %s.", error, pause)
            ask_akismet.using(run_after=timezone.now() + pause).enqueue(comment_id, tries + 1)
        else:
            logger.error("Akismet did not answer (%s); giving up on comment %s.", error, comment_id)
        return
    take_in(assessment.comment, akismet.signal(is_spam))


def take_in(comment: Comment, signal: Signal | None) -> None:
    """Score a comment again with Akismet's verdict. Only undecided comments change their status."""
    if signal is None:
        return
    with transaction.atomic():
        _post, comment = lock_comment(comment)
        if comment.author is None:
            return
        assessment = Assessment.objects.get(comment=comment)
        trust = trust_of(comment.author, without=comment)
        verdict = training.current_scorer().score(
            checks.material_of(comment, trust, assessment.network), [signal]
        )
        training.keep_assessment(verdict, comment)
        if (
            comment.is_public
            and verdict.outcome != "publish"
            and not Decision.objects.filter(comment=comment).exists()
        ):
            comment.hold_reasons = checks.reasons_of(verdict)
            comment.save(update_fields=["hold_reasons"])
            set_status(comment, Comment.Status.HELD)


@task
def tell_akismet(comment_id: int, is_spam: bool, tries: int = 0) -> None:
    """Report a moderator's decision to Akismet."""
    assessment = Assessment.objects.filter(comment=comment_id).first()
    if assessment is None or "akismet" not in assessment.outside:
        return
    try:
        akismet.submit(assessment.outside["akismet"], is_spam=is_spam)
    except akismet.NotReached as error:
        if tries < len(AKISMET_PAUSES_MINUTES):
            pause = timedelta(minutes=AKISMET_PAUSES_MINUTES[tries])
            tell_akismet.using(run_after=timezone.now() + pause).enqueue(comment_id, is_spam, tries + 1)
        else:
            logger.error(
                "Akismet did not accept a decision (%s); giving up on comment %s.", error, comment_id
            )


# --- periodic tasks ---------------------------------------------------------------------------


@periodic(every=timedelta(days=1))
def refit_learner() -> None:
    """Also run without new decisions: how members write changes, and with it the caution."""
    if not retrain_if_outdated():
        LearnerState.objects.filter(decisions__gt=0).update(is_settled=False)
        fitting.settle()


@periodic(every=timedelta(hours=1))
def make_known_who_stood() -> int:
    known = 0
    while some := newcomers.make_members_known():
        known += some
    return known


@periodic(every=timedelta(hours=6))
def close_what_was_turned_away() -> int:
    """Mark blocked comments without a decision as spam. They are not used for training."""
    before = timezone.now() - timedelta(days=settings.TURNED_AWAY_DAYS)
    rejected = Comment.objects.held().filter(
        assessment__outcome=Assessment.Outcome.REJECT, assessment__created_at__lt=before, decisions=None
    )
    closed = 0
    for found in rejected[:500]:
        with transaction.atomic():
            _post, comment = lock_comment(found)
            # Since it was read, its author may have edited it and a moderator may have decided.
            if comment.was_blocked and not Decision.objects.filter(comment=comment).exists():
                closed += set_status(comment, Comment.Status.SPAM)
    return closed


@periodic(every=timedelta(hours=1))
def forget_networks() -> int:
    """Delete the network hashes of comments after a day (burst detection), of open reports after a week."""
    now = timezone.now()
    comments = Assessment.objects.filter(
        created_at__lt=now - timedelta(hours=settings.NETWORK_HOURS)
    ).exclude(network="")
    reports = Report.objects.filter(
        created_at__lt=now - timedelta(days=settings.REPORT_NETWORK_DAYS)
    ).exclude(network="")
    return comments.update(network="") + reports.update(network="")


@periodic(every=timedelta(days=1))
def forget_traces() -> int:
    """Delete fingerprints of undecided comments after TURNED_AWAY_DAYS."""
    before = timezone.now() - timedelta(days=settings.TURNED_AWAY_DAYS)
    deleted, _by_model = TracedKey.objects.filter(
        assessment__created_at__lt=before, assessment__sample=None
    ).delete()
    return deleted
