"""A comment that ends with its author's name and URL: offered as a profile link, never added without consent."""

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import ProfileLink, User
from closer.models import DeclinedLink
from closer.services.closing_lines import link_at_end
from comments.models import Comment
from tests.factories import make_member, put_comment, switch_on

pytestmark = pytest.mark.django_db

OFFER = "Add it to your profile?"


def ended_with(line, **author):
    author = User(**({"username": "jane", "display_name": "Jane de Wit"} | author))
    return link_at_end(Comment(author=author, body=f"I think so too.\n\n{line}"))


@pytest.mark.parametrize(
    ("line", "link"),
    [
        ("Jane, jane.example.com", "https://jane.example.com"),
        ("— Jane de Wit, http://jane.example.com/about", "http://jane.example.com/about"),
        ("JANE – jane.example.com.", "https://jane.example.com"),
        ("~ jane | <https://jane.example.com>", "https://jane.example.com"),
        ("Bob, bob.example.com", None),
        ("More about it, example.com", None),
        ("Jane, see you there", None),
        ("Jane, jane@example.com", None),
        ("Jane, javascript:alert(1).com", None),
        ("Jane, https://user:secret@example.com", None),
        ("Jane, 12.5", None),
        ("jane.example.com", None),
        ("Jane", None),
        ("", None),
    ],
)
def test_what_is_a_signature(line, link):
    assert ended_with(line) == link


def test_a_comment_that_is_nothing_but_that_line_is_no_signature():
    assert link_at_end(Comment(author=User(username="jane"), body="Jane, jane.example.com")) is None


def test_names_in_other_scripts_are_known():
    assert ended_with("Zoë, zoe.example", display_name="ZOE") == "https://zoe.example"
    assert ended_with("Олена, olena.example", display_name="Олена Коваль") == "https://olena.example"


@given(line=st.text(max_size=220))
def test_no_line_fails(line):
    ended_with(line)


@pytest.fixture
def jane():
    switch_on("closer")
    return make_member("jane", display_name="Jane")


def post_comment(client, post, body="A good post.\n\nJane, jane.example.com"):
    return client.post(f"/posts/{post.slug}/comments/", {"body": body, "anyway": "1"}, follow=True)


def links():
    return list(ProfileLink.objects.values_list("url", flat=True))


def test_after_posting_it_is_offered_and_a_yes_adds_it(jane, post, signed_in):
    client = signed_in(jane)
    page = post_comment(client, post)
    assertContains(page, OFFER)
    assertContains(page, "You signed with jane.example.com.")
    assert links() == []  # not without consent
    comment = Comment.objects.get()
    assertContains(
        client.post(f"/comments/{comment.pk}/closing-link/", {"add": "1"}, follow=True),
        "The link was added to your profile.",
    )
    assert (links(), Comment.objects.get().body) == (["https://jane.example.com"], comment.body)
    assertNotContains(post_comment(client, post, "Another.\nJane, https://www.jane.example.com/"), OFFER)


def test_a_no_is_remembered(jane, post, signed_in):
    client = signed_in(jane)
    post_comment(client, post)
    comment = Comment.objects.get()
    client.post(f"/comments/{comment.pk}/closing-link/")
    client.post(f"/comments/{comment.pk}/closing-link/")
    assert (links(), DeclinedLink.objects.count()) == ([], 1)
    assertNotContains(post_comment(client, post, "Once more.\nJane, jane.example.com"), OFFER)
    assertContains(post_comment(client, post, "And more.\nJane, other.example.com"), OFFER)


def test_nobody_else_sees_the_offer_or_can_answer_it(jane, post, signed_in, moderator):
    post_comment(signed_in(jane), post)
    comment = Comment.objects.get()
    for reader in (Client(), signed_in(moderator)):
        assertNotContains(reader.get(post.get_absolute_url()), OFFER)
    assert signed_in(moderator).post(f"/comments/{comment.pk}/closing-link/", {"add": "1"}).status_code == 404
    assert Client().post(f"/comments/{comment.pk}/closing-link/", {"add": "1"}).status_code == 302
    assert links() == []


def test_what_was_edited_away_is_not_added(jane, post, signed_in):
    comment = put_comment(post, jane, body="A good post.")
    page = signed_in(jane).post(f"/comments/{comment.pk}/closing-link/", {"add": "1"}, follow=True)
    assertContains(page, "no longer ends with your name")
    assert links() == []


def test_it_is_not_offered_while_the_part_is_off(jane, post, signed_in):
    switch_on()
    assertNotContains(post_comment(signed_in(jane), post), OFFER)
    comment = Comment.objects.get()
    assert signed_in(jane).post(f"/comments/{comment.pk}/closing-link/", {"add": "1"}).status_code == 404
