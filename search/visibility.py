"""What a reader may find. The only place that decides it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.models.querysets import unlisted_members
from comments.models import Comment
from core.prepared import A_MOMENT, A_NUMBER, A_WORD, NO_NUMBER, NUMBERS, Prepared
from core.utils.among import Among, key_list
from core.utils.exists import ExistsForEach
from posts.models import KINDS_OF_HOST, Post
from search.query import Query

# The dates of the rows of each kind. Members and names are both rows of User.
DATES = {"posts": "published_at", "comments": "created_at", "members": "date_joined", "names": "date_joined"}
BEGINNING, END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def visible(kind: str, query: Query, reader: Any, pks: Sequence[int]) -> dict[int, datetime]:
    """Those of these rows that the reader may find, with dates, newest first."""
    if not pks:
        return {}
    found = _among(kind, *_role(kind, reader)).rows(keys=key_list(pks), **_values(reader))
    # Not in the query: without statistics PostgreSQL assumes that few rows are between two dates.
    first = _midnight(query.after) if query.after else BEGINNING
    end = _midnight(query.before) if query.before else END
    within = [(pk, when) for pk, when in found if first <= when < end]
    return dict(sorted(within, key=lambda row: (row[1], row[0]), reverse=True))


def all_visible(kind: str, query: Query, reader: Any) -> QuerySet[Any, Any]:
    """The keys of all rows that the reader may find within the days of the query, newest first."""
    rows = _found_by(kind, *_role(kind, reader), **_values(reader))
    when = DATES[kind]
    days = {f"{when}__gte": query.after, f"{when}__lt": query.before}
    limits = {condition: _midnight(day) for condition, day in days.items() if day}
    return rows.filter(**limits).order_by(f"-{when}", "-pk").values_list("pk", flat=True)


def without_muted(kind: str, rows: QuerySet[Any], reader: Any) -> QuerySet[Any]:
    """Leave out what members wrote whom the reader muted. Posts by hosts stay; events belong to members."""
    muted = _muted(reader)
    return _without(kind, rows, muted) if muted else rows


@cache
def _among(kind: str, is_member: bool, sees_hidden: bool) -> Prepared[Any]:
    def make(keys: str, **values: Any) -> QuerySet[Any, Any]:
        rows = _found_by(kind, is_member, sees_hidden, **values)
        return rows.filter(Among("pk", keys)).values_list("pk", DATES[kind])

    return Prepared(make, keys=A_WORD, now=A_MOMENT, reader=A_NUMBER, muted=NUMBERS)


def _role(kind: str, reader: Any) -> tuple[bool, bool]:
    """Whether it is a member, and one who also finds members with nothing public."""
    is_member = reader.is_authenticated
    return is_member, kind == "members" and is_member and reader.is_moderator


def _values(reader: Any) -> dict[str, Any]:
    return {"now": timezone.now(), "reader": reader.pk or NO_NUMBER, "muted": _muted(reader)}


def _muted(reader: Any) -> list[int]:
    return [*reader.muted_ids] if reader.is_authenticated else []


def _found_by(
    kind: str,
    is_member: bool,
    sees_hidden: bool,
    *,
    now: datetime,
    reader: int,
    muted: list[int],
) -> QuerySet[Any]:
    """The rows that this reader may find, unsorted.

    EXISTS for each row: with a status beside the keys, SQLite without statistics reads all rows of that
    status, as does PostgreSQL with a join.
    """
    someone: Any = User() if is_member else AnonymousUser()
    rows: QuerySet[Any]
    if kind == "posts":
        rows = Post.objects.discoverable_by(someone, now)
    elif kind == "comments":
        rows = Comment.objects.public().discoverable_by(someone, now)
        # As in UserQuerySet.with_page: a subquery of these members would be evaluated completely for each
        # search.
        by_member = Q(author__is_active=True) | Q(author__memorial_since__isnull=False)
        rows = rows.filter(Q(author=None) | by_member)
    else:
        rows = User.objects.listed_if(~unlisted_members(now), reader, sees_hidden=sees_hidden)
    rows = _without(kind, rows, muted).filter(pk=OuterRef("pk"))
    return rows.model._default_manager.filter(ExistsForEach(rows.order_by())).order_by()


def _without(kind: str, rows: QuerySet[Any], muted: list[int]) -> QuerySet[Any]:
    if kind in {"members", "names"}:
        return rows.exclude(pk__in=muted)
    by_muted = Q(author__in=muted)
    return rows.exclude(by_muted & ~Q(kind__in=KINDS_OF_HOST) if kind == "posts" else by_muted)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time())) if day.year > 1 else BEGINNING
