"""Moderation decisions: who, what, when and why."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comments.models import Comment
from core.utils.dates import date_format
from moderation.models.querysets import DecisionQuerySet
from posts.models import Post


class Decision(models.Model):
    """A moderator's action on one comment. Rows are only ever added; an undo adds another."""

    class Action(models.TextChoices):
        """What was done. STATUS_AFTER says what it makes of a comment, unless it moves it or is undone."""

        APPROVE = "approve", pgettext_lazy("what a moderator did", "approved")
        REMOVE = "remove", _("removed")
        SPAM = "spam", _("marked as spam")
        MOVE = "move", _("moved")
        SPLIT = "split", _("split into a new post")
        UNDO = "undo", pgettext_lazy("what a moderator did", "undone")

    # The status of the comment after those actions that decide about its publication.
    STATUS_AFTER = {
        Action.APPROVE: Comment.Status.PUBLIC,
        Action.REMOVE: Comment.Status.REMOVED,
        Action.SPAM: Comment.Status.SPAM,
    }

    comment = models.ForeignKey(
        Comment, verbose_name=_("comment"), on_delete=models.PROTECT, related_name="decisions"
    )
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("moderator"),
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    action = models.CharField(_("decision"), max_length=10, choices=Action)
    status_before = models.CharField(_("before"), max_length=10, choices=Comment.Status)
    status_after = models.CharField(_("after"), max_length=10, choices=Comment.Status)
    note = models.CharField(_("why"), max_length=300, blank=True)
    # For the author: one of the host's removal reasons, and the moderator's message. `told_at`: when it was
    # emailed.
    text = models.ForeignKey(
        "moderation.RemovalReason",
        verbose_name=_("reason"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    word = models.CharField(_("message to the author"), max_length=500, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    # For moving a branch and undoing that: the old and the new position. Without a parent: top level.
    from_post = models.ForeignKey(
        Post,
        verbose_name=_("from the post"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    from_parent = models.ForeignKey(
        Comment,
        verbose_name=_("was a reply to"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    to_post = models.ForeignKey(
        Post,
        verbose_name=_("to the post"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    to_parent = models.ForeignKey(
        Comment,
        verbose_name=_("now a reply to"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    undoes = models.OneToOneField(
        "self",
        verbose_name=_("undoes"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="undone_by",
    )
    # Shared by all decisions of one click, so that one click undoes them.
    batch = models.UUIDField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="decisions_newest_first"),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="decisions_of_batch"),
            # In the index of all rows nearly all are NULL: with statistics, SQLite would rather read every decision
            # for each one that it shows.
            models.Index(fields=["undoes"], condition=Q(undoes__isnull=False), name="decisions_undone"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(action="undo", undoes__isnull=False) | (~Q(action="undo") & Q(undoes=None)),
                name="undo_names_what_it_takes_back",
            )
        ]

    def __str__(self) -> str:
        return (
            f"{self.get_action_display()} {date_format(localtime(self.created_at), 'SHORT_DATETIME_FORMAT')}"
        )

    @property
    def is_undone(self) -> bool:
        return hasattr(self, "undone_by")

    @property
    def why(self) -> str:
        """The full text for the author."""
        return "\n\n".join(part for part in (self.text.words if self.text else "", self.word) if part)

    @property
    def can_be_appealed(self) -> bool:
        """Whether it removed a comment that is still removed because of it."""
        return (
            self.action in {self.Action.REMOVE, self.Action.SPAM}
            and not self.is_undone
            and self.comment.status == self.status_after
        )

    @property
    def is_move(self) -> bool:
        """Whether it moved a branch or moved it back. Posts that have been deleted since are not named."""
        return self.action in {self.Action.MOVE, self.Action.SPLIT} or bool(
            self.from_post_id or self.to_post_id
        )


def last_word(comment: Comment) -> Decision | None:
    """The latest decision about a comment's publication that was not undone."""
    return (
        Decision.objects.filter(comment=comment, undone_by=None, action__in=Decision.STATUS_AFTER)
        .order_by("-pk")
        .first()
    )
