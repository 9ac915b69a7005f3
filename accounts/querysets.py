from typing import Self

from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models


class UserQuerySet(models.QuerySet):
    def public(self) -> Self:
        """Members who have a page: active, not closed."""
        return self.filter(is_active=True)

    def with_links(self) -> Self:
        return self.prefetch_related("links")

    def by_name(self) -> Self:
        return self.order_by("name_key", "pk")


class UserManager(DjangoUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Addresses are compared without case everywhere, so they are kept that way."""
        return super().normalize_email(email).lower()
