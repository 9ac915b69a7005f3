"""Earlier texts of a comment."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from comments.models.comment import Comment


class CommentRevision(models.Model):
    """What a comment said before a change. The newest text is the comment's own."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="revisions")
    body = models.TextField(_("words"))
    html = models.TextField(editable=False)
    edited_by = models.ForeignKey(User, verbose_name=_("changed by"), on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("changed at"), default=timezone.now)
    is_marked = models.BooleanField(default=True, help_text=_("False: changed in the first minutes; shown to moderators only."))

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("earlier text")
        verbose_name_plural = _("earlier texts")

    def __str__(self) -> str:
        return f"{self.comment_id} {self.created_at:%Y-%m-%d %H:%M}"
