"""Two processes on one database: guesses are counted together, and saved settings take effect in both."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from django.conf import global_settings
from django.db import connection

from core.services.site_settings import save_settings
from tests.databases import template_of
from tests.factories import PASSWORD, make_host, make_member
from tests.serving import Server, database_url, serving

WRONG = "Wrong username/email or password."
TOO_MANY = "Too many attempts."

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.full,  # two servers
]


def guess(server: Server, password: str) -> str:
    """Try to sign in with a new session; return the outcome."""
    page = server.request("/accounts/login/")
    token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page.body)[1].decode()
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    form = urlencode({"csrfmiddlewaretoken": token, "login": "alice", "password": password}).encode()
    answer = server.request(
        "/accounts/login/", "POST", form, Cookie=cookie, Content_Type="application/x-www-form-urlencoded"
    )
    if answer.status == 302:
        return "in"
    words = answer.body.decode()
    return "wrong" if WRONG in words else "too many" if TOO_MANY in words else f"{answer.status}"


@pytest.fixture(scope="module")
def processes(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[tuple[Server, Server]]:
    """Two processes without Redis, started once, because that takes six seconds."""
    folder = tmp_path_factory.mktemp("processes")
    with (
        serving(folder=folder / "one", DATABASE_URL=database_url()) as one,
        serving(folder=folder / "two", DATABASE_URL=database_url()) as two,
    ):
        yield one, two
    # What they logged when they ended, after the last test.
    with django_db_blocker.unblock():
        template_of(connection).restore()


@pytest.fixture
def servers(processes, settings) -> tuple[Server, Server]:
    """They count in the database (docs/decisions/0005), which is reset after each test."""
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS  # the processes' own
    make_member("alice")
    return processes


def test_five_guesses_are_five_in_whichever_process(servers):
    one, two = servers
    assert [guess(server, "a guess") for server in (one, two, one, two)] == ["wrong"] * 4
    assert guess(one, PASSWORD) == "in"  # and does not restart the count
    assert [guess(server, "a guess") for server in (two, one, two)] == ["wrong", "too many", "too many"]
    assert [guess(server, PASSWORD) for server in servers] == ["too many", "too many"]


def test_guesses_at_the_same_moment_are_no_more_than_five(servers):
    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda number: guess(servers[number % 2], "a guess"), range(16)))
    # A server that is busy writing may say so instead: that is no guess either.
    assert set(answers) <= {"wrong", "too many", "503"}
    assert answers.count("wrong") <= 5
    assert [guess(server, PASSWORD) for server in servers] == ["too many", "too many"]


def test_a_new_name_and_colour_are_live_in_both_without_a_restart(processes):
    host = make_host("nora")
    for each in processes:
        # A moment after the tests before, whose settings are forgotten.
        each.until(lambda each=each: b"<title>The Long Table</title>" in each.request("/").body)
    save_settings({"name": "Harbour Notes", "accent_hue": 210}, by=host)
    for each in processes:
        each.until(lambda each=each: b"<title>Harbour Notes</title>" in each.request("/").body)
        assert b"/site/210-book.css" in each.request("/").body
