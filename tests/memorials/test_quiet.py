"""What is omitted on a deceased member's pages, and on pages about one memory."""

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from memorials.services.keeping import undo
from notifications.models import Subscriber
from party.models import PartyDay
from tests.factories import make_member, put_comment, switch_on
from tests.memorials.people import a_memorial
from tests.notifications.people import told, write

pytestmark = pytest.mark.django_db

PAGE = "/members/otter/memorial/"


@pytest.fixture(autouse=True)
def switched_on():
    switch_on("memorials")


def test_the_memories_have_no_tools_of_a_busy_discussion(client, member):
    memorial = a_memorial()
    for who in (member, memorial.keeper):
        put_comment(memorial.post, author=who)
    page = client.get(PAGE)
    for tool in ("data-foldall", "Search these comments", "Feed of these comments", 'class="faces'):
        assertNotContains(page, tool)


def test_authors_are_asked_what_they_remember(client, signed_in, member):
    a_memorial()
    for reader in (client, signed_in(member)):
        assertContains(reader.get(PAGE), "What you remember")
        assertNotContains(reader.get(put_comment().post.get_absolute_url()), "What you remember")


def test_a_visitor_is_not_asked_what_would_be_forgotten_until_the_code_is_typed(client):
    a_memorial()
    assertNotContains(client.get(PAGE), "The family may have this memory")


def test_posts_by_email_stop_with_a_memorial_and_go_on_after_an_undo():
    for name in ("otter", "alice"):
        Subscriber.objects.create(email=f"{make_member(name).username}@example.org")

    def reached() -> list[str]:
        return [*Subscriber.objects.reachable().order_by("email").values_list("email", flat=True)]

    before = reached()
    memorial = a_memorial()
    assert (before, reached()) == (["alice@example.org", "otter@example.org"], ["alice@example.org"])
    undo(memorial, by=memorial.keeper)
    assert reached() == before


def test_pages_about_one_memory_wear_no_party_dress(signed_in, member, other_member):
    switch_on("memorials", "party")
    memorial = a_memorial()
    PartyDay.objects.create(day=timezone.localdate(), dress="full")
    own, others = (put_comment(memorial.post, author=who) for who in (member, other_member))
    elsewhere = put_comment(author=member)
    reader = signed_in(member)
    assertContains(reader.get(f"/comments/{elsewhere.pk}/delete/"), "party.css")
    for page in (
        f"/comments/{own.pk}/edit/",
        f"/comments/{own.pk}/delete/",
        f"/comments/{own.pk}/history/",
        f"/comments/{others.pk}/report/",
        f"/comments/{others.pk}/more/",
    ):
        assertNotContains(reader.get(page), "party.css")
    refused = reader.post(f"/posts/{memorial.post.slug}/comments/", {"body": ""})
    assertNotContains(refused, "party.css", status_code=422)


def test_the_line_does_not_say_that_the_dead_cannot_be_notified(signed_in, member):
    """Checked before a comment is sent, in its edit form, on its receipt, and in the outbox."""
    earlier = put_comment(author=make_member("otter", display_name="Otter"))
    memorial, reader = a_memorial(), signed_in(member)
    memory = put_comment(memorial.post, author=make_member("kay"))
    found = {}
    for name, post, parent in (
        ("of the memorial", memorial.post, None),
        ("to another memory", memorial.post, memory),
        ("to what they wrote before", earlier.post, earlier),
    ):
        typed = {"body": "Hello @otter.", "parent": parent.pk if parent else ""}
        before = reader.post(f"/posts/{post.slug}/told/", typed)
        written = write(member, post, typed["body"], parent=parent)
        pages = [
            before,
            reader.post(f"/comments/{written.pk}/told/", typed),
            reader.get(f"/comments/{written.pk}/receipt/"),
        ]
        found[name] = [*told(written)], ["Can’t be notified" in page.text for page in pages]
    assert found == {
        "of the memorial": ([], [False, False, False]),
        "to another memory": (["kay"], [False, False, False]),
        "to what they wrote before": ([earlier.post.author.username], [False, False, False]),
    }
