"""The host's own lists of words, domains and link limits, in addition to the spam filter."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from comments.models import Comment
from comments.services.writing import edit_comment
from moderation.models import CommentRule
from moderation.services.own_lists import contains_term, folded
from tests.factories import make_comment

pytestmark = pytest.mark.django_db

SETTINGS, RULES = "/moderation/discussion/", "/moderation/rules/"


@pytest.fixture
def host_client(host, signed_in):
    return signed_in(host)


@pytest.fixture
def say(post, member, signed_in):
    """An established member, whom the spam filter does not check."""
    make_comment(post, author=member, body="See https://known.example/ please.", status="public")
    client = signed_in(member)
    return lambda body: client.post(f"{post.get_absolute_url()}comments/", {"body": body})


def rule(kind: str, value: str = "", **fields) -> CommentRule:
    return CommentRule.objects.create(kind=kind, value=value, **fields)


def newest() -> tuple[str, list[str]]:
    comment = Comment.objects.latest("pk")
    return comment.status, comment.why_held


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ("soup", "The SOUP was cold.", True),
        ("soup", "Soups are cold.", False),
        ("soup*", "Soups are cold.", True),
        ("hot soup", "hot\n   soup", True),
        ("ﬁne", "Fine.", True),
        ("c++", "I like C++!", True),
        ("суп", "СУП, пожалуйста", True),
    ],
)
def test_words_are_found_as_people_read_them(value, text, expected):
    assert contains_term(folded(value), folded(text)) is expected


def test_a_word_holds_a_comment_and_says_which(say):
    rule("word", "soup")
    say("Cold soup again.")
    assert newest() == ("held", ["Contains a word from the host’s list. Found: “soup”."])


def test_a_word_refuses_a_comment_at_the_field_with_the_host_s_reason(say):
    rule("word", "soup", action="refuse", note="We talk about bread here.")
    before = Comment.objects.count()
    response = say("Cold soup again.")
    assertContains(
        response, "Comments with “soup” aren’t accepted here. Change it to post your comment. We talk about bread here.",
        status_code=422,
    )  # fmt: skip
    assertContains(response, "Cold soup again.", status_code=422)
    assert Comment.objects.count() == before


def test_a_domain_and_what_is_below_it(say):
    rule("domain", "known.example")
    say("Read https://shop.known.example/offer today.")
    assert newest() == ("held", ["Links to a domain from the host’s list. Found: “known.example”."])


def test_a_number_of_links(say):
    rule("links", limit=1, action="refuse")
    assertContains(
        say("https://known.example/1 and https://known.example/2"),
        "Comments can have up to 1 link here.",
        status_code=422,
    )
    assert say("https://known.example/1").status_code == 302


def test_is_asked_again_at_every_edit(member, say):
    rule("word", "soup")
    say("Cold tea again.")
    comment = Comment.objects.latest("pk")
    edit_comment(comment, body="Cold soup again.", by=member)
    assert newest()[0] == "held"


def test_does_not_stop_the_host_and_moderators(host_client, moderator, signed_in, post):
    rule("word", "soup", action="refuse")
    for client in (host_client, signed_in(moderator)):
        assert client.post(f"{post.get_absolute_url()}comments/", {"body": "Soup!"}).status_code == 302


def test_lists_are_written_line_by_line(host_client):
    host_client.post(
        RULES, {"kind": "word", "values": "Soup\n\n  cold   TEA \nsoup\n", "action": "refuse", "note": "No."}
    )
    host_client.post(RULES, {"kind": "domain", "values": "https://www.shop.example/x\n", "action": "hold"})
    host_client.post(RULES, {"kind": "links", "values": "3", "action": "hold"})
    host_client.post(RULES, {"kind": "links", "values": "5", "action": "refuse"})
    assert [(one.kind, one.value, one.limit, one.action, one.note) for one in CommentRule.objects.all()] == [
        ("domain", "shop.example", None, "hold", ""),
        ("links", "", 5, "refuse", ""),
        ("word", "cold tea", None, "refuse", "No."),
        ("word", "soup", None, "refuse", "No."),
    ]
    page = host_client.get(SETTINGS)
    assertContains(page, "more than 5 links")
    host_client.post(f"{RULES}{CommentRule.objects.get(value='soup').pk}/delete/")
    assertNotContains(host_client.get(SETTINGS), "“soup”")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"kind": "domain", "values": "not a domain"}, "This isn’t a domain."),
        ({"kind": "links", "values": "many"}, "Enter one number, such as 3."),
        ({"kind": "word", "values": "***"}, "isn’t a word or phrase"),
        ({"kind": "word", "values": ""}, "This field is required."),
        (
            {"kind": "word", "values": "\n".join(f"w{number}" for number in range(501))},
            "Add up to 500 lines at a time.",
        ),
        ({"kind": "smell", "values": "x"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_is_refused_at_the_field(host_client, typed, said):
    response = host_client.post(RULES, {"action": "hold"} | typed)
    assertContains(response, said, status_code=422)
    assert not CommentRule.objects.exists()


def test_lists_are_the_host_s_alone(client, member, moderator, signed_in):
    one = rule("word", "soup")
    for other in (client, signed_in(member), signed_in(moderator)):
        assert other.post(RULES, {"kind": "word", "values": "x", "action": "hold"}).status_code in {302, 403}
        assert other.post(f"{RULES}{one.pk}/delete/").status_code in {302, 403}
    assert [*CommentRule.objects.all()] == [one]
    assertContains(signed_in(moderator).get(SETTINGS), "“soup”")
