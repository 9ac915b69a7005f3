"""Metrics for Prometheus: only with the token, and about pages, never about users."""

import re

import pytest
from django.db import DatabaseError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from tests.factories import make_comment

pytestmark = pytest.mark.django_db
TOKEN = "walnut-and-oak"  # noqa: S105 - of the test


@pytest.fixture
def scraper(settings) -> Client:
    settings.METRICS_TOKEN = TOKEN
    return Client(headers={"Authorization": f"Bearer {TOKEN}"})


def figures(client: Client) -> dict[tuple[str, ...], float]:
    """Return the values by name and labels."""
    response = client.get("/metrics")
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def test_without_a_token_in_the_settings_there_is_no_such_page(client):
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer \u00fc"])
def test_who_has_not_the_token_is_refused(scraper, sent):
    response = Client(headers={"Authorization": sent}).get("/metrics")
    assert (response.status_code, response["WWW-Authenticate"], response.content) == (401, "Bearer", b"")


def test_no_role_opens_it(scraper, host, signed_in):
    assert signed_in(host).get("/metrics").status_code == 401


def test_the_state_of_the_site_is_in_it(scraper, post):
    make_comment(post, status="held")
    found = figures(scraper)
    assert found["long_table_database_up",] == 1
    assert found["long_table_comments_awaiting_review",] == 1
    assert found["long_table_workers",] == 0
    assert found["long_table_health", "worker"] == 2
    assert found["long_table_tasks_waiting", "mail"] == 0


def test_requests_are_counted_by_page_and_not_by_address(scraper, post):
    def count() -> float:
        return figures(scraper).get(
            ("long_table_request_seconds_count", "GET", "posts:post-detail", "200"), 0
        )

    before = count()
    scraper.get(post.get_absolute_url())
    scraper.get("/no-such-page-of-alice/")
    scraper.generic("BREW", "/")
    assert count() == before + 1
    said = scraper.get("/metrics").content.decode()
    assert ("alice" in said, post.slug in said, "BREW" in said) == (False, False, False)
    assert set(re.findall(r'page="[^"]*",status="404"', said)) == {'page="page",status="404"'}


def test_a_database_that_is_away_is_a_figure_and_no_error(scraper, monkeypatch):
    def away() -> None:
        raise DatabaseError

    monkeypatch.setattr("dashboard.metrics.health", away)
    assert figures(scraper)["long_table_database_up",] == 0


def test_head_is_answered(scraper):
    assert scraper.head("/metrics").status_code == 200
