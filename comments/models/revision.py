"""Earlier texts of a comment."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from comments.models.comment import Comment


class CommentRevision(models.Model):
    """The text of a comment before an edit. The current text is in the comment itself."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="revisions")
    body = models.TextField(_("text"))
    html = models.TextField(editable=False)
    edited_by = models.ForeignKey(
        User, verbose_name=_("edited by"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("edited at"), default=timezone.now)
    is_marked = models.BooleanField(
        default=True, help_text="False for edits in the first minutes, which only moderators see."
    )

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("earlier version")
        verbose_name_plural = _("earlier versions")

    def __str__(self) -> str:
        return f"{self.comment_id} {self.created_at:%Y-%m-%d %H:%M}"
