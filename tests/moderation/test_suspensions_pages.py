"""Pages for a suspended member: no action that would be refused; the reason, the end, and what follows."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from comments.services.reactions import thank
from moderation.models import RemovalReason
from moderation.services.members import ban, make_appeal, suspend
from tests.factories import make_member, put_comment

WHEN = "You can read, but you can’t post until"


@pytest.fixture
def talk(post, member):
    """A comment by someone else, which was thanked for, and one by the member."""
    for comment in (
        put_comment(post=post, body="Who bakes?"),
        put_comment(post=post, author=member, body="I do."),
    ):
        thank(comment, by=make_member())
    return post


def suspended(member, moderator, **fields):
    return suspend(
        member,
        by=moderator,
        **({"ends_at": timezone.now() + timedelta(days=3), "words": "Rest a little."} | fields),
    )


def offered(html: str) -> list[str]:
    """Return the actions on comments that this page offers."""
    doors = {
        "Reply": "?reply=",
        "Reply to this too": 'name="also"',
        "Thanks": "/thanks/",
        "Report": "/report/",
        "Edit": "/edit/",
        "Withdraw": "/delete/",
    }
    return [name for name, mark in doors.items() if mark in html.split('id="talk"')[1]]


def test_a_discussion_offers_nothing_that_would_be_refused(talk, member, moderator, signed_in):
    client = signed_in(member)
    everything = ["Reply", "Reply to this too", "Thanks", "Report", "Edit", "Withdraw"]
    assert offered(client.get(talk.get_absolute_url()).content.decode()) == everything
    suspended(member, moderator, text=RemovalReason.objects.get(title="Unkind"))
    response = client.get(talk.get_absolute_url())
    assert offered(response.content.decode()) == ["Withdraw"]
    for part in (
        WHEN,
        "It attacks a person.",
        "Rest a little.",
        'href="/members/me/standing/"',
        "how to appeal",
    ):
        assertContains(response, part)
    comment = talk.comments.exclude(author=member).get()
    answering = client.get(f"{talk.get_absolute_url()}?reply={comment.pk}").content.decode()
    assert (answering.count(WHEN), "New comment instead" in answering) == (1, False)
    # The page cached for members is not used for them, and theirs for no one else.
    assert offered(signed_in(make_member()).get(talk.get_absolute_url()).content.decode()) == everything[:4]


def test_thanks_can_be_withdrawn(talk, member, moderator, signed_in):
    comment = talk.comments.exclude(author=member).get()
    thank(comment, by=member)
    suspended(member, moderator)
    client = signed_in(member)
    assert offered(client.get(talk.get_absolute_url()).content.decode()) == ["Thanks", "Withdraw"]
    client.post(f"/comments/{comment.pk}/thanks/", {"thanks": "0"})
    assert offered(client.get(talk.get_absolute_url()).content.decode()) == ["Withdraw"]


def test_the_page_offers_everything_again_with_the_second_in_which_it_ends(
    talk, member, moderator, signed_in
):
    ends_at = suspended(member, moderator).ends_at
    client = signed_in(member)
    for at, may_write in ((ends_at - timedelta(seconds=1), False), (ends_at, True)):
        with time_machine.travel(at, tick=False):
            html = client.get(talk.get_absolute_url()).content.decode()
            assert ("Reply" in offered(html), WHEN in html) == (may_write, not may_write)


def test_of_several_restrictions_the_longest_speaks_and_an_appeal_is_remembered(
    talk, member, moderator, signed_in
):
    suspended(member, moderator, words="For the week.")
    lasting = ban(member, by=moderator, words="Only sells watches.")
    suspended_page = signed_in(member).get(talk.get_absolute_url())
    for part in ("You can read, but you can’t post any more.", "Only sells watches.", "how to appeal"):
        assertContains(suspended_page, part)
    assertNotContains(suspended_page, "For the week.")
    make_appeal(member, lasting, "I mend them.")
    assertContains(
        signed_in(member).get(talk.get_absolute_url()), "Your appeal has been sent to the moderators."
    )


@pytest.mark.parametrize(
    "place",
    [
        "/comments/{own}/edit/",
        "/comments/{other}/report/",
        "/members/wanda/report/",
        "/members/wanda/introduction/",
    ],
)
def test_pages_to_write_on_say_so_before_anything_is_typed(place, talk, member, moderator, signed_in):
    own, other = talk.comments.get(author=member).pk, talk.comments.exclude(author=member).get().pk
    make_member("wanda", takes_introductions=True)
    client = signed_in(member)
    assertContains(client.get(place.format(own=own, other=other)), "<textarea")
    suspended(member, moderator)
    response = client.get(place.format(own=own, other=other))
    for part in (WHEN, "Rest a little.", 'href="/members/me/standing/"'):
        assertContains(response, part)
    assertNotContains(response, "<textarea")


def test_the_page_of_another_member_leads_to_neither_of_them(member, moderator, signed_in):
    make_member("wanda", takes_introductions=True)
    client = signed_in(member)
    places = ["/members/wanda/introduction/", "/members/wanda/report/"]
    for place in places:
        assertContains(client.get("/members/wanda/"), place)
    suspended(member, moderator)
    for place in places:
        assertNotContains(client.get("/members/wanda/"), place)


def test_it_costs_a_query_that_nobody_else_pays(talk, member, moderator, signed_in):
    def cost() -> list[bool]:
        """Return which statements of a second request query restrictions."""
        signed_in(member).get(talk.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            signed_in(member).get(talk.get_absolute_url())
        return sorted("moderation_restriction" in query["sql"] for query in queries)

    usual = cost()
    assert True not in usual
    suspended(member, moderator)
    assert cost() == [*usual, True]
