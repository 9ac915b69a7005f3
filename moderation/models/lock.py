"""Review locks: who is reviewing a comment."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from moderation.models.querysets import ReviewLockQuerySet


class ReviewLock(models.Model):
    """A moderator is reviewing a comment now, so that two do not do the same work.

    Each moderator holds one lock at a time.
    """

    comment = models.OneToOneField(
        Comment, verbose_name=_("comment"), on_delete=models.CASCADE, related_name="claim"
    )
    moderator = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("moderator"), on_delete=models.CASCADE, related_name="claim"
    )
    created_at = models.DateTimeField(_("since"), default=timezone.now)
    expires_at = models.DateTimeField(_("until"))

    objects = ReviewLockQuerySet.as_manager()

    class Meta:
        db_table = "moderation_claim"  # its former name
        verbose_name = _("review lock")
        verbose_name_plural = _("review locks")
        indexes = [models.Index(fields=["expires_at"], name="claims_by_end")]

    def __str__(self) -> str:
        return f"{self.moderator_id}: {self.comment_id}"
