"""The host chooses the date format for the whole site."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone, translation
from pytest_django.asserts import assertContains

from accounts.services.permissions import until_when
from core.services.site_settings import save_settings
from core.utils.dates import date_styles
from tests.core.test_site_settings import FILLED, PAGE
from tests.factories import make_member, make_post, put_comment
from tests.serving import ROOT

pytestmark = pytest.mark.django_db

A_SENTENCE = "{% load core_tags %}At {{ at|time|before_stop }}."

MOMENT = datetime(2026, 6, 7, 14, 5, tzinfo=UTC)
DEFAULTS = (
    "{{ at|date }} | {{ at|date:'DATETIME_FORMAT' }} | {{ at|time }} | {{ at|with_zone }} | {{ at|date:'c' }}"
)


@pytest.mark.parametrize(
    ("style", "written"),
    [
        ("long", "7 Jun 2026 | 7 Jun 2026, 2:05 p.m. | 2:05 p.m. | 7 Jun 2026, 2:05 p.m. UTC"),
        ("short", "07/06/2026 | 07/06/2026 2:05 p.m. | 2:05 p.m. | 07/06/2026 2:05 p.m. UTC"),
        ("iso", "2026-06-07 | 2026-06-07 14:05 | 14:05 | 2026-06-07 14:05 UTC"),
    ],
)
def test_every_filter_of_a_template_writes_in_the_style_of_the_host(style, written):
    save_settings({"date_style": style}, by=None)
    page = Template(DEFAULTS).render(Context({"at": MOMENT}))
    assert page == f"{written} | 2026-06-07T14:05:00+00:00"


def test_what_is_no_date_is_written_as_nothing():
    assert Template(DEFAULTS).render(Context({"at": None})) == " |  |  |  | "


def test_a_relative_date_has_the_whole_one_as_its_title():
    with time_machine.travel(MOMENT + timedelta(hours=2), tick=False):
        page = Template("{{ at|ago }}{{ none|ago }}").render(Context({"at": MOMENT}))
    assert page == (
        '<time datetime="2026-06-07T14:05:00+00:00" title="7 Jun 2026, 2:05 p.m. UTC">2\xa0hours ago</time>'
    )
    titled = re.compile(r"<time[^>]* title=[^>]*>\s*\{\{ [\w.]+\|naturaltime \}\}\s*</time>")
    templates = {path: path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html")}
    assert [path.name for path, text in templates.items() if "naturaltime" in titled.sub("", text)] == []


def test_a_change_is_seen_on_pages_that_are_kept(host, signed_in, client):
    post = make_post(host, published_at=MOMENT)
    put_comment(post, created_at=MOMENT)
    readers = [client, signed_in(make_member())]
    for reader in readers:
        assertContains(reader.get(post.get_absolute_url()), ">7 Jun 2026</time>", count=2)
    answer = signed_in(host).post(PAGE, FILLED | {"date_style": "iso"})
    assert answer.status_code == 302
    for reader in readers:
        assertContains(reader.get(post.get_absolute_url()), ">2026-06-07</time>", count=2)


def test_the_form_shows_an_example_of_each(host, signed_in):
    assert date_styles(date(2026, 6, 7)) == [
        ("long", "7 Jun 2026"),
        ("short", "07/06/2026"),
        ("iso", "2026-06-07"),
    ]
    assertContains(signed_in(host).get(PAGE), 'name="date_style"', count=3)


def test_a_form_from_before_there_was_a_choice_changes_nothing(host, signed_in):
    save_settings({"date_style": "short"}, by=None)
    signed_in(host).post(PAGE, FILLED | {"version": "1", "name": "Harbour Notes"})
    assertContains(signed_in(host).get(PAGE), 'value="short" ')


def test_a_form_from_before_there_were_widths_changes_none(host, signed_in):
    save_settings({"width": "wide"}, by=None)
    signed_in(host).post(PAGE, FILLED | {"version": "1", "name": "Harbour Notes"})
    assertContains(signed_in(host).get("/"), "/site/44-book-wide.css")


@pytest.mark.parametrize(
    ("language", "said"), [("en-gb", "At 2:05 p.m."), ("de", "At 14:05."), ("ja", "At 14:05.")]
)
def test_a_sentence_that_ends_in_a_time_has_one_full_stop(language, said):
    with translation.override(language):
        assert Template(A_SENTENCE).render(Context({"at": MOMENT})) == said


def test_until_when_somebody_is_suspended_ends_in_one_full_stop():
    member = make_member(silent_until=timezone.now().replace(hour=10, minute=15) + timedelta(days=2))
    assert re.search(r"10:15 a\.m\.$", until_when(member))
