from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q


class ReportQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(decision=None)

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "pk")


class DecisionQuerySet(models.QuerySet):
    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def with_people(self) -> Self:
        return self.select_related("moderator", "comment__author", "comment__post", "undone_by")

    def with_undoable(self) -> Self:
        """Adds `is_undoable`: the last word on its comment, not an undo itself, and the comment is still as it left it."""
        later = self.model._default_manager.filter(comment=OuterRef("comment"), pk__gt=OuterRef("pk"))
        undoable = ~Exists(later) & ~Q(action="undo") & Q(comment__status=F("status_after"))
        return self.annotate(is_undoable=ExpressionWrapper(undoable, output_field=models.BooleanField()))
