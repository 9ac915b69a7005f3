"""Activity on the home page: the host, revived discussions, and new members."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from comments.models import DiscussionDefaults
from comments.services.home import newcomers, revived_posts
from core.services.site_settings import save_settings
from posts.models import Post, Tag
from tests.factories import make_host, make_member, make_moderator, make_post, put_comment

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def days_ago(days: float):
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def host():
    return make_host("hostess", tagline="Bakes on Sundays.", date_joined=days_ago(900))


def test_a_discussion_that_woke_up_is_there_and_one_that_never_slept_is_not(host, client):
    old = make_member(date_joined=days_ago(400))
    woken, awake, asleep, fresh = (
        make_post(host, title=title, published_at=days_ago(days))
        for title, days in (("Woken", 300), ("Awake", 300), ("Asleep", 300), ("Fresh", 20))
    )
    for post, days in ((woken, 200), (woken, 2), (awake, 20), (awake, 1), (asleep, 90), (fresh, 1)):
        put_comment(post, old, created_at=days_ago(days))
    assert [post.title for post in revived_posts(old)] == ["Woken"]
    assertContains(client.get("/"), '<h2 id="woken-h">Active again</h2>', html=True)


def test_held_comments_and_posts_that_are_not_listed_wake_nothing_up(host):
    for visibility, status in (("public", "held"), ("unlisted", "public")):
        post = make_post(host, published_at=days_ago(300), visibility=visibility)
        put_comment(post, created_at=days_ago(1), status=status)
    assert revived_posts(host) == []


def test_who_is_new_has_written_something(host, client):
    post = make_post(host)
    put_comment(post, make_member("newcomer", date_joined=days_ago(3), tagline="Grows beans."))
    put_comment(post, make_member("veteran", date_joined=days_ago(300)))
    put_comment(post, make_member("waiting", date_joined=days_ago(2)), status="held")
    make_member("silent", date_joined=days_ago(1))
    assert [member.username for member in newcomers(host)] == ["newcomer"]
    page = client.get("/")
    assertContains(page, "Grows beans.")
    assertContains(page, "Bakes on Sundays.")


def test_the_page_about_the_site_is_beside_the_host_as_soon_as_it_is_published(host, client):
    make_post(host)
    link = '<a href="/about/">About</a>'
    about = make_post(host, kind="page", slug="about", title="About us", published_at=None)
    assertNotContains(client.get("/"), link, html=True)
    Post.objects.filter(pk=about.pk).update(published_at=days_ago(1))
    assertContains(client.get("/"), link, html=True)


def test_what_is_scheduled_is_there_when_its_time_comes(host, client, signed_in, time_machine):
    """The home page's queries were compiled before."""
    later = timezone.now() + timedelta(hours=1)
    make_post(host, title="Out already")
    for title, visibility in (("For all", "public"), ("Among us", "members")):
        post = make_post(host, title=title, visibility=visibility, published_at=later)
        put_comment(post, make_member(f"early-{visibility}"), body=f"Seen before: {title}.")
        post.tags.add(Tag.objects.create(name=f"Tag: {title}", slug=visibility))
    make_post(host, kind="page", slug="about", title="About us", published_at=later)
    member = make_member("reader", date_joined=days_ago(100))

    def found(browser) -> list[str]:
        page = browser.get("/").content.decode()
        words = ["For all", "Among us", "early-public", "early-members", 'href="/about/"']
        words += ["Seen before: For all.", "Seen before: Among us.", "Tag: For all", "Tag: Among us"]
        return [word for word in words if f">{word}" in page or word in page.partition("<aside")[2]]

    assert (found(client), found(signed_in(member))) == ([], [])
    time_machine.move_to(later + timedelta(minutes=1))
    public = ["For all", "early-public", 'href="/about/"', "Seen before: For all.", "Tag: For all"]
    assert found(client) == public
    assert sorted(found(signed_in(member))) == sorted(
        [*public, "Among us", "Seen before: Among us.", "Tag: Among us", "early-members"]
    )


def test_whose_profile_is_hidden_is_new_for_moderators_and_themselves(host):
    hidden = make_member("hidden", date_joined=days_ago(3), profile_hidden=True)
    put_comment(make_post(host), hidden)
    readers = (make_member("other"), make_moderator("moderator"), hidden)
    assert [[member.username for member in newcomers(reader)] for reader in readers] == [
        [], ["hidden"], ["hidden"],
    ]  # fmt: skip


def test_the_greeting_says_who_can_comment_and_offers_what_is_open(host, client):
    make_post(host)
    page = client.get("/")
    assertContains(page, "To comment, leave your name and email.")
    assertContains(page, 'href="/accounts/signup/"')
    DiscussionDefaults.objects.update_or_create(pk=1, defaults={"policy": "members"})
    save_settings({"sign_up": "invited"}, by=host)
    page = client.get("/")
    assertContains(page, "Members can comment.")
    assertNotContains(page, 'href="/accounts/signup/"')


def test_posts_come_before_what_is_beside_them(host, client):
    """In document order, which phones display; wide screens show them side by side."""
    make_post(host, title="First")
    make_post(host, title="Second")
    page = client.get("/").content.decode()
    assert page.index("First") < page.index("<aside")


def test_a_quiet_site_has_no_empty_headings(host, client):
    make_post(host)
    page = client.get("/")
    for heading in ("woken-h", "newcomers-h"):
        assertNotContains(page, heading)


@pytest.mark.parametrize("number", [1, 4])
def test_the_home_page_costs_the_same_queries_however_much_goes_on(
    host, number, client, django_assert_max_num_queries
):
    for n in range(number):
        post = make_post(host, published_at=days_ago(300))
        put_comment(post, make_member(f"new{n}", date_joined=days_ago(3)), created_at=days_ago(1))
    with django_assert_max_num_queries(12):
        client.get("/")
