"""Thanks for comments and posts."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comment import Comment
from posts.models import Post


class Thanks(models.Model):
    """A member's thanks for a comment. Shown with the comment, never totalled per member."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="thanks")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("thanks")
        verbose_name_plural = _("thanks")
        constraints = [
            models.UniqueConstraint(fields=["member", "comment"], name="thanked_once_by_each_member")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} → {self.comment_id}"


class PostThanks(models.Model):
    """A member's thanks for a post. Its author is notified; it is shown and counted nowhere else."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("thanks for a post")
        verbose_name_plural = _("thanks for posts")
        constraints = [
            models.UniqueConstraint(fields=["post", "member"], name="post_thanked_once_by_each_member")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} → {self.post_id}"
