"""Pending comments of visitors."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import EmailCode, User
from accounts.models.lookup import find_members
from comments.models.comment import Comment
from comments.models.querysets import PendingCommentQuerySet
from core.markup.comments import render_markdown
from core.markup.plain import excerpt
from posts.models import Post


class PendingComment(models.Model):
    """A visitor's comment until they have signed in. See comments/forms/pending.py.

    Anyone who knows the key may read it and post it as themselves. The key is known to the browser that
    wrote it and is in the email to the author's address.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    body = models.TextField()
    fields = models.JSONField(
        default=dict, help_text="What else belongs to the comment, as the form sent it: {name: [values]}."
    )
    name = models.CharField(max_length=60)
    email = models.EmailField()
    link = models.URLField(max_length=300, blank=True)
    submission = models.JSONField(default=dict, help_text="How it arrived (comments.models.submission).")
    code = models.ForeignKey(
        EmailCode,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="The newest that was mailed.",
    )
    draft = models.CharField(
        max_length=32,
        blank=True,
        help_text="What the writer's device calls the words (comments.services.drafts).",
    )
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(
        null=True, help_text="When it became a comment. Nothing else is kept after that."
    )
    comment = models.ForeignKey(Comment, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = PendingCommentQuerySet.as_manager()

    class Meta:
        db_table = "comments_unsentcomment"
        verbose_name = _("pending comment")
        verbose_name_plural = _("pending comments")
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None) & ~Q(body="") | Q(sent_at__isnull=False, body="", email=""),
                name="sent_words_are_kept_once",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=False) | Q(comment=None), name="only_sent_words_are_a_comment"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="unsent_comments_by_time")]

    def __str__(self) -> str:
        return f"{self.name}: {excerpt(self.html, 40)}"

    def get_absolute_url(self) -> str:
        return reverse("comments:pending-detail", args=[self.pk])

    @property
    def is_sent(self) -> bool:
        """Whether it was posted; the row is kept for a while, so that its page can lead to the comment."""
        return self.sent_at is not None

    def link_for(self, member: User) -> str:
        """The link for the member's profile: only if the account was created for this comment.

        The address may have been typed by someone else, so the links of existing members are not changed.
        """
        return self.link if member.date_joined >= self.created_at else ""

    def settle(self, comment: Comment) -> None:
        """Record the comment it became, and clear everything else."""
        self.comment, self.sent_at = comment, timezone.now()
        self.body = self.name = self.email = self.link = ""
        self.fields, self.submission = {}, {}
        self.save()

    @property
    def html(self) -> str:
        return render_markdown(self.body, find_members=find_members).html
