"""What keeps the place pleasant: what members report, and every decision, with who, what, when and why."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from moderation.querysets import ClaimQuerySet, DecisionQuerySet, ReportQuerySet
from posts.models import Post


class Decision(models.Model):
    """One act of a moderator on one comment. Rows are only ever added; taking one back adds another."""

    class Action(models.TextChoices):
        APPROVE = "approve", _("approved")
        REMOVE = "remove", _("removed")
        SPAM = "spam", _("marked as spam")
        MOVE = "move", _("moved")
        SPLIT = "split", _("made a post of its own")
        UNDO = "undo", _("taken back")

    comment = models.ForeignKey(Comment, verbose_name=_("comment"), on_delete=models.PROTECT, related_name="decisions")
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("moderator"), on_delete=models.PROTECT, related_name="decisions")
    action = models.CharField(_("decision"), max_length=10, choices=Action)
    status_before = models.CharField(_("before"), max_length=10, choices=Comment.Status)
    status_after = models.CharField(_("after"), max_length=10, choices=Comment.Status)
    note = models.CharField(_("why"), max_length=300, blank=True)
    # What the author is told: one of the host's texts, and a word of the moderator's own. `told_at`: when a mail said so.
    text = models.ForeignKey("moderation.RefusalText", verbose_name=_("reason"), on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    word = models.CharField(_("a word to the author"), max_length=500, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Of a branch that went elsewhere, and of taking that back: where it stood, and where it stands. Nothing answered: under the post itself.
    from_post = models.ForeignKey(Post, verbose_name=_("from the post"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    from_parent = models.ForeignKey(Comment, verbose_name=_("there it answered"), on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    to_post = models.ForeignKey(Post, verbose_name=_("to the post"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    to_parent = models.ForeignKey(Comment, verbose_name=_("here it answers"), on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    undoes = models.OneToOneField("self", verbose_name=_("takes back"), on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by")
    # The same for all that one click decided, so that one click takes it back.
    batch = models.UUIDField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="decisions_newest_first"),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="decisions_of_batch"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(action="undo", undoes__isnull=False) | (~Q(action="undo") & Q(undoes=None)), name="undo_names_what_it_takes_back"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_undone(self) -> bool:
        return hasattr(self, "undone_by")

    @property
    def why(self) -> str:
        """All that the author is told."""
        return "\n\n".join(part for part in (self.text.words if self.text else "", self.word) if part)

    @property
    def can_be_appealed(self) -> bool:
        """It took somebody's words away, and they are still gone by it."""
        return self.action in {self.Action.REMOVE, self.Action.SPAM} and not self.is_undone and self.comment.status == self.status_after

    @property
    def is_about_a_place(self) -> bool:
        """A branch went elsewhere by it, or back. Posts that are gone since are not named any more."""
        return self.action in {self.Action.MOVE, self.Action.SPLIT} or bool(self.from_post_id or self.to_post_id)


class Claim(models.Model):
    """Who is looking at a comment just now, so that two moderators do not do the same work. Each holds one at a time."""

    comment = models.OneToOneField(Comment, verbose_name=_("comment"), on_delete=models.CASCADE, related_name="claim")
    moderator = models.OneToOneField(settings.AUTH_USER_MODEL, verbose_name=_("moderator"), on_delete=models.CASCADE, related_name="claim")
    created_at = models.DateTimeField(_("since"), default=timezone.now)
    expires_at = models.DateTimeField(_("until"))

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        indexes = [models.Index(fields=["expires_at"], name="claims_by_end")]

    def __str__(self) -> str:
        return f"{self.moderator_id}: {self.comment_id}"


class Report(models.Model):
    """A member asks the moderators to look at a comment."""

    class Reason(models.TextChoices):
        SPAM = "spam", _("It is advertising or spam")
        UNKIND = "unkind", _("It is unkind, or attacks somebody")
        PRIVATE = "private", _("It gives away something private")
        WRONG_PLACE = "wrong_place", _("It does not belong here")
        OTHER = "other", _("Something else")

    comment = models.ForeignKey(Comment, verbose_name=_("comment"), on_delete=models.PROTECT, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("reported by"), on_delete=models.PROTECT, related_name="reports")
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    note = models.TextField(_("in your own words"), max_length=1000, blank=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    # A keyed hash of the address block it came from, so that several accounts at one place count once. Emptied with the decision.
    network = models.CharField(max_length=32, blank=True, editable=False)
    # Set together with the decision that answers it; emptied when that is taken back.
    decision = models.ForeignKey(Decision, verbose_name=_("decision"), on_delete=models.PROTECT, null=True, blank=True, related_name="reports")

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "reporter"],
                condition=Q(decision=None),
                name="one_open_report_per_member_and_comment",
                violation_error_message=_("You have reported this comment already. A moderator will look at it."),
            )
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(decision=None), name="open_reports"),
            models.Index(fields=["created_at"], condition=~Q(network=""), name="reports_with_network"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({self.created_at:%Y-%m-%d})"


class ModerationSettings(models.Model):
    """How strict the guard is: one row. Percentages, because people move a slider."""

    hold_percent = models.PositiveSmallIntegerField(
        _("let a comment wait from"), default=50, validators=[MinValueValidator(5), MaxValueValidator(99)], help_text=_("How likely spam, in %.")
    )
    reject_percent = models.PositiveSmallIntegerField(
        _("turn a comment away from"),
        default=97,
        validators=[MinValueValidator(50), MaxValueValidator(100)],
        help_text=_("How likely spam, in %, and only with hard evidence. 100: never."),
    )

    hide_after_reports = models.PositiveSmallIntegerField(
        _("hide a comment after so many reports"),
        default=3,
        validators=[MaxValueValidator(50)],
        help_text=_("Of trusted members; it waits until a moderator looked at it. 0: never."),
    )
    wait_hours = models.PositiveSmallIntegerField(
        _("email moderators when something waits for so many hours"), default=12, validators=[MaxValueValidator(720)], help_text=_("0: never.")
    )

    class Meta:
        verbose_name = _("settings of the guard")
        verbose_name_plural = _("settings of the guard")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_row_of_moderation_settings"),
            models.CheckConstraint(
                condition=Q(hold_percent__gte=5, hold_percent__lte=F("reject_percent"), reject_percent__lte=100), name="hold_before_reject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hold_percent} % / {self.reject_percent} %"

    @classmethod
    def current(cls) -> "ModerationSettings":
        """The one row, or what holds where nobody changed anything."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class Assessment(models.Model):
    """What the guard thought of a comment when it came, and the trace by which it is found again.

    Rows without a comment come from a file that was learned (`spam_train`).
    """

    class Outcome(models.TextChoices):
        PUBLISH = "publish", _("published")
        HOLD = "hold", _("held")
        REJECT = "reject", _("turned away")

    comment = models.OneToOneField(Comment, verbose_name=_("comment"), on_delete=models.CASCADE, null=True, related_name="assessment")
    score = models.FloatField(_("score"), help_text=_("0 to 1; 1 is surely spam."))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    reasons = models.JSONField(_("reasons"), default=list, help_text=_("Strongest first: {code, text, weight, hard, marks}."))
    model_version = models.CharField(_("model"), max_length=20, help_text=_("Version of the features, and how many decisions were known."))
    # The smallest hashes of its words (moderation.spam.memory), eight bytes each.
    sketch = models.BinaryField(default=bytes, editable=False)
    # A keyed hash of the address block it came from; emptied after a day.
    network = models.CharField(max_length=32, blank=True, editable=False)
    # What an outside checker was asked and said, so that it can be told the decision.
    outside = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        indexes = [
            models.Index(fields=["outcome", "created_at"], name="assessments_by_outcome"),
            models.Index(fields=["network", "created_at"], condition=~Q(network=""), name="assessments_by_network"),
        ]
        constraints = [models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="score_from_nought_to_one")]

    def __str__(self) -> str:
        return f"{self.score:.2f} {self.outcome}"


class TracedMark(models.Model):
    """Something that campaigns repeat: a host, a mail address, a phone number, a handle, a name with a number."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="marks")
    mark = models.CharField(max_length=260)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mark", "assessment"], name="one_trace_per_mark_and_comment")]

    def __str__(self) -> str:
        return self.mark


class TracedKey(models.Model):
    """One of the smallest hashes of a comment's words: near-copies share at least one."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="keys")
    key = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "assessment"], name="one_trace_per_key_and_comment")]

    def __str__(self) -> str:
        return str(self.key)


class Lesson(models.Model):
    """What one decision taught. The learner's weights are the sum of all lessons, each times its stake."""

    assessment = models.OneToOneField(Assessment, on_delete=models.CASCADE, related_name="lesson")
    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, null=True, related_name="lesson")
    is_spam = models.BooleanField(_("spam"))
    offset = models.FloatField(help_text=_("What the rules alone said, in log-odds."))
    stake = models.IntegerField(help_text=_("How far it pulls, in 1/1024."))
    features = models.BinaryField(editable=False)
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    def __str__(self) -> str:
        return f"{'spam' if self.is_spam else 'ham'} {self.stake}"


class LearnerState(models.Model):
    """The learner's weights: one row, written under its lock by whoever learns."""

    own = models.BinaryField(default=bytes)
    prior = models.BinaryField(default=bytes)
    decisions = models.PositiveIntegerField(default=0)
    spam_decisions = models.PositiveIntegerField(default=0)
    # Another random number with every change, so that processes know when to read the weights again.
    version = models.PositiveBigIntegerField(default=0)
    model_version = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("state of the learner")
        verbose_name_plural = _("states of the learner")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_learner_state")]

    def __str__(self) -> str:
        return f"{self.version}: {self.decisions}"


# Django looks for models here.
from moderation.people.models import (  # noqa: E402
    Act,
    Appeal,
    DeskChoice,
    LevelByHand,
    MemberNote,
    ProfileReport,
    RefusalText,
    Restriction,
)

__all__ = [
    "Act",
    "Appeal",
    "Assessment",
    "Decision",
    "DeskChoice",
    "LearnerState",
    "Lesson",
    "LevelByHand",
    "MemberNote",
    "ModerationSettings",
    "ProfileReport",
    "RefusalText",
    "Report",
    "Restriction",
    "TracedKey",
    "TracedMark",
]
