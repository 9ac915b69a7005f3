"""What is new to a member, and links from one new comment to the next."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from comments.models import ThreadVisit
from comments.services.writing import set_status
from tests.factories import make_member, make_post, put_comment

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

MONDAY = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def talk(clock):
    """A post with two comments that the reader has seen."""
    post = make_post(published_at=MONDAY - timedelta(days=30))
    put_comment(post)
    put_comment(post)
    return post


def new_ones(response):
    """Return the comments that are marked as new, and the link of each mark."""
    page = response.content.decode()
    found = {}
    for pk, article in re.findall(
        r'<article class="comment new" id="comment-(\d+)"(.*?)</article>', page, re.DOTALL
    ):
        link = re.search(r'<a class="badge new" href="([^"]*)"', article)
        found[int(pk)] = link[1] if link else ""
    return found


def look(reader, post, query=""):
    return new_ones(reader.get(f"/posts/{post.slug}/{query}"))


def test_the_first_time_nothing_is_new(talk, member, signed_in):
    assert look(signed_in(member), talk) == {}


def test_later_what_came_since_the_last_visit_is_new_and_each_leads_to_the_next(
    talk, member, signed_in, clock
):
    reader = signed_in(member)
    look(reader, talk)
    clock.shift(timedelta(days=6))
    first, second = put_comment(talk), put_comment(talk)
    response = reader.get(f"/posts/{talk.slug}/")
    assert new_ones(response) == {first.pk: f"#comment-{second.pk}", second.pk: ""}
    assert re.search(
        rf'href="#comment-{first.pk}" data-first-new>.*First of 2 new', response.content.decode(), re.DOTALL
    )


def test_a_reload_loses_nothing_and_the_next_visit_begins_anew(talk, member, signed_in, clock):
    reader = signed_in(member)
    look(reader, talk)
    clock.shift(timedelta(days=1))
    fresh = put_comment(talk)
    for _ in range(5):
        assert list(look(reader, talk)) == [fresh.pk]
        clock.shift(timedelta(minutes=20))
    later = put_comment(talk)
    assert list(look(reader, talk)) == [fresh.pk, later.pk]
    clock.shift(timedelta(minutes=31))
    assert list(look(reader, talk)) == []


def test_one_s_own_comments_are_not_new(talk, member, signed_in, clock):
    reader = signed_in(member)
    look(reader, talk)
    clock.shift(timedelta(days=1))
    put_comment(talk, author=member)
    assert look(reader, talk) == {}


def test_what_waited_is_new_when_it_is_released_not_when_it_was_written(
    talk, member, moderator, signed_in, clock
):
    waiting = put_comment(talk, status="held")
    # Held from the start, as the checks would do: it was never public.
    type(waiting).objects.filter(pk=waiting.pk).update(published_at=None)
    clock.shift(timedelta(hours=2))
    reader = signed_in(member)
    assert look(reader, talk) == {}
    clock.shift(timedelta(hours=2))
    set_status(waiting, waiting.Status.PUBLIC)
    assert list(look(reader, talk)) == [waiting.pk]


def test_news_on_another_page_are_a_permalink_away(talk, member, signed_in, clock, settings):
    settings.COMMENTS_PER_PAGE = 2
    reader = signed_in(member)
    look(reader, talk)
    clock.shift(timedelta(days=1))
    one, two = put_comment(talk), put_comment(talk)
    page = reader.get(f"/posts/{talk.slug}/").content.decode()
    assert f'href="/comments/{one.pk}/" data-first-new' in page
    assert two.pk > one.pk


def test_a_hundred_new_comments_are_counted_as_a_hundred_or_more(talk, member, signed_in, clock, settings):
    settings.RATE_LIMITS = False
    reader = signed_in(member)
    look(reader, talk)
    clock.shift(timedelta(days=1))
    author = make_member()
    for _ in range(101):
        put_comment(talk, author=author)
    assert "First of 100 or more new" in reader.get(f"/posts/{talk.slug}/").content.decode()


def test_reading_writes_once_for_a_visit_and_once_a_minute_at_most(
    talk, member, signed_in, clock, django_assert_num_queries
):
    reader = signed_in(member)
    look(reader, talk)
    look(reader, talk)
    for _ in range(3):
        with django_assert_num_queries(3):
            look(reader, talk)
    assert ThreadVisit.objects.count() == 1
    clock.shift(timedelta(minutes=2))
    look(reader, talk)
    assert ThreadVisit.objects.get().looked_at == timezone.now()


def test_visitors_leave_no_trace(talk, client):
    look(client, talk)
    assert ThreadVisit.objects.count() == 0
