"""Codes sent by email to visitors."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class EmailCode(models.Model):
    """A six-digit code sent to an address, without looking up whether it has an account.

    Created and checked by accounts/services/email_codes.py. Rows are kept for as long as a limit counts them.
    """

    MAX_TRIES = 3

    email = models.EmailField()
    sender = models.CharField(max_length=32, help_text="core.utils.ratelimit.sender_key of who asked for it.")
    digest = models.CharField(max_length=64, help_text="A keyed hash of the code.")
    failed_tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_mailedcode"
        constraints = [
            models.CheckConstraint(condition=Q(failed_tries__lte=3), name="a_code_bears_three_tries")
        ]
        indexes = [
            models.Index(fields=["email", "created_at"], name="codes_by_address"),
            models.Index(fields=["sender", "created_at"], name="codes_by_sender"),
            models.Index(fields=["created_at"], name="codes_by_time"),
        ]

    def __str__(self) -> str:
        return f"code of {self.created_at}"

    @property
    def tries_left(self) -> int:
        return self.MAX_TRIES - self.failed_tries

    @property
    def is_old(self) -> bool:
        """Whether it was sent more than EMAIL_CODE_MINUTES ago, so that it no longer works."""
        return timezone.now() - self.created_at > timedelta(minutes=settings.EMAIL_CODE_MINUTES)

    @property
    def is_over(self) -> bool:
        """Whether it is expired or used up."""
        return self.is_old or not self.tries_left or self.used_at is not None
