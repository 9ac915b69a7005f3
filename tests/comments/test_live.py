"""The line of an open page, over a real server: what it says, to whom, and what it never says."""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from comments import live
from comments.models import Comment
from comments.services.writing import publish_comment, set_status, withdraw_comment
from core.bridge import OFFER, Offer
from core.live import EVENT_MAX_IDS, LAST_MOMENT, Mark
from posts.models import Post
from tests.factories import make_comment, make_member, make_post
from tests.serving import Server, database_url, serving

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture(scope="module")
def table(django_db_setup, tmp_path_factory) -> Iterator[Server]:
    """Two streams an address and no more, so that their end can be seen."""
    with serving(folder=tmp_path_factory.mktemp("site"), DATABASE_URL=database_url(), LIVE_STREAMS_PER_ADDRESS="2") as server:
        yield server


@pytest.fixture
def site(table) -> Iterator[Server]:
    """A server on which nobody listens, before and after."""
    yield table
    for line in table.lines:
        line.close()
    table.lines.clear()


def listen(site: Server, post: Post, since: str = "", *headers: str):
    """An open line, from a place that is free: who left a moment ago may still hold one."""
    path = f"/posts/{post.slug}/live/{f'?since={since}' if since else ''}"
    for _ in range(50):
        try:
            return site.events(path, *headers)
        except AssertionError:
            continue
    raise AssertionError("no place became free")


def write_over_http(site: Server, member: User, post: Post, body: str) -> None:
    """As a browser does: the server's own process writes."""
    browser = Client()
    browser.force_login(member)
    cookie = f"sessionid={browser.cookies['sessionid'].value}; csrftoken={'a' * 32}"
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", f"/posts/{post.slug}/comments/", f"csrfmiddlewaretoken={'a' * 32}&body={body}", headers)
    assert line.getresponse().status == 302
    line.close()


def test_a_comment_reaches_the_pages_that_are_open(site, post, member):
    first, second = listen(site, post), listen(site, post)
    assert [line.next()[1] for line in (first, second)] == [{"version": 0, "new": [], "all": True}] * 2
    write_over_http(site, member, post, "Hello")
    comment = Comment.objects.get()
    expected = (str(Mark.of(1, comment.published_at)), {"version": 1, "new": [comment.pk], "all": True})
    assert [first.next(), second.next()] == [expected, expected]


def test_the_process_that_writes_tells_at_once(tmp_path, post, member):
    """All that opened at the same moment, without waiting for the look that finds what other processes wrote."""
    with serving("tests.comments.without_looking:application", folder=tmp_path, DATABASE_URL=database_url()) as server:
        with ThreadPoolExecutor(12) as visitors:
            lines = list(visitors.map(lambda _number: listen(server, post), range(12)))
        for line in lines:
            line.next()
        write_over_http(server, member, post, "Hello")
        assert [line.next()[1]["new"] for line in lines] == [[Comment.objects.get().pk]] * 12


def test_a_comment_of_another_process_reaches_them_too(site, post, member):
    line = listen(site, post)
    line.next()
    comment = publish_comment(post=post, author=member, body="From a worker.")
    assert line.next()[1]["new"] == [comment.pk]


def test_a_comment_that_waits_is_told_when_it_is_released(site, post, member, moderator):
    line = listen(site, post)
    line.next()
    held = publish_comment(post=post, author=member, body="See https://example.org/")
    assert held.is_held
    public = make_comment(post, created_at=timezone.now(), published_at=timezone.now())
    Post.objects.filter(pk=post.pk).update(thread_version=9)
    assert line.next()[1]["new"] == [public.pk]
    set_status(held, Comment.Status.PUBLIC, by=moderator)
    assert line.next()[1]["new"] == [held.pk]


@pytest.mark.parametrize("how", ["address", "header", "both"])
def test_who_comes_back_is_told_what_was_missed(site, post, member, how):
    seen = publish_comment(post=post, author=member, body="Seen.")
    missed = publish_comment(post=post, author=member, body="Missed.")
    mark = str(Mark.of(1, seen.published_at))
    header = f"Last-Event-ID: {mark}"
    line = {
        "address": lambda: listen(site, post, mark),
        "header": lambda: listen(site, post, "", header),
        "both": lambda: listen(site, post, "0.0", header),
    }[how]()
    assert line.next()[1] == {"version": 2, "new": [missed.pk], "all": True}


@pytest.mark.parametrize("since", ["", "nonsense", "1", "-1.-1", "9" * 40, "1.99999999999999999", "%ff", "%ED%A0%80"])
def test_a_mark_that_is_none_misses_nothing(site, post, member, since):
    publish_comment(post=post, author=member, body="There already.")
    assert listen(site, post, since).next()[1] == {"version": 1, "new": [], "all": True}


def test_drafts_and_posts_to_come_and_no_posts_have_no_line(site, post, host):
    Post.objects.create(slug="draft", title="Draft", author=host)
    make_post(author=host, slug="tomorrow", published_at=timezone.now() + timedelta(days=1))
    assert [site.request(f"/posts/{slug}/live/").status for slug in ("draft", "tomorrow", "nowhere")] == [404] * 3
    assert [site.request(f"/posts/{slug}/live/", "HEAD").status for slug in ("draft", post.slug)] == [404, 200]
    assert site.request(f"/posts/{post.slug}/live/", "POST", b"").status in {403, 405}


def test_a_post_that_is_withdrawn_ends_its_lines(site, post):
    line = listen(site, post)
    line.next()
    Post.objects.filter(pk=post.pk).update(published_at=None)
    live.hub.bus.publish(post.pk)
    line.until(b"\r\n0\r\n\r\n")


def test_there_is_a_limit_and_a_place_becomes_free_again(site, post):
    first, _second = listen(site, post), listen(site, post)
    refused = site.request(f"/posts/{post.slug}/live/")
    assert (refused.status, refused.headers["Retry-After"]) == (503, "300")
    first.close()
    assert listen(site, post).next()


def test_the_headers_are_those_of_every_page_and_nobody_keeps_the_answer(site, post):
    line = site.line().send(f"GET /posts/{post.slug}/live/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    headers = line.until(b"\r\n\r\n").decode().lower()
    for header in ("content-type: text/event-stream", "cache-control: no-store", "x-accel-buffering: no", "x-content-type-options: nosniff", "content-security-policy: "):  # fmt: skip
        assert f"\r\n{header}" in headers
    assert "set-cookie" not in headers
    assert "content-length" not in headers


def test_a_host_that_is_not_ours_has_no_line(site, post):
    assert site.ask(f"GET /posts/{post.slug}/live/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode()).startswith(b"HTTP/1.1 400 ")


def test_a_line_never_carries_words_or_names(site, post):
    line = listen(site, post)
    line.next()
    author = make_member("verysecretname")
    publish_comment(post=post, author=author, body="very secret words")
    line.until(b"\n\n")
    assert line.received == b"\r\n"
    assert listen(site, post, "0.0").until(b'"all": true}').count(b"secret") == 0


def test_a_server_with_open_lines_stops_at_once(tmp_path, post):
    with serving(folder=tmp_path, DATABASE_URL=database_url()) as server:
        lines = [listen(server, post) for _ in range(5)]
        for line in lines:
            line.next()
        assert server.stop() < 5
        assert [line.rest()[-5:] for line in lines] == [b"0\r\n\r\n"] * 5


# --- what the database is asked, and when the bus is told ------------------------


def test_a_look_finds_what_became_public_since_in_few_queries(post, member, moderator, django_assert_num_queries):
    other = make_post(slug="other")
    before = publish_comment(post=post, author=member, body="Before.")
    held = publish_comment(post=post, author=make_member("newcomer"), body="See https://example.org/")
    now = Mark.of(0, before.published_at).moment
    after = publish_comment(post=post, author=member, body="After.")
    gone = publish_comment(post=post, author=member, body="Gone.")
    withdraw_comment(gone, by=member)
    set_status(held, Comment.Status.PUBLIC, by=moderator)
    version = Post.objects.get(pk=post.pk).thread_version
    held.refresh_from_db()
    with django_assert_num_queries(2):
        found = live.look({post.pk: now, other.pk: LAST_MOMENT, 10**9: 0})
    assert found[post.pk].mark == Mark.of(version, held.published_at)
    assert ([pk for _moment, pk in found[post.pk].pieces], found[post.pk].is_all) == ([after.pk, held.pk], True)
    assert (found[other.pk].mark, found[other.pk].pieces, set(found)) == (Mark(0, 0), (), {post.pk, other.pk})


def test_a_look_after_a_long_time_brings_the_newest(post):
    began = timezone.now()
    comments = [
        make_comment(post, created_at=began + timedelta(seconds=n), published_at=began + timedelta(seconds=n)) for n in range(EVENT_MAX_IDS + 1)
    ]
    news = live.look({post.pk: 0})[post.pk]
    assert ([pk for _moment, pk in news.pieces], news.is_all) == ([comment.pk for comment in comments[1:]], False)


def test_a_look_is_as_quick_in_a_long_thread(post):
    """By its indexes: no step of the plan reads all comments of a post."""
    make_comment(post)
    explained = (
        Comment.objects.filter(post=post.pk, published_at__gt=timezone.now()).public().order_by("-published_at").values_list("pk")[:5].explain()
    )
    assert "news_of_post" in explained or connection.vendor == "postgresql"  # which scans a table of one row


def test_the_bus_is_told_after_the_commit_and_a_broken_bus_breaks_nothing(post, member, monkeypatch, caplog):
    told = []

    class Breaking:
        def publish(self, topic: int) -> None:
            told.append((topic, connection.in_atomic_block))
            raise ConnectionError("no bus")

    monkeypatch.setattr(live.hub, "bus", Breaking())
    comment = publish_comment(post=post, author=member, body="Stays.")
    assert told == [(post.pk, False)]
    assert Comment.objects.get() == comment
    told.clear()
    withdraw_comment(comment, by=member)
    assert publish_comment(post=post, author=make_member("newcomer"), body="See https://example.org/").is_held
    assert told == []


# --- where no lines are held ------------------------------------------------------


def test_under_a_plain_wsgi_server_there_is_no_place(client, post, caplog):
    answer = client.get(f"/posts/{post.slug}/live/")
    assert (answer.status_code, answer["Retry-After"], caplog.records) == (503, "300", [])


def test_the_page_says_where_its_line_is_and_how_far_it_has_come(client, post, member):
    comment = publish_comment(post=post, author=member, body="Hello.")
    page = client.get(post.get_absolute_url(), **{OFFER: Offer()}).content.decode()
    assert f'data-live="/posts/{post.slug}/live/" data-since="{Mark.of(1, comment.created_at)}"' in page
    assert page.count("live.js") == 1


@pytest.mark.parametrize(("offer", "streams"), [({}, 500), ({OFFER: Offer()}, 0)])
def test_the_page_speaks_of_no_line_where_none_is_held(client, post, settings, offer, streams):
    settings.LIVE_STREAMS = streams
    page = client.get(post.get_absolute_url(), **offer).content.decode()
    assert ("data-live" in page, "live.js" in page) == (False, False)
