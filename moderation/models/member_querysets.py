from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import User


class RestrictionQuerySet(models.QuerySet):
    """Suspensions, bans, and blocked domains and networks."""

    def in_force(self, at: datetime | None = None) -> Self:
        """Restrictions that are in force: not lifted and not expired."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at or timezone.now()), lifted_at=None)

    def of(self, member: User) -> Self:
        return self.filter(member=member)

    def of_people(self) -> Self:
        return self.filter(kind__in=["suspension", "ban"])

    def of_blocklist(self) -> Self:
        """Restrictions of networks and domains."""
        return self.filter(kind__in=["network", "domain"])

    def longest_first(self) -> Self:
        """Those without an end first."""
        return self.order_by(models.F("ends_at").desc(nulls_first=True), "-pk")

    def with_members(self) -> Self:
        return self.select_related("member", "set_by", "lifted_by", "text", "appeal")

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class AppealQuerySet(models.QuerySet):
    """Members' appeals against decisions and restrictions."""

    def open(self) -> Self:
        return self.filter(state="open")

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "pk")

    def with_causes(self) -> Self:
        """Join what the appeals are about: a decision on a comment, or a restriction."""
        return self.select_related(
            "member",
            "answered_by",
            "decision__moderator",
            "decision__comment__post",
            "decision__text",
            "restriction__set_by",
            "restriction__text",
        )
