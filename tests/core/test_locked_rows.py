"""Pages do not wait for rows locked by another connection (PostgreSQL). SQLite: test_locked_database.py."""

import time

import psycopg
import pytest
from django.db import connection

from comments.models import ThreadVisit
from tests.factories import make_comment
from tests.serving import database_url

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks the whole database"),
]


def test_a_thread_is_read_while_its_post_is_locked_and_the_visit_is_noted_the_next_time(
    post, member, signed_in
):
    make_comment(post)
    browser = signed_in(member)
    with psycopg.connect(database_url()) as other:
        other.execute("SELECT 1 FROM posts_post FOR UPDATE")
        waits = []
        for _ in range(3):
            began = time.monotonic()
            assert browser.get(post.get_absolute_url()).status_code == 200
            waits.append(time.monotonic() - began)
        assert min(waits) < 4  # with the limit of writers, each took five and more
        assert ThreadVisit.objects.count() == 0
    assert browser.get(post.get_absolute_url()).status_code == 200
    assert ThreadVisit.objects.count() == 1
