"""Lists with keyset pagination."""

from datetime import UTC, datetime, timedelta

import pytest

from core.utils.pagination import Cursor, KeysetPage
from posts.models import Post
from tests.factories import make_post

pytestmark = [pytest.mark.sql, pytest.mark.django_db]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def page(cursor: str = "", size: int = 2, **how) -> KeysetPage[Post]:
    return KeysetPage(Post.objects.all(), cursor, size, field="published_at", **how)


@pytest.fixture
def five():
    """Five rows, two of them with the same timestamp."""
    return [make_post(published_at=NOON + timedelta(hours=hours)) for hours in (0, 1, 1, 2, 3)]


def all_pages(**how) -> list[list[Post]]:
    pages, cursor = [], ""
    while True:
        found = page(cursor, **how)
        pages.append(found.rows)
        if found.next is None:
            return pages
        cursor = str(found.next)


def test_every_row_is_on_one_page_in_both_directions(five):
    assert all_pages() == [[five[4], five[3]], [five[2], five[1]], [five[0]]]
    assert all_pages(newest_first=False) == [[five[0], five[1]], [five[2], five[3]], [five[4]]]


def test_a_full_last_page_has_no_next_one(five):
    assert page(size=5).next is None
    assert page(size=4).next == Cursor(five[1].published_at, five[1].pk)


@pytest.mark.parametrize("cursor", ["", "nonsense", "99999999999999999999-1"])
def test_what_is_no_cursor_opens_the_first_page(five, cursor):
    found = page(cursor)
    assert (found.is_first, [*found], len(found)) == (True, [five[4], five[3]], 2)
    assert not page(str(found.next)).is_first
