"""Hosts' notes on the dashboard, invitations, the set-up link, and view statistics."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models import Comment


class NoAnswerNeeded(models.Model):
    """A comment that needs no answer, as a host decided. It disappears from the dashboard of all hosts."""

    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="no_answer_needed")
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("comment that needs no reply")
        verbose_name_plural = _("comments that need no reply")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.comment_id)


class VisitedLink(models.Model):
    """A commenter's link that a host has visited. Private to that host."""

    host = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    address = models.CharField(max_length=300)
    visited_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("visited link")
        verbose_name_plural = _("visited links")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["host", "address"], name="visited_once_by_each_host")]

    def __str__(self) -> str:
        return self.address


class SetupLink(models.Model):
    """The one-time URL for setting up a site without a host. Only a hash of its token is stored.

    browser: a hash of a value in the session of the browser that opened it first; the URL works in no other.
    """

    token = models.CharField(max_length=64, unique=True)
    browser = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("address for setting up the site")
        verbose_name_plural = _("addresses for setting up the site")
        default_permissions = ()

    def __str__(self) -> str:
        return self.token[:6]


def new_token() -> str:
    return secrets.token_urlsafe(16)


def in_a_month() -> datetime:
    return timezone.now() + timedelta(days=30)


class Invitation(models.Model):
    """A link with which a limited number of people can sign up until a date, if sign-up is by invitation."""

    token = models.CharField(max_length=43, unique=True, default=new_token, editable=False)
    note = models.CharField(
        _("note"), max_length=100, blank=True, help_text=_("For you only: who gets this link.")
    )
    max_uses = models.PositiveSmallIntegerField(
        _("number of people"), default=1, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    expires_at = models.DateTimeField(_("valid until"), default=in_a_month)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    use_count = models.PositiveSmallIntegerField(_("used"), default=0, editable=False)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(use_count__lte=models.F("max_uses")),
                name="invitation_is_for_so_many",
                violation_error_message=_("More people than that have already used it."),
            )
        ]

    def __str__(self) -> str:
        return self.note or self.token[:6]

    def get_absolute_url(self) -> str:
        return reverse("dashboard:invitation", args=[self.token])

    @property
    def is_usable(self) -> bool:
        """Whether it has uses left and has not expired."""
        return self.use_count < self.max_uses and timezone.now() < self.expires_at


class InvitationUse(models.Model):
    """A member who signed up with an invitation."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="uses")
    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("use of an invitation")
        verbose_name_plural = _("uses of invitations")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.invitation_id} → {self.member_id}"


class PageDay(models.Model):
    """Views and readers on one day, of a post or (`page` 0) of the whole site."""

    day = models.DateField()
    # The post's id. No foreign key, because statistics stay when a post is deleted.
    page = models.PositiveBigIntegerField()
    views = models.PositiveIntegerField(default=0)
    readers = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("views in a day")
        verbose_name_plural = _("views by day")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["page", "day"], name="one_row_of_views_a_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.page}"


class ReferrerDay(models.Model):
    """The number of views on one day that came from another site."""

    day = models.DateField()
    host = models.CharField(max_length=100)
    views = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("referrer of a day")
        verbose_name_plural = _("referrers by day")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["day", "host"], name="one_row_of_a_referrer_a_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.host}"


class DayReader(models.Model):
    """Someone read a page today, as a salted hash. Deleted after the day."""

    day = models.DateField()
    page = models.PositiveBigIntegerField()
    reader = models.CharField(max_length=16)

    class Meta:
        verbose_name = _("reader of a day")
        verbose_name_plural = _("readers of a day")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["day", "page", "reader"], name="a_reader_counts_once_a_day")
        ]

    def __str__(self) -> str:
        return self.reader


class DaySalt(models.Model):
    """The salt of one day's hashes, shared by all processes. Deleted after the day."""

    day = models.DateField(primary_key=True)
    salt = models.CharField(max_length=32)

    class Meta:
        verbose_name = _("salt of a day")
        verbose_name_plural = _("salts of days")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.day)


class SearchDay(models.Model):
    """How often something was searched for on one day; with empty `words`, all searches of the day.

    times: searches; readers: browsers; fruitless: searches without results.
    """

    day = models.DateField()
    words = models.CharField(max_length=60, blank=True)
    times = models.PositiveIntegerField(default=0)
    readers = models.PositiveIntegerField(default=0)
    fruitless = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("daily search")
        verbose_name_plural = _("daily searches")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["day", "words"], name="one_row_of_a_search_a_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.words}"
