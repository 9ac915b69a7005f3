from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import User

# A bell need not count further.
MOST_COUNTED = 100


class NotificationQuerySet(models.QuerySet):
    def in_inbox_of(self, member: User | int, *, now: datetime | None = None) -> Self:
        """What the member may read: due, and its cause still stands."""
        now = now or timezone.now()
        return self.filter(member=member, due_at__lte=now).filter(Q(comment=None, post__published_at__lte=now) | self._stands_in_the_talk(now))

    def in_inboxes_of(self, members: Collection[int]) -> Self:
        now = timezone.now()
        return self.filter(member__in=members, due_at__lte=now).filter(Q(comment=None, post__published_at__lte=now) | self._stands_in_the_talk(now))

    @staticmethod
    def _stands_in_the_talk(now: object) -> Q:
        is_thanked_still = ~Q(kind="thanks") | Q(comment__thanks_count__gt=0)
        return Q(comment__status="public", comment__post__published_at__lte=now) & is_thanked_still

    def unread(self) -> Self:
        return self.filter(seen_at=None)

    def to_mail(self) -> Self:
        return self.filter(state="waiting", mail_at__lte=timezone.now())

    def with_causes(self) -> Self:
        return self.select_related("comment__author", "comment__post__author", "comment__parent__author", "post__author")

    def newest_first(self) -> Self:
        return self.order_by("-due_at", "-pk")

    def mark_seen(self) -> int:
        return self.unread().update(seen_at=timezone.now())


class LetterQuerySet(models.QuerySet):
    def to_send(self) -> Self:
        return self.filter(state="ready", due_at__lte=timezone.now())

    def left_behind(self) -> Self:
        """Taken by a worker that is not heard of any more."""
        return self.filter(state__in=["open", "handed"], leased_until__lt=timezone.now())


class PushQuerySet(models.QuerySet):
    def to_send(self) -> Self:
        return self.filter(state="ready", due_at__lte=timezone.now())
