"""The log of actions on discussions."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from posts.models import Post


class DiscussionAction(models.Model):
    """An action of the host or a moderator on a comment in its thread, or on a whole discussion.

    Rows are only ever added, and deleted with their post. The counterpart for publishing and removing is
    Decision.
    """

    class Action(models.TextChoices):
        PIN = "pin", _("pinned a comment")
        UNPIN = "unpin", _("unpinned a comment")
        CHOOSE = "choose", _("marked a comment as the host’s choice")
        UNCHOOSE = "unchoose", _("no longer marked a comment as the host’s choice")
        CLOSE = "close", _("closed the replies to a comment")
        REOPEN = "reopen", _("opened the replies to a comment")
        CORRECT = "correct", _("corrected a comment")
        SLOW = "slow", _("changed slow mode")
        SHUT = "shut", _("closed comments")
        OPEN = "open", _("opened comments")

    post = models.ForeignKey(
        Post, verbose_name=_("post"), on_delete=models.CASCADE, related_name="discussion_actions"
    )
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("moderator"), on_delete=models.PROTECT, related_name="+"
    )
    action = models.CharField(_("action"), max_length=10, choices=Action)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"),
        default=0,
        help_text=_("In slow mode, each person can post one comment in this many minutes. 0: off."),
    )
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        default_permissions = ()
        verbose_name = _("action on a discussion")
        verbose_name_plural = _("actions on discussions")
        indexes = [models.Index(fields=["-created_at", "-id"], name="discussion_acts_newest_first")]

    def __str__(self) -> str:
        return self.get_action_display()
