"""Mentions by @name."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from comments.models.comment import Comment


class CommentMention(models.Model):
    """A member mentioned with "@name" in a comment. Written by comments/services/writing.py."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [
            models.UniqueConstraint(fields=["comment", "member"], name="called_once_by_each_comment")
        ]

    def __str__(self) -> str:
        return f"{self.comment_id} → {self.member_id}"
