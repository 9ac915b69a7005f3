"""Assessments and training samples of the spam filter."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from moderation.models.decision import Decision


class Assessment(models.Model):
    """The spam filter's assessment of a comment when it was posted, and fingerprints to find it again.

    Rows without a comment come from a training file (`spam_train`).
    """

    class Outcome(models.TextChoices):
        PUBLISH = "publish", _("published")
        HOLD = "hold", _("held")
        REJECT = "reject", _("blocked as spam")

    comment = models.OneToOneField(
        Comment, verbose_name=_("comment"), on_delete=models.CASCADE, null=True, related_name="assessment"
    )
    score = models.FloatField(_("score"), help_text="0 to 1; 1 is certainly spam.")
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    reasons = models.JSONField(
        _("reasons"), default=list, help_text="Strongest first: {code, variant, values, weight, hard, marks}."
    )
    model_version = models.CharField(
        _("model"), max_length=20, help_text="Version of the features, and how many decisions were known."
    )
    # The smallest hashes of the text (moderation.spamfilter.engine.history), eight bytes each.
    sketch = models.BinaryField(default=bytes, editable=False)
    # A keyed hash of the sender's network; cleared after a day.
    network = models.CharField(max_length=32, blank=True, editable=False)
    # The request to Akismet and its response, so that the decision can be reported.
    outside = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        indexes = [
            models.Index(fields=["outcome", "created_at"], name="assessments_by_outcome"),
            models.Index(
                fields=["network", "created_at"], condition=~Q(network=""), name="assessments_by_network"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="score_from_nought_to_one")
        ]

    def __str__(self) -> str:
        return f"{self.score:.2f} {self.outcome}"


class TracedMark(models.Model):
    """Something that campaigns repeat: a host, email address, phone number, handle, or name with a number."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="marks")
    mark = models.CharField(max_length=260)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mark", "assessment"], name="one_trace_per_mark_and_comment")
        ]

    def __str__(self) -> str:
        return self.mark


class TracedKey(models.Model):
    """One of the smallest hashes of a comment's text. Near-duplicates share at least one."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="keys")
    key = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "assessment"], name="one_trace_per_key_and_comment")
        ]

    def __str__(self) -> str:
        return str(self.key)


class TrainingSample(models.Model):
    """The training sample of one decision.

    The classifier's weights are the sum of all samples, each times its dual variable.
    """

    assessment = models.OneToOneField(Assessment, on_delete=models.CASCADE, related_name="sample")
    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, null=True, related_name="sample")
    is_spam = models.BooleanField(_("spam"))
    offset = models.FloatField(help_text="What the rules alone said, in log-odds.")
    dual = models.IntegerField(
        db_column="stake",  # its former name
        help_text="The dual variable, in 1/1024.",
    )
    features = models.BinaryField(editable=False)
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        db_table = "moderation_lesson"  # its former name
        verbose_name = _("training sample")
        verbose_name_plural = _("training samples")

    def __str__(self) -> str:
        return f"{'spam' if self.is_spam else 'ham'} {self.dual}"


class LearnerState(models.Model):
    """The classifier's weights, in one row that is locked during training."""

    own = models.BinaryField(default=bytes)
    prior = models.BinaryField(default=bytes)
    decisions = models.PositiveIntegerField(default=0)
    spam_decisions = models.PositiveIntegerField(default=0)
    # How much of the evidence against a comment is left out (moderation.spamfilter.engine.balance).
    caution = models.FloatField(default=0.0, db_default=0.0)
    shape_caution = models.FloatField(default=0.0, db_default=0.0)
    # False: samples were added or removed since all were last fitted together
    # (moderation.spamfilter.fitting).
    is_settled = models.BooleanField(default=True, db_default=True)
    # A new random number with every change, so that processes know when to reload the weights.
    version = models.PositiveBigIntegerField(default=0)
    model_version = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("state of the classifier")
        verbose_name_plural = _("states of the classifier")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_learner_state")]

    def __str__(self) -> str:
        return f"{self.version}: {self.decisions}"
