"""The size in bytes of a post's page with a full page of comments."""

import re

import pytest
from django.conf import settings
from django.db import connection

from comments.models import Comment
from tests.factories import make_member, put_comment

pytestmark = pytest.mark.django_db

# The median length of comments.
TEXT = (
    "I read it on the train and missed my stop. What stays with me is the bench by the river, and who sat there. "
    * 2
)
MAX_BYTES = 100_000


@pytest.fixture
def a_million_comments_before(db):
    """Comment keys have seven digits, as on a large site; each occurs eleven times in the page."""
    first = put_comment()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT setval(pg_get_serial_sequence('comments_comment', 'id'), 1000000)")
        else:
            cursor.execute("UPDATE sqlite_sequence SET seq = 1000000 WHERE name = 'comments_comment'")
    yield
    if connection.vendor == "postgresql":  # sequences are not rolled back
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence('comments_comment', 'id'), %s)", [first.pk])


@pytest.mark.usefixtures("a_million_comments_before")
@pytest.mark.parametrize("who", ["visitor", "member"])
def test_a_page_full_of_comments_is_smaller_than_100_kilobytes(post, client, signed_in, who):
    authors = [make_member(f"writer{number}", display_name=f"Writer Number {number}") for number in range(8)]
    parent = None
    for number in range(settings.COMMENTS_PER_PAGE):
        parent = put_comment(
            post,
            author=authors[number % len(authors)],
            body=f"{number} {TEXT}",
            parent=parent if number % 3 else None,
            status="public",
        )
    reader = client if who == "visitor" else signed_in(make_member("ada"))
    page = reader.get(post.get_absolute_url()).content
    assert page.count(b"data-level") == settings.COMMENTS_PER_PAGE
    assert Comment.objects.latest("pk").pk > 1_000_000
    assert len(page) < MAX_BYTES


def test_code_in_a_comment_keeps_its_indents(post, client):
    put_comment(
        post, author=make_member("bob"), body="```\nif so:\n    do()\n\n    end()\n```", status="public"
    )
    page = client.get(post.get_absolute_url()).content.decode()
    assert "if so:\n    do()\n\n    end()" in page
    comment = re.search(r'<article class="comment".*?</article>', page, re.DOTALL).group()
    before, _code, behind = re.split(r"(<pre>.*?</pre>)", comment, flags=re.DOTALL)
    assert re.findall(r"\n[ \t]", before + behind) == []
