"""Data exports, deletions and retired usernames."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DataExport(models.Model):
    """A data export (ZIP file) requested by a member.

    The worker creates it; it is deleted after some days.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="data_exports"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)
    # In the private storage (settings.STORAGES), which no web server serves.
    file = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="In bytes.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(ready_at=None), name="one_export_at_a_time"
            ),
            models.CheckConstraint(condition=Q(ready_at=None) | ~Q(file=""), name="ready_export_has_a_file"),
        ]
        indexes = [models.Index(fields=["asked_at"], name="exports_by_age")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def expires_at(self) -> datetime:
        """When the file is deleted, counted from the request."""
        return self.asked_at + timedelta(days=settings.EXPORT_DAYS)


class AccountDeletion(models.Model):
    """A scheduled account deletion. Until `due_at` the account is inactive and the member can cancel.

    From `begun_at` on it can no longer be cancelled. The row is deleted when the deletion is complete.
    """

    class Words(models.TextChoices):
        """What happens to the comments of the account."""

        ERASE = "erase", _("Delete my comments")
        KEEP = "keep", _("Keep my comments anonymously")

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="account_deletion", primary_key=True
    )
    words = models.CharField(_("What should happen to your comments?"), max_length=5, choices=Words)
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True)
    # The host has closed the account: the deletion is carried out, and the member cannot cancel it.
    is_final = models.BooleanField(default=False)

    class Meta:
        db_table = "accounts_departure"
        indexes = [models.Index(fields=["due_at"], name="departures_by_day")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.words} {self.due_at:%Y-%m-%d}"

    @property
    def erases(self) -> bool:
        """Whether the comments are deleted, not kept under a neutral name."""
        return self.words == self.Words.ERASE


class RetiredUsername(models.Model):
    """The username of a deleted account, as a keyed hash. No one else can take it."""

    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "accounts_formername"

    def __str__(self) -> str:
        return self.digest[:8]
