"""Birthdays in one year. The date and its visibility are columns of the member (accounts/models/user.py)."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from posts.models import Post

if TYPE_CHECKING:
    from accounts.models.querysets import UserQuerySet


def celebrated_on(days: Iterable[date]) -> Q:
    """Members who celebrate on one of these days: User.birthday_in as a query."""
    return reduce(or_, map(_celebrated_on, days))


def _celebrated_on(day: date) -> Q:
    found = Q(birthday_month=day.month, birthday_day=day.day)
    if not isleap(day.year) and (day.month, day.day) in {(2, 28), (3, 1)}:
        found |= Q(birthday_month=2, birthday_day=29, birthday_in_march=day.month == 3)
    return found


def shown_to(reader: User | AnonymousUser) -> UserQuerySet:
    """Members whose birthday this reader may see, except muted ones. Every list uses this."""
    seen_by = [User.SeenBy.ALL]
    own = Q(pk=None)
    if isinstance(reader, User):
        seen_by.append(User.SeenBy.MEMBERS)
        own = Q(pk=reader.pk)
    people: UserQuerySet = User.objects.listed_for(reader).filter(Q(birthday_seen_by__in=seen_by) | own)
    people = people.filter(birthday_day__isnull=False)
    return people.exclude(pk__in=reader.muted_ids) if isinstance(reader, User) else people


class BirthdayQuerySet(models.QuerySet):
    """The pages of birthdays, one for each member and year."""

    def still_shown(self) -> Self:
        """Birthdays of members who still show their birthday and their profile."""
        return self.filter(
            member__in=User.objects.listed().exclude(birthday_seen_by=User.SeenBy.NOBODY),
            member__birthday_day__isnull=False,
        )


class Birthday(models.Model):
    """One birthday of one member: the post below which the wishes are comments (docs/decisions/0110)."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="birthday")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="birthdays", db_index=False
    )
    year = models.PositiveSmallIntegerField(_("year"))

    objects = BirthdayQuerySet.as_manager()

    class Meta:
        verbose_name = _("birthday")
        verbose_name_plural = _("birthdays")
        constraints = [
            models.UniqueConstraint(fields=["member", "year"], name="one_birthday_a_year"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.year}"


def sync_publication(birthdays: BirthdayQuerySet, *, is_on: bool) -> None:
    """Publish the posts of these birthdays for those who may see them, or unpublish them."""
    visible = birthdays.still_shown() if is_on else birthdays.none()
    posts = Post.objects.filter(kind=Post.Kind.BIRTHDAY, trashed_at=None)
    posts.filter(pk__in=birthdays.values("pk")).exclude(pk__in=visible.values("pk")).exclude(
        published_at=None
    ).update(published_at=None)
    posts.filter(pk__in=visible.values("pk"), published_at=None).update(published_at=F("created_at"))
    for seen_by, visibility in (("all", Post.Visibility.PUBLIC), ("members", Post.Visibility.MEMBERS)):
        there = posts.filter(pk__in=visible.filter(member__birthday_seen_by=seen_by).values("pk"))
        there.exclude(visibility=visibility).update(visibility=visibility)
