"""Bookmarks of members."""

from typing import cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comment import Comment
from posts.models import Post


class Bookmark(models.Model):
    """A comment or a post that a member bookmarked. No one else sees it, and it is not counted."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("bookmark")
        verbose_name_plural = _("bookmarks")
        constraints = [
            models.UniqueConstraint(fields=["member", "post"], name="post_bookmarked_once_by_each_member"),
            models.UniqueConstraint(
                fields=["member", "comment"], name="comment_bookmarked_once_by_each_member"
            ),
            models.CheckConstraint(
                condition=Q(post=None, comment__isnull=False) | Q(post__isnull=False, comment=None),
                name="bookmark_of_a_post_or_a_comment",
            ),
        ]
        indexes = [models.Index(fields=["member", "-created_at", "-id"], name="bookmarks_of_member")]

    def __str__(self) -> str:
        return f"{self.member_id} → {self.comment_id or self.post_id}"

    @property
    def place(self) -> Post:
        """The post, or the post of the comment."""
        return self.comment.post if self.comment else cast(Post, self.post)
