"""Checks that hold comments, named in settings.COMMENT_CHECKS (see comments.services.checks.Check)."""

from datetime import timedelta
from html import unescape

from django.conf import settings
from django.utils import timezone

from comments.models import Comment
from comments.models.submission import Submission
from comments.services.checks import Opinion
from core.markup.newcomers import has_strange_links
from core.markup.plain import PICTURE_ALT
from core.utils.ratelimit import check_rates
from core.utils.reasons import MARKS_SHOWN, Reason, reason_sentence
from moderation import tasks
from moderation.models import Assessment, Decision, ModerationSettings
from moderation.models.decision import last_word
from moderation.services.trust import Trust, trust_of
from moderation.spamfilter import akismet, form_token, training
from moderation.spamfilter.company import SAME_TEXT, with_company
from moderation.spamfilter.engine.history import similarity, sketch_of
from moderation.spamfilter.engine.rules import Signal
from moderation.spamfilter.engine.scorer import Verdict
from moderation.spamfilter.engine.text import Material
from moderation.spamfilter.given import given_for

# The number of reasons shown with a held comment. The assessment stores them all.
REASONS_SHOWN = 3


def assess(comment: Comment, submission: Submission | None = None, link: str = "") -> Opinion:
    """Hold or reject a comment by its spam score, and store the assessment with it.

    The host and moderators are not checked. Trust counts in favour of others, except against hard evidence.
    Raises TooFast if too much comes from one network.
    """
    author = comment.author
    if author is not None and (author.is_host or author.is_moderator):
        return Opinion()
    standing = trust_of(author, without=comment) if author is not None else None
    network = form_token.network_of(submission.address) if submission else ""
    if network and not (standing and standing.level):
        check_rates(Assessment.objects.filter(network=network), settings.NETWORK_RATES)
    scorer = training.current_scorer(given_for(comment))
    verdict = scorer.score(material_of(comment, standing, network, submission, link))
    is_new = not comment.pk
    if not is_new and _was_approved_like_this(comment, verdict):
        return Opinion()

    def keep(comment: Comment) -> None:
        if is_new:
            _store_assessment(comment, verdict, network, submission)
        else:
            training.keep_assessment(verdict, comment)

    return Opinion(reasons_of(verdict), keep)


class ImportCheck:
    """Assess imported comments like all others.

    Their publication on another site says little about their authors.
    """

    def __init__(self) -> None:
        self.scorer = training.current_scorer()

    def reasons(self, comment: Comment) -> list[Reason]:
        author = comment.author
        if author is not None and (author.is_host or author.is_moderator):
            return []
        verdict = self.scorer.score(
            Material(
                text=comment.body,
                author_name=comment.author_name,
                author_url=comment.guest_url,
                post_title="",
            )
        )
        return reasons_of(verdict)


def _was_approved_like_this(comment: Comment, verdict: Verdict) -> bool:
    """Whether a moderator approved nearly the same text, so that a corrected word needs no second review."""
    assessment = Assessment.objects.filter(comment=comment).first()
    last = last_word(comment)
    if assessment is None or last is None or last.action != Decision.Action.APPROVE:
        return False
    known = set(assessment.marks.values_list("mark", flat=True))
    return (
        similarity(training.unpack_sketch(bytes(assessment.sketch)), sketch_of(verdict.analysis)) >= SAME_TEXT
        and known >= set(verdict.analysis.marks)
        and not any(signal.is_hard for signal in verdict.signals)
    )


def _store_assessment(
    comment: Comment, verdict: Verdict, network: str, submission: Submission | None
) -> None:
    """Store the assessment of a new comment. A task asks Akismet."""
    assessment = training.keep_assessment(verdict, comment, network=network)
    if settings.AKISMET_API_KEY:
        assessment.outside = {"akismet": akismet.question_about(comment, submission)}
        assessment.save(update_fields=["outside"])
        tasks.ask_akismet.enqueue(comment.pk)


def reasons_of(verdict: Verdict) -> list[Reason]:
    """The strongest reasons of a verdict for moderators and the author. Empty for published comments."""
    if verdict.outcome == "publish":
        return []
    reasons: list[Reason] = []
    for signal in verdict.reasons:
        _add(reasons, _hold_reason(signal))
    del reasons[REASONS_SHOWN:]
    if verdict.outcome == "reject":
        reasons.insert(0, {"code": "turned_away"})
    return reasons


def _add(reasons: list[Reason], reason: Reason) -> None:
    """Add a reason. What several rules found is one reason if its sentence is the same."""
    for other in reasons:
        if reason_sentence(other) == reason_sentence(reason):
            marks = list(dict.fromkeys([*other.get("marks", []), *reason.get("marks", [])]))[:MARKS_SHOWN]
            if marks:
                other["marks"] = marks
            return
    reasons.append(reason)


def _hold_reason(signal: Signal) -> Reason:
    """The stored reason, without marks if they are the author's name, which is shown above it anyway."""
    reason = signal.reason
    marks = [] if signal.code in {"search_name", "name_is_address"} else reason.pop("marks", [])[:MARKS_SHOWN]
    return reason | {"marks": marks} if marks else reason


def text_of(comment: Comment) -> str:
    """The text of a comment, with alt texts that are stored with its pictures only."""
    given = (unescape(alt) for alt in PICTURE_ALT.findall(comment.html) if "<picture" in comment.html)
    return "\n".join([comment.body, *(alt for alt in given if alt not in comment.body)])


def material_of(
    comment: Comment,
    standing: Trust | None = None,
    network: str = "",
    submission: Submission | None = None,
    link: str = "",
) -> Material:
    """The input of the checks for a comment, now or when a moderator decides about it later.

    link: what would be added to its author's profile.
    """
    author = comment.author
    sent = form_token.read_seal(submission) if submission else form_token.NOT_SENT
    level = standing.level if standing else None
    base = Material(
        text=text_of(comment),
        author_name=comment.author_name,
        author_url=comment.guest_url,
        # Links of established members are on profiles that others have seen; a newcomer's may be why they
        # joined.
        profile_urls=(*author.links.values_list("url", flat=True)[:5], *([link] if link else []))
        if author and not level
        else (),
        post_title=comment.post.title,
        first_post=standing.is_first if standing else None,
        trust_level=level,
        seconds_to_submit=sent.seconds,
        honeypot=sent.honeypot,
        stamp=sent.fault,
    )
    if standing is None or author is None:
        return base
    return with_company(base, comment, network)


def hold_new_members_links(comment: Comment, submission: Submission | None = None, link: str = "") -> Opinion:
    """Hold a new member's first comment with a picture, until one with a link or picture has been public.

    If the host chose it (ModerationSettings.first_link_waits), also the first one with a link to a site that
    is not well known; otherwise such links are plain text for others (docs/decisions/0064). New members have
    nothing public yet, or joined less than NEW_MEMBER_HOURS ago.
    """
    author = comment.author
    has_links = has_strange_links(comment.html)
    if (
        author is None
        or not (has_links or comment.picture_count)
        or author.is_host
        or author.is_moderator
        or (comment.pk and comment.is_public and not comment.has_more)
    ):
        return Opinion()
    links_wait = has_links and ModerationSettings.current().first_link_waits
    if not (links_wait or comment.picture_count):
        return Opinion()
    public = Comment.objects.by(author).public().exclude(pk=comment.pk)
    is_new = (
        author.date_joined > timezone.now() - timedelta(hours=settings.NEW_MEMBER_HOURS)
        or not public.exists()
    )
    if not is_new or any(
        pictures or has_strange_links(html)
        for html, pictures in public.with_links_or_pictures().values_list("html", "picture_count")[:20]
    ):
        return Opinion()
    return Opinion([{"code": "new_member_link" if links_wait else "new_member_picture"}])
