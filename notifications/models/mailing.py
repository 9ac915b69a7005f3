"""Posts by email: subscribers without an account, and the posts that were sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from posts.models import Post


class SubscriberQuerySet(models.QuerySet):
    """People who get new posts by email without an account."""

    def active(self) -> Self:
        return self.filter(unsubscribed_at=None)

    def unsubscribed(self) -> Self:
        return self.exclude(unsubscribed_at=None)

    def with_delivery(self) -> Self:
        """Annotate `is_undeliverable`: whether their address is suppressed."""
        from notifications.models.email import EmailSuppression  # noqa: PLC0415 - it refers to this table

        stops = EmailSuppression.objects.filter(email=OuterRef("email"))
        return self.annotate(is_undeliverable=Exists(stops))

    def reachable(self) -> Self:
        """Active subscribers whose address is not suppressed and not of an account that is a memorial."""
        remembered = EmailAddress.objects.filter(
            email=OuterRef("email"), verified=True, user__memorial_since__isnull=False
        )
        return self.active().with_delivery().filter(~Exists(remembered), is_undeliverable=False)

    def who_may_read(self, post: Post) -> Self:
        """Those who may read the post: of a members-only one, those whose address is a member's.

        None if the post is not announced.
        """
        if not post.is_announced:
            return self.none()
        if post.visibility != Post.Visibility.MEMBERS:
            return self
        members = EmailAddress.objects.filter(email=OuterRef("email"), verified=True, user__is_active=True)
        return self.filter(Exists(members))


class Subscriber(models.Model):
    """An address that gets new posts by email, with or without an account.

    It was confirmed by email, or imported by the host. After they unsubscribe the row stays, so that an
    import does not subscribe them again.
    """

    class Rhythm(models.TextChoices):
        AT_ONCE = "at_once", _("Each post, at once")
        WEEKLY = "weekly", _("Once a week, all posts in one email")

    class Source(models.TextChoices):
        FORM = "form", _("confirmed by email")
        IMPORT = "import", _("imported")

    email = models.EmailField(_("address"), unique=True)
    rhythm = models.CharField(_("how often"), max_length=8, choices=Rhythm, default=Rhythm.AT_ONCE)
    rhythm_since = models.DateTimeField(default=timezone.now, editable=False)
    source = models.CharField(_("consent"), max_length=8, choices=Source, default=Source.FORM)
    confirmed_at = models.DateTimeField(_("consent given on"), default=timezone.now)
    unsubscribed_at = models.DateTimeField(_("unsubscribed on"), null=True, blank=True)
    # The language in which they subscribed; blank means the site's.
    language = models.CharField(
        _("language"), max_length=20, blank=True, default="", db_default="", editable=False
    )
    left_with = models.ForeignKey(
        "Mailing",
        verbose_name=_("unsubscribed from"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="subscriber_is_lower_case"),
            models.CheckConstraint(
                condition=Q(left_with=None) | Q(unsubscribed_at__isnull=False), name="who_left_unsubscribed"
            ),
        ]
        indexes = [models.Index(fields=["-confirmed_at", "-id"], name="subscribers_newest_first")]

    def __str__(self) -> str:
        return self.email

    @property
    def is_active(self) -> bool:
        return self.unsubscribed_at is None


class MailingQuerySet(models.QuerySet):
    """Posts, and weekly issues, that are sent to subscribers."""

    def of_posts(self) -> Self:
        return self.exclude(post=None)

    def due(self) -> Self:
        """Mailings that are due: weekly ones, and posts that are published and announced to followers.

        An unlisted post waits until it is listed. Followers come first, because those who get their email
        don't get this one.
        """
        from notifications.models.notification import FanOut  # noqa: PLC0415 - it refers to emails, as above

        settled = timezone.now() - timedelta(seconds=settings.ALERT_WAIT_SECONDS)
        announcing = FanOut.objects.filter(post=OuterRef("post"), is_done=False)
        post_is_due = Q(post__published_at__lte=settled, decided_at__lte=settled) & ~Exists(announcing)
        return self.filter(Q(post=None) | (post_is_due & ~Q(post__visibility="unlisted")), is_done=False)

    def count_emails_before_deletion(self, old: models.QuerySet) -> None:
        """Store the results of emails (OutgoingEmail) whose rows are about to be deleted."""
        came_back = Q(came_back_at__isnull=False)
        rows = old.filter(mailing__isnull=False).order_by().values("mailing")
        for row in rows.annotate(
            sent=Count("pk", filter=Q(state__in=["sent", "unsure"])),
            bounced=Count("pk", filter=came_back),
            failed=Count("pk", filter=Q(state="failed") & ~came_back),
        ):
            self.filter(pk=row["mailing"]).update(
                **{
                    f"{name}_before": F(f"{name}_before") + row[name]
                    for name in ("sent", "bounced", "failed")
                }
            )


class Mailing(models.Model):
    """A post that the host decided to send by email, or a weekly email with all such posts since the last.

    Its emails are rows of OutgoingEmail, one per subscriber, written in order of key up to `done_up_to`.
    """

    class Content(models.TextChoices):
        WHOLE = "whole", _("the whole text")
        SUMMARY = "summary", _("the summary and a link")

    post = models.OneToOneField(
        Post, verbose_name=_("post"), on_delete=models.CASCADE, null=True, blank=True, related_name="mailing"
    )
    # The first day of the week.
    week = models.DateField(_("week"), null=True, blank=True, unique=True)
    issue = models.ForeignKey(
        "self",
        verbose_name=_("weekly issue"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="parts",
    )
    content = models.CharField(_("content"), max_length=8, choices=Content, default=Content.WHOLE)
    decided_at = models.DateTimeField(_("decided at"), default=timezone.now)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    done_up_to = models.BigIntegerField(default=0, editable=False)
    is_done = models.BooleanField(_("handed to the worker"), default=False)
    # Results of emails whose old rows were deleted.
    sent_before = models.PositiveIntegerField(default=0, editable=False)
    bounced_before = models.PositiveIntegerField(default=0, editable=False)
    failed_before = models.PositiveIntegerField(default=0, editable=False)

    objects = MailingQuerySet.as_manager()

    class Meta:
        verbose_name = _("post by email")
        verbose_name_plural = _("posts by email")
        constraints = [
            models.CheckConstraint(
                condition=Q(post__isnull=False, week=None) | Q(post=None, week__isnull=False, issue=None),
                name="mailing_of_a_post_or_a_week",
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(is_done=False), name="mailings_to_write")]

    def __str__(self) -> str:
        return str(self.post) if self.post else f"{self.week}"

    @property
    def has_started(self) -> bool:
        """Whether emails may have been sent already, so that it cannot be changed or cancelled."""
        return self.started_at is not None or self.issue_id is not None
