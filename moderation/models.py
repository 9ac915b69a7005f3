"""What keeps the place pleasant: what members report, and every decision, with who, what, when and why."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from moderation.querysets import DecisionQuerySet, ReportQuerySet
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
    # Of a branch that went elsewhere, and of taking that back: where it stood, and where it stands. Nothing answered: under the post itself.
    from_post = models.ForeignKey(Post, verbose_name=_("from the post"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    from_parent = models.ForeignKey(Comment, verbose_name=_("there it answered"), on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    to_post = models.ForeignKey(Post, verbose_name=_("to the post"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    to_parent = models.ForeignKey(Comment, verbose_name=_("here it answers"), on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    undoes = models.OneToOneField("self", verbose_name=_("takes back"), on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by")
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [models.Index(fields=["-created_at", "-id"], name="decisions_newest_first")]
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
    def is_about_a_place(self) -> bool:
        """A branch went elsewhere by it, or back. Posts that are gone since are not named any more."""
        return self.action in {self.Action.MOVE, self.Action.SPLIT} or bool(self.from_post_id or self.to_post_id)


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
        indexes = [models.Index(fields=["created_at"], condition=Q(decision=None), name="open_reports")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({self.created_at:%Y-%m-%d})"
