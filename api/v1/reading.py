"""Shared by the lists of the API: keyset pagination."""

from typing import Annotated, Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from ninja import Path, Query
from pydantic import Field

from api.v1.problems import invalid_field
from core.utils.pagination import Cursor

LARGEST_KEY = 2**63 - 1
Key = Annotated[int, Field(ge=1, le=LARGEST_KEY)]
"""The number of a row."""
RowPk = Annotated[int, Path(ge=1, le=LARGEST_KEY, description="The ID of the comment.")]
SlugOfPost = Annotated[
    str,
    Query(
        max_length=120,
        description="The last part of the address of its post, as in `url`. Needed on an unlisted post, unless you follow it, wrote there or were notified of it.",
    ),
]
Slug = Annotated[str, Path(max_length=120, description="The last part of the post’s address.")]
Limit = Annotated[int, Query(ge=1, le=100, description="How many to return at most.")]
After = Annotated[
    str, Query(max_length=80, description="`next` from the previous page. Leave it out for the first page.")
]


def read_cursor(after: str) -> Cursor | None:
    """Raises Problem if it is invalid: a program could otherwise read the first page again and again."""
    if not after:
        return None
    cursor = Cursor.read(after)
    if cursor is None or cursor.pk > LARGEST_KEY:
        raise invalid_field("after", _("Use the value of “next” from the previous page."))
    return cursor


def page_of(rows: QuerySet[Any], after: str, limit: int, *, field: str) -> tuple[list[Any], str | None]:
    """A page of a list, newest first, and the key of the next one."""
    if cursor := read_cursor(after):
        rows = rows.filter(cursor.rows_before(field))
    found = list(rows.order_by(f"-{field}", "-pk")[: limit + 1])
    page = found[:limit]
    return page, str(Cursor(getattr(page[-1], field), page[-1].pk)) if len(found) > limit else None
