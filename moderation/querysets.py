from typing import Self

from django.db import models


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
