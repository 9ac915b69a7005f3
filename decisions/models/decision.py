"""Polls and proposals. Each is a top-level comment under a post, with additional rows here.

So its text, the reasons of positions and the outcome are comments: the spam filter, the queue, reports,
notifications, search, export and erasure cover them (docs/decisions/0120).

A secret vote stores no ballot. It adds to the sums of all options of its poll, in one statement that rewrites
each of them, and a `Voter` row without a time records who has voted. Nothing shows to which sums a voter
added.
"""

import secrets
import uuid
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from comments.models import Comment
from comments.models.querysets import may_see
from core.markup.comments import render_markdown
from core.markup.newcomers import unlinked
from core.utils.exists import ExistsForEach

MAX_OPTIONS = 20
OPTION_CHARACTERS = 200
KEY_BYTES = 9


def make_key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


class DecisionSettings(models.Model):
    """The host's settings for decisions, in one row."""

    members_ask = models.BooleanField(
        _("members can open polls and proposals"),
        default=False,
        db_default=False,
        help_text=_("Otherwise only hosts can. Everyone who can comment can vote."),
    )

    class Meta:
        verbose_name = _("decisions: who can open them")
        verbose_name_plural = _("decisions: who can open them")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_decisions")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> Self:
        """The row, or an unsaved one with the defaults."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


MIN_SECRET_VOTERS = 3


class PollAndProposalQuerySet(models.QuerySet):
    """Polls and proposals. Each is visible to those who may see its comment."""

    def with_all(self) -> Self:
        return self.select_related("comment__post__author", "comment__author", "outcome__author", "closed_by")

    def readable_by(self, reader: User | AnonymousUser) -> Self:
        """Those whose comment and post this reader may read."""
        comments = Comment.objects.filter(may_see(reader), pk=OuterRef("comment")).on_readable_posts(reader)
        return self.filter(ExistsForEach(comments.order_by()))

    def discoverable_by(self, reader: User | AnonymousUser) -> Self:
        """For lists: public decisions below posts that the reader may find. Checked per row by subqueries."""
        comments = Comment.objects.public().filter(pk=OuterRef("comment")).discoverable_by(reader)
        return self.filter(ExistsForEach(comments.order_by()))

    def newest(self, count: int) -> Self:
        """The newest `count` with what a list shows, no texts. Other tables are joined to these rows only."""
        keys = self.order_by("-pk").values("pk")[:count]
        rows = type(self)(self.model).filter(pk__in=keys).order_by("-pk")
        texts = (
            "text",
            "comment__body",
            "comment__html",
            "comment__post__body",
            "outcome__body",
            "outcome__html",
        )
        people = (f"comment__author__{name}" for name in ("bio", "bio_html", "search_text"))
        return rows.select_related("comment__post", "comment__author", "outcome").defer(*texts, *people)

    def open(self) -> Self:
        """Neither closed by hand nor past their end. Those that open later are included."""
        now = timezone.now()
        return self.filter(Q(closes_at=None) | Q(closes_at__gt=now), closed_at=None)

    def over(self) -> Self:
        """Closed by hand, or past their end."""
        return self.filter(Q(closes_at__lte=timezone.now()) | Q(closed_at__isnull=False))

    def to_review(self) -> Self:
        """Decisions that are due for review, the longest due first."""
        there = Comment.objects.public().filter(pk=OuterRef("comment"), post__trashed_at=None)
        due = self.filter(ExistsForEach(there.order_by()), review_on__lte=timezone.localdate())
        return due.order_by("review_on", "pk")


class Decision(models.Model):
    """A poll or a proposal. It is over at its end time, or when someone closes it."""

    class Kind(models.TextChoices):
        POLL = "poll", _("Poll")
        PROPOSAL = "proposal", _("Proposal")

    class Method(models.TextChoices):
        SINGLE = "single", _("One option")
        SEVERAL = "several", _("Several options")
        RANKED = "ranked", _("Options in order, by points")

    class Stage(models.TextChoices):
        """The stages of a proposal. Positions are accepted in the second and third."""

        DISCUSS = "discuss", _("Discuss")
        SENSE = "sense", _("Sense check")
        DECIDE = "decide", _("Decide")

    TAKE_POSITIONS = (Stage.SENSE, Stage.DECIDE)

    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="decision")
    key = models.CharField(max_length=16, unique=True, default=make_key, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    method = models.CharField(max_length=8, choices=Method, blank=True)
    # How many options a vote may choose; None: all.
    most = models.PositiveSmallIntegerField(null=True)
    is_secret = models.BooleanField(default=False)
    # For named polls: whether results are shown before the end. Those of secret polls never are.
    shows_early = models.BooleanField(default=False)
    stage = models.CharField(max_length=7, choices=Stage, blank=True)
    opens_at = models.DateTimeField(default=timezone.now)
    closes_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # For secret polls: the number of votes. It stays when voters delete their accounts.
    ballots = models.PositiveIntegerField(default=0)
    outcome = models.OneToOneField(Comment, on_delete=models.SET_NULL, null=True, related_name="outcome_of")
    review_on = models.DateField(null=True)

    objects = PollAndProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [
            models.Index(
                fields=["review_on"], condition=Q(review_on__isnull=False), name="decisions_to_review"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="poll", stage="", method__in=["single", "several", "ranked"])
                | Q(kind="proposal", method="", stage__in=["discuss", "sense", "decide"], is_secret=False),
                name="decision_is_a_poll_or_a_proposal",
            ),
            models.CheckConstraint(
                condition=Q(is_secret=False) | Q(shows_early=False), name="secret_results_wait"
            ),
            models.CheckConstraint(
                condition=Q(closes_at=None) | Q(closes_at__gt=F("opens_at")),
                name="decision_closes_after_it_opens",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("decisions:decision-detail", args=[self.key])

    @property
    def is_poll(self) -> bool:
        return self.kind == self.Kind.POLL

    @property
    def is_shown(self) -> bool:
        """Whether someone without an account can open a link to it.

        Invited guests can open a members-only one.
        """
        return self.comment.is_public and self.comment.post.is_published

    @property
    def has_outcome(self) -> bool:
        """Whether there is an outcome, including a held one. A deleted or removed one can be replaced."""
        gone = (Comment.Status.DELETED, Comment.Status.REMOVED, Comment.Status.SPAM)
        return self.outcome is not None and self.outcome.status not in gone

    @property
    def is_over(self) -> bool:
        """Whether it was closed by hand or its end has passed."""
        return self.closed_at is not None or (self.closes_at is not None and self.closes_at <= timezone.now())

    @property
    def ended_at(self) -> Any:
        """When it was over, by time or by closing; None while it is open."""
        return min(filter(None, [self.closed_at, self.closes_at])) if self.is_over else None

    @property
    def is_to_come(self) -> bool:
        return self.opens_at > timezone.now()

    @property
    def is_open(self) -> bool:
        return not self.is_over and not self.is_to_come

    @property
    def takes_positions(self) -> bool:
        """Whether it is a proposal at a stage that asks for positions, and open."""
        return self.is_open and self.stage in self.TAKE_POSITIONS

    @property
    def takes_part(self) -> bool:
        """Whether people can vote, or take a position, now."""
        return self.is_open if self.is_poll else self.takes_positions

    @property
    def shows_results(self) -> bool:
        """Whether results are shown.

        In a secret vote with one or two voters, they would reveal the choices.
        """
        if self.is_secret:
            return self.is_over and self.voters.count() >= MIN_SECRET_VOTERS
        return self.is_over or self.shows_early

    @property
    def public_html(self) -> str:
        """The text as everyone may see it. After an edit, that of the comment."""
        if self.comment.revisions.exists():
            return self.comment.public_html
        html = render_markdown(self.text).html
        return unlinked(html) if self.comment.has_plain_links else html

    @property
    def next_stage(self) -> "Stage | None":
        """The stage that its author or a host can advance to; None at the last one, and for polls."""
        stages = list(self.Stage)
        here = stages.index(self.Stage(self.stage)) if self.stage else len(stages)
        return stages[here + 1] if here + 1 < len(stages) else None


class Option(models.Model):
    """sum: for secret polls, the total of all votes for it."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="options", db_index=False)
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=OPTION_CHARACTERS)
    sum = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "position"], name="one_option_in_each_place")
        ]

    def __str__(self) -> str:
        return self.text


class Voter(models.Model):
    """Someone who has voted in a poll. It has no time, and a random key that does not reveal the order.

    member: None once the account was deleted; their choice in a named poll stays as that of a former member.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="voters", db_index=False)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="votes"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["decision", "member"], name="each_member_votes_once")]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.decision_id}"
