"""Pages of other sites that link here, and pages that were told of links from here (W3C Webmention)."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.utils.urls import WebAddressModelField
from posts.models import Post

LONGEST_ADDRESS = 300  # as for Comment.guest_url


class MentionQuerySet(models.QuerySet):
    """Received webmentions."""

    def due(self) -> Self:
        return self.filter(due_at__lte=timezone.now())


class Mention(models.Model):
    """A page that claims to link to a post. Once verified, its text becomes a comment."""

    class State(models.TextChoices):
        """The result of the last look at the page that mentions a post."""

        WAITING = "waiting", _("not checked yet")
        FOUND = "found", _("links here")
        GONE = "gone", _("doesn’t link here")

    source = WebAddressModelField(pgettext_lazy("on the web", "page"), max_length=LONGEST_ADDRESS)
    target = WebAddressModelField(_("links to"), max_length=LONGEST_ADDRESS)
    post = models.ForeignKey(Post, verbose_name=_("post"), on_delete=models.CASCADE, related_name="mentions")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    received_at = models.DateTimeField(_("received at"), default=timezone.now)
    checked_at = models.DateTimeField(_("checked at"), null=True)
    due_at = models.DateTimeField(_("next check"), null=True, default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("failures in a row"), default=0)

    objects = MentionQuerySet.as_manager()

    class Meta:
        verbose_name = _("received webmention")
        verbose_name_plural = _("received webmentions")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["source", "post"], name="one_mention_of_each_page_and_post")
        ]
        indexes = [
            models.Index(fields=["due_at"], name="mentions_due"),
            models.Index(fields=["-received_at", "-id"], name="mentions_newest_first"),
        ]

    def __str__(self) -> str:
        return self.source

    @property
    def comment_key(self) -> str:
        """The source_key of its comment (Comment.source_key)."""
        return f"webmention:{self.pk}"


class SentMentionQuerySet(models.QuerySet):
    """Webmentions to pages that posts and comments link to."""

    def due(self) -> Self:
        return self.filter(state=SentMention.State.WAITING, due_at__lte=timezone.now())


class SentMention(models.Model):
    """A page that a post or comment links to, and the result of sending a webmention."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("to be sent", "waiting")
        SENT = "sent", _("sent")
        NOT_WANTED = "none", _("doesn’t accept webmentions")
        FAILED = "failed", _("given up")

    class Kind(models.TextChoices):
        POST = "post", _("post")
        COMMENT = "comment", _("comment")

    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    # The key of the post or comment. Not a foreign key: if it is gone, nothing is sent.
    subject = models.BigIntegerField(_("number"))
    target = WebAddressModelField(_("links to"), max_length=LONGEST_ADDRESS)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.CharField(_("what went wrong"), max_length=200, blank=True)

    objects = SentMentionQuerySet.as_manager()

    class Meta:
        verbose_name = _("sent webmention")
        verbose_name_plural = _("sent webmentions")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "target"], name="each_linked_page_is_told_once"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="mentions_to_send")
        ]

    def __str__(self) -> str:
        return self.target
