"""The feed of replies to a member: who may read it, its content, and its URL in the settings."""

import pytest
from defusedxml import ElementTree

from accounts.models import Mute
from comments.models import Comment
from comments.services.writing import set_status
from notifications.models import AdditionalParent, ReplyFeed
from tests.factories import make_member, make_post, put_comment

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def feed(member):
    return ReplyFeed.objects.create(member=member)


@pytest.fixture
def mine(post, member):
    return put_comment(post, author=member)


def ids(client, feed):
    response = client.get(feed.get_absolute_url())
    assert (response.status_code, response["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    entries = ElementTree.fromstring(response.content).findall(f"{ATOM}entry")
    return [entry.findtext(f"{ATOM}id") for entry in entries]


def address(comment):
    return f"http://testserver/comments/{comment.pk}/"


def test_it_holds_what_replies_to_the_member_the_newest_first(client, post, feed, mine, member):
    put_comment(post)
    put_comment(parent=mine, author=member)  # their own
    reply, beside = put_comment(parent=mine), put_comment(post)
    AdditionalParent.objects.create(comment=beside, answered=mine)
    put_comment(parent=reply)
    assert ids(client, feed) == [address(beside), address(reply)]


@pytest.mark.parametrize("status", ["held", "removed", "spam", "deleted"])
def test_what_is_taken_away_is_gone_at_the_next_look(client, feed, mine, status):
    reply = put_comment(parent=mine)
    assert ids(client, feed) == [address(reply)]
    set_status(reply, Comment.Status(status))
    assert ids(client, feed) == []


@pytest.mark.parametrize("visibility", ["members", "unlisted"])
def test_replies_that_not_everybody_may_find_are_left_out(client, signed_in, feed, member, visibility):
    mine = put_comment(make_post(visibility=visibility), author=member)
    put_comment(parent=mine)
    for reader in (client, signed_in(member)):
        assert ids(reader, feed) == []


def test_muted_members_are_left_out(client, feed, mine, member):
    reply = put_comment(parent=mine)
    Mute.objects.create(member=member, muted=reply.author)
    assert ids(client, feed) == []


def test_no_shared_cache_keeps_it_and_no_search_engine_lists_it(client, feed, mine):
    put_comment(parent=mine)
    response = client.get(feed.get_absolute_url())
    assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("private, no-cache", "noindex")
    again = client.get(feed.get_absolute_url(), headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again["Cache-Control"]) == (304, "private, no-cache")


@pytest.mark.parametrize("replies", [1, 4])
def test_it_costs_the_same_queries_however_many_replies(
    client, feed, mine, django_assert_num_queries, replies
):
    for _ in range(replies):
        put_comment(parent=mine)
    with django_assert_num_queries(4):
        client.get(feed.get_absolute_url())


def test_a_member_makes_renews_and_ends_the_address(client, signed_in, member):
    settings_page = signed_in(member)

    def press(do):
        response = settings_page.post("/notifications/feed/", {"do": do})
        assert (response.status_code, response["Location"]) == (302, "/notifications/settings/#s-feed")
        return ReplyFeed.objects.filter(member=member).first()

    first = press("make")
    assert press("make").secret == first.secret
    assert first.address in settings_page.get("/notifications/settings/").content.decode()
    identity = ElementTree.fromstring(client.get(first.address).content).findtext(f"{ATOM}id")
    second = press("renew")
    assert client.get(first.get_absolute_url()).status_code == 404
    assert ElementTree.fromstring(client.get(second.address).content).findtext(f"{ATOM}id") == identity
    assert press("nonsense").secret == second.secret
    assert press("end") is None
    assert client.get(second.get_absolute_url()).status_code == 404
    assert press("renew") is None


def test_a_visitor_makes_none(client, db):
    assert "/login/" in client.post("/notifications/feed/", {"do": "make"})["Location"]
    assert not ReplyFeed.objects.exists()


def test_a_member_who_left_has_none(client, feed, member):
    member.is_active = False
    member.save()
    assert client.get(feed.get_absolute_url()).status_code == 404


def test_the_address_is_in_the_members_own_data(feed, member):
    from notifications.services.export import PARTS  # noqa: PLC0415

    [choices] = [part for part in PARTS if part.key == "alert_choices"]
    assert [row["chosen"] for row in choices.rows(member)] == [feed.address]


def test_members_who_reply_in_public_stay_readable_by_name(client, feed, mine):
    put_comment(parent=mine, author=make_member("dora", display_name="Dora & Co"))
    entry = ElementTree.fromstring(client.get(feed.address).content).find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == f"Dora & Co on “{mine.post.title}”"
