"""The list of polls and proposals: every entry can be reached, page by page."""

import re

import pytest

from decisions.services.settling import close
from tests.decisions.factories import make_poll
from tests.factories import make_host, make_post, switch_on

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


def walk(client, path: str, parameter: str) -> list[list[str]]:
    """Return the titles on each page, following the links."""
    pages = []
    while path:
        html = client.get(path).content.decode()
        pages.append(re.findall(r"Question \d+", html))
        onward = re.search(rf'href="(\?{parameter}=\d+)"', html)
        path = onward and f"/decisions/{onward[1]}"
    return pages


def test_older_ones_are_on_further_pages_open_and_closed_by_themselves(client, monkeypatch):
    switch_on("decisions")
    monkeypatch.setattr("decisions.views.reading.OPEN_SHOWN", 2)
    monkeypatch.setattr("decisions.views.reading.ON_A_PAGE", 2)
    host, post = make_host(), make_post()
    polls = [make_poll(title=f"Question {number}", post=post) for number in range(8)]
    for poll in polls[::2]:
        close(poll, by=host)
    first = ["Question 7", "Question 5", "Question 6", "Question 4"]
    assert walk(client, "/decisions/", "open_before") == [first, ["Question 3", "Question 1"]]
    assert walk(client, "/decisions/", "before") == [first, ["Question 2", "Question 0"]]
