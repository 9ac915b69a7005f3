"""Connections to PostgreSQL that are kept between requests."""

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's connections do not go away"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def line(monkeypatch):
    """A connection of its own that was checked a moment ago. `line.checks` counts what it was asked since."""
    made = connection.copy()
    made.connect()
    usable = made.is_usable

    def counted():
        made.checks += 1
        return usable()

    monkeypatch.setattr(made, "is_usable", counted)
    made.checks = 0
    request_on(made)
    assert made.checks == 1
    yield made
    made.close()


def request_on(line) -> int:
    """Begin a request and ask for something; return the server process that answered."""
    line.close_if_unusable_or_obsolete()
    with line.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def end_by_server(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 60000)", [pid])
        assert cursor.fetchone() == (True,)


def test_requests_soon_after_each_other_share_one_check(line):
    line.CHECK_SECONDS = 3600
    first = request_on(line)
    assert {request_on(line) for _ in range(5)} == {first}
    assert line.checks == 1


def test_a_connection_that_the_server_ended_is_replaced_before_it_is_used(line):
    line.CHECK_SECONDS = 3600
    first = request_on(line)
    end_by_server(first)
    assert request_on(line) != first


def test_a_connection_that_may_have_gone_in_silence_is_checked(line):
    line.CHECK_SECONDS = 0
    request_on(line)
    assert line.checks == 2


def test_a_connection_is_checked_after_an_error(line):
    line.CHECK_SECONDS = 3600
    line.errors_occurred = True
    request_on(line)
    assert line.checks == 2
