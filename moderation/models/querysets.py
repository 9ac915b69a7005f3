from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q


class ReportQuerySet(models.QuerySet):
    """Reports of comments."""

    def open(self) -> Self:
        """Those that no decision has answered yet."""
        return self.filter(decision=None)

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "pk")


class DecisionQuerySet(models.QuerySet):
    """Moderators' decisions: the log."""

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def with_members(self) -> Self:
        """Join all that a line of the log shows."""
        return self.select_related(
            "moderator",
            "text",
            "comment__author",
            "comment__post",
            "undone_by",
            "from_post",
            "from_parent__author",
            "to_post",
            "to_parent__author",
        )

    def with_undoable(self) -> Self:
        """Annotate `is_undoable`: the latest decision on its comment, no undo, and nothing has changed since.

        For a moved branch: it is still where it was moved to, and its old position still exists.
        """
        later = self.model._default_manager.filter(comment=OuterRef("comment"), pk__gt=OuterRef("pk"))
        is_move = Q(action__in=["move", "split"])
        is_here = Q(comment__post=F("to_post")) & (
            Q(comment__parent=F("to_parent")) | Q(comment__parent=None, to_parent=None)
        )
        can_go_back = Q(from_post__isnull=False) & (Q(from_parent=None) | Q(from_parent__post=F("from_post")))
        unchanged_since = (is_move & is_here & can_go_back) | (
            ~is_move & Q(comment__status=F("status_after"))
        )
        undoable = ~Exists(later) & ~Q(action="undo") & unchanged_since
        return self.annotate(is_undoable=ExpressionWrapper(undoable, output_field=models.BooleanField()))

    def undoable(self) -> Self:
        """Decisions that can be undone. Annotates `is_undoable`."""
        return self.with_undoable().filter(is_undoable=True)


class ReviewLockQuerySet(models.QuerySet):
    """Locks of comments that a moderator is reviewing."""

    def live(self, now: datetime) -> Self:
        """Those that have not expired."""
        return self.filter(expires_at__gt=now)
