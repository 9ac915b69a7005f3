"""The rows behind the rate limits of codes."""

from django.db import models
from django.utils import timezone


class CodeTry(models.Model):
    """A requested code, or an entered one that was wrong.

    Rows are kept for as long as a limit counts them (accounts/services/code_limits.py). Address and sender
    are keyed hashes, so the table does not reveal who is a member.
    """

    class Kind(models.TextChoices):
        """Each kind has limits of its own (settings.CODE_TRY_RATES)."""

        ASKED = "asked", "mailed code, asked for"
        TYPED = "typed", "mailed code, typed"
        APP = "app", "code of an app or recovery code, typed"

    kind = models.CharField(max_length=5, choices=Kind)
    subject = models.CharField(max_length=32)
    sender = models.CharField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "kind", "created_at"], name="code_tries_by_subject"),
            models.Index(fields=["sender", "kind", "created_at"], name="code_tries_by_sender"),
            models.Index(fields=["created_at"], name="code_tries_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.created_at}"
