"""Tokens with which programs of members use the API."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

PREFIX = "lt_"
SHOWN_CHARACTERS = 8


def hash_of(key: str) -> str:
    """A plain hash is enough for 240 random bits, and finds a token in one query."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def make_key() -> str:
    return f"{PREFIX}{get_random_string(40)}"


class Scope(models.TextChoices):
    """What a token may be used for. Each includes reading."""

    READ = "read", _("Read what you can read, including your notifications")
    WRITE = "write", _("Write, edit and delete comments, mark notifications as read")
    MODERATE = "moderate", _("Review comments, as a moderator")
    HOST = "host", _("Write and publish posts")


class TokenQuerySet(models.QuerySet):
    """Access tokens of members."""

    def working(self) -> Self:
        """Tokens that have not expired, of members whose account is open."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=timezone.localdate()), member__is_active=True)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class Token(models.Model):
    """A token. Its key is shown once and stored as a hash; its first characters identify it to its owner."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens", db_index=False
    )
    name = models.CharField(_("name"), max_length=60)
    key_hash = models.CharField(max_length=64, unique=True)
    begins_with = models.CharField(max_length=SHOWN_CHARACTERS + len(PREFIX))
    may_write = models.BooleanField(default=False)
    may_moderate = models.BooleanField(default=False)
    may_host = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    # Dates, not times, which would reveal when someone is awake.
    last_used_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["member", "name"], name="one_token_of_each_name"),
            models.CheckConstraint(condition=~Q(name=""), name="token_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> list[str]:
        flags = {Scope.WRITE: self.may_write, Scope.MODERATE: self.may_moderate, Scope.HOST: self.may_host}
        return [Scope.READ.value, *(scope.value for scope, is_set in flags.items() if is_set)]

    @property
    def scope_labels(self) -> list[Any]:
        return [Scope(scope).label for scope in self.scopes]

    @property
    def has_ended(self) -> bool:
        """Whether the last day on which it works has passed."""
        return self.ends_on is not None and self.ends_on < timezone.localdate()

    def is_used_on(self, day: date) -> bool:
        return self.last_used_on == day
