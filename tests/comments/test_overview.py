"""The overview of a long thread: number of authors, outline, pages, and news since the last visit."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django.asserts import assertContains, assertNotContains

from accounts.services.relations import mute
from comments.models import Comment, ThreadVisit
from comments.services.welcome import welcome_back
from tests.factories import make_member, put_comment

pytestmark = pytest.mark.django_db


def heading(page: str) -> str:
    return re.search(r'<h2 id="talk-h">(.*?)</h2>', page).group(1)


@pytest.fixture
def bob():
    return make_member("bob", display_name="Bob Field")


@pytest.fixture
def four(post, bob):
    """Four top-level comments by two members; the first has a reply."""
    carl = make_member("carl", display_name="Carl")
    tops = [put_comment(post, author=author, status="public") for author in (bob, carl, bob, carl)]
    return [*tops, put_comment(post, parent=tops[0], author=carl, status="public")]


def test_the_heading_counts_people_once_however_much_they_wrote(four, post, client):
    guest = put_comment(post, status="public")
    Comment.objects.filter(pk=guest.pk).update(author=None, guest_name="Vera")
    page = client.get(post.get_absolute_url()).content.decode()
    assert heading(page) == "6 comments from 3 people"
    assert page.count('class="av', page.index('class="faces"'), page.index("Leave a comment")) == 2


def test_of_a_thread_of_many_pages_all_people_are_counted(four, post, client, settings):
    settings.COMMENTS_PER_PAGE = 2
    assert heading(client.get(post.get_absolute_url()).content.decode()) == "5 comments from 2 people"


def test_what_one_person_said_alone_is_not_from_people(post, bob, client):
    put_comment(post, author=bob, status="public")
    assert heading(client.get(post.get_absolute_url()).content.decode()) == "1 comment"


def test_faces_and_map_leave_out_whom_the_reader_muted(four, post, bob, member, signed_in, client):
    mute(member, bob, on=True)
    # The second and third requests use the cache; the first repeats when it expires.
    theirs, others = signed_in(member), signed_in(make_member("other"))
    for reader, faces, entries in (
        (theirs, 1, 2),
        (others, 2, 4),
        (others, 2, 4),
        (theirs, 1, 2),
        (client, 2, 4),
    ):
        page = reader.get(post.get_absolute_url()).content.decode()
        start = page.index('class="faces"')
        assert page.count('class="av', start, page.index("Leave a comment", start)) == faces
        assert (
            page.count("<li>", page.index('class="map"'), page.index("</ol>", page.index('class="map"')))
            == entries
        )


def test_the_map_names_top_level_comments_and_says_where_something_is_new(
    four, post, member, signed_in, client
):
    entry = f'<li><a href="#comment-{four[0].pk}">Bob Field <small>1 reply</small></a></li>'
    assertContains(client.get(post.get_absolute_url()), entry, html=True)
    long_ago = timezone.now() - timedelta(days=1)
    Comment.objects.update(created_at=long_ago, published_at=long_ago)
    then = timezone.now() - timedelta(hours=2)
    ThreadVisit.objects.create(member=member, post=post, new_since=then, looked_at=then)
    put_comment(post, parent=four[0], author=four[1].author, status="public")
    page = signed_in(member).get(post.get_absolute_url())
    assertContains(
        page, entry.replace("1 reply</small>", '2 replies</small> <b class="badge new">1 new</b>'), html=True
    )
    assert page.content.decode().count('class="badge new">1 new') == 1


def test_few_comments_need_no_map(post, bob, client):
    put_comment(post, author=bob, status="public")
    assertNotContains(client.get(post.get_absolute_url()), 'class="map"')


def test_pages_have_numbers_that_lead_to_every_comment_once(post, bob, client, settings):
    settings.COMMENTS_PER_PAGE = 2
    comments = [put_comment(post, author=make_member(), status="public").pk for _number in range(7)]
    path, seen = post.get_absolute_url(), []
    for number in ("1", "2", "3", "4"):
        page = client.get(path).content.decode()
        nav = re.search(r'<nav class="mt seg"(.*?)</nav>', page, re.DOTALL)[1]
        above = re.search(r'<div role="group" class="seg"(.*?)</div>', page, re.DOTALL)[1]
        assert above.split() == nav.split()
        links = re.findall(r'href="([^"]+)"( aria-current="page")?><span class="vh">Page </span>(\d+)', nav)
        assert [shown for _href, _here, shown in links] == ["1", "2", "3", "4"]
        assert [shown for _href, here, shown in links if here] == [number]
        seen += map(int, re.findall(r'id="comment-(\d+)" data-level', page))
        path = {shown: href for href, _here, shown in links}.get(str(int(number) + 1), "").partition("#")[0]
    assert seen == comments


class TestComingBack:
    @pytest.fixture
    def since(self, member, post):
        then = timezone.now() - timedelta(days=2)
        ThreadVisit.objects.create(member=member, post=post, new_since=then, looked_at=then)
        return date_format(timezone.localtime(then), "l")

    def test_the_home_page_says_who_replied_and_how_much_else_there_is(
        self, post, member, bob, since, signed_in
    ):
        mine = put_comment(post, author=member, status="public")
        put_comment(post, parent=mine, author=bob, status="public")
        for _number in range(2):
            put_comment(post, status="public")
        said = f"Since {since}, Bob Field has replied to you, and there are 2 more comments."
        assertContains(signed_in(member).get("/"), said)
        assertContains(signed_in(member).get(post.get_absolute_url()), said)

    def test_nothing_is_said_of_own_held_and_muted_comments(self, post, member, bob, since):
        put_comment(post, author=member, status="public")
        put_comment(post, status="held")
        put_comment(post, author=bob, status="public")
        mute(member, bob, on=True)
        assert welcome_back(type(member).objects.get(pk=member.pk)) is None

    def test_a_thread_does_not_name_muted_members_either(self, post, member, bob, since, signed_in):
        mine = put_comment(post, author=member, status="public")
        put_comment(post, parent=mine, author=bob, status="public")
        put_comment(post, parent=mine, author=make_member("carl", display_name="Carl"), status="public")
        mute(member, bob, on=True)
        page = signed_in(member).get(post.get_absolute_url())
        assertContains(page, f"Since {since}, Carl has replied to you.")

    def test_nothing_is_said_to_who_was_here_just_now_or_never(self, post, member, bob):
        put_comment(post, author=bob, status="public")
        assert welcome_back(member) is None
        now = timezone.now()
        ThreadVisit.objects.create(member=member, post=post, new_since=now, looked_at=now)
        assert welcome_back(member) is None

    def test_it_costs_few_queries(self, post, member, bob, since, django_assert_num_queries):
        mine = put_comment(post, author=member, status="public")
        for _number in range(3):
            put_comment(post, parent=mine, author=bob, status="public")
        reader = type(member).objects.get(pk=member.pk)
        with django_assert_num_queries(4):
            assert welcome_back(reader).names == ["Bob Field"]
