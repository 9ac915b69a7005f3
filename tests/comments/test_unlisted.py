"""Members without a published comment: their profile and links are of no use to held spam."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import ProfileLink
from accounts.services.profile import store_topics
from accounts.services.relations import send_introduction
from comments.models import Comment
from comments.services.mentions import suggest_names
from tests.factories import make_member, make_post, put_comment

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

# Wanda's profile text.
SHOWN = ("Best watches", "Buy them all", "watches.example")
PLACES = (
    "/members/wanda/",
    "/members/wanda/card.vcf",
    "/members/",
    "/members/?q=watches",
    "/members/?help=clockwork",
)


@pytest.fixture
def wanda():
    member = make_member(
        "wanda",
        display_name="Wanda",
        tagline="Best watches",
        bio="Buy them all: <https://watches.example/>",
        takes_introductions=True,
    )
    ProfileLink.objects.create(user=member, url="https://watches.example/", label="Shop")
    store_topics(member, "help", ["clockwork"])
    return member


def seen(client) -> dict[str, list[str]]:
    pages = {place: client.get(place).content.decode() for place in PLACES}
    return {
        place: found
        for place, page in pages.items()
        if (found := [words for words in SHOWN if words in page])
    }


@pytest.mark.parametrize(
    "statuses", [["held"], ["removed"], ["spam"], ["held", "deleted"], ["removed", "spam", "held"]]
)
def test_who_was_only_held_or_taken_out_is_not_listed_and_shows_no_link(
    wanda, post, member, client, signed_in, statuses
):
    for status in statuses:
        put_comment(post, author=wanda, status=status)
    for reader in (client, signed_in(member)):
        assert seen(reader) == {}
        page = reader.get("/members/wanda/")
        assertContains(page, "This profile isn’t public yet.")
        assertContains(page, 'content="noindex, follow"')
        assert "wanda" not in [one.username for one in reader.get("/members/").context["members"]]
    assert suggest_names("wan", writer=member, post=post) == []


@pytest.mark.parametrize(
    "statuses", [[], ["public"], ["held", "public"], ["spam", "public", "removed"], ["deleted"]]
)
def test_who_was_read_wrote_nothing_or_took_it_back_themselves_is_listed(
    wanda, post, member, client, signed_in, statuses
):
    for status in statuses:
        put_comment(post, author=wanda, status=status)
    for reader in (client, signed_in(member)):
        assert list(seen(reader)) == list(PLACES)


def test_moderators_the_host_and_they_themselves_see_the_page_as_it_is(
    wanda, post, moderator, host, signed_in
):
    put_comment(post, author=wanda, status="held")
    for reader in (wanda, moderator, host):
        assert list(seen(signed_in(reader))) == list(PLACES), reader
    assertContains(
        signed_in(wanda).get("/members/wanda/"),
        "Only you and the moderators can see this profile until one of your comments is published.",
    )
    assertContains(
        signed_in(moderator).get("/members/wanda/"),
        "Only this member and the moderators can see this profile until one of their",
    )


def test_with_the_first_comment_that_is_approved_the_page_is_there(wanda, post, client):
    comment = put_comment(post, author=wanda, status="held")
    assert seen(client) == {}
    Comment.objects.filter(pk=comment.pk).update(status="public")
    assert list(seen(client)) == list(PLACES)
    assertNotContains(client.get("/members/wanda/"), "public yet")


def test_who_writes_posts_or_is_of_the_staff_is_listed_whatever_became_of_their_comments(
    wanda, host, post, client
):
    put_comment(post, author=host, status="removed")
    put_comment(post, author=wanda, status="removed")
    make_post(author=wanda)
    assert {host.username, "wanda"} <= {one.username for one in client.get("/members/").context["members"]}


def test_nobody_is_introduced_to_who_is_not_listed(wanda, post, member):
    put_comment(post, author=wanda, status="spam")
    with pytest.raises(Exception, match="isn’t accepting introductions"):
        send_introduction(member, wanda, "Hello.")
