"""Earlier versions of a comment, and the differences between them."""

import html
import random
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains

from comments.models import Comment
from comments.services.writing import edit_comment
from core.utils.comparison import DELETED, INSERTED, SAME, Comparison
from tests.factories import put_comment


def pieces(old, new):
    return [(piece.kind, piece.words) for piece in Comparison().pieces(old, new)]


def assert_it_leads_from(old, new):
    found = pieces(old, new)
    assert "".join(words for kind, words in found if kind != INSERTED) == old
    assert "".join(words for kind, words in found if kind != DELETED) == new
    assert all(words for _kind, words in found)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", []),
        ("Same.", "Same.", [(SAME, "Same.")]),
        ("", "New.", [(INSERTED, "New.")]),
        (
            "In the choir.",
            "In the kitchen.",
            [(SAME, "In the "), (DELETED, "choir"), (INSERTED, "kitchen"), (SAME, ".")],
        ),
        ("a b c d", "a x y d", [(SAME, "a "), (DELETED, "b c"), (INSERTED, "x y"), (SAME, " d")]),
        ("One.\n\nTwo.", "One.\n\nTwo.\n\nThree.", [(SAME, "One.\n\nTwo."), (INSERTED, "\n\nThree.")]),
        ("One. Two. Three.", "One. Three.", [(SAME, "One. "), (DELETED, "Two. "), (SAME, "Three.")]),
    ],
)
def test_changes_are_shown_word_by_word(old, new, found):
    assert pieces(old, new) == found


words = st.lists(
    st.sampled_from(["a", "b", "c", " ", "  ", "\n", "\n\n", ".", ", ", "é", "<", "\u2028", "\r"]),
    max_size=60,
).map("".join)


@given(words, words)
def test_both_versions_can_be_put_together_again(old, new):
    assert_it_leads_from(old, new)


@given(st.text(max_size=80), st.text(max_size=80))
def test_both_versions_of_any_text_can_be_put_together_again(old, new):
    assert_it_leads_from(old, new)


def every_other(mark):
    return " ".join(f"{number}{mark if number % 2 else ''}" for number in range(4000))


chance = random.Random(7)  # noqa: S311 - reproducible, not for security
HOSTILE = {
    "every other word": (every_other("x"), every_other("y")),
    "two words in turn": ("a b " * 5000, "b a " * 5000),
    "letters at random": tuple("".join(chance.choices("ab ,.\n", k=20_000)) for _ in range(2)),
    "signs at random": tuple("".join(chance.choices("(),", k=20_000)) for _ in range(2)),
    "few signs against many": ("".join(chance.choices("(),", k=199)), "".join(chance.choices("(),", k=5000))),
    "lines at random": tuple("\n".join(chance.choices("abcdefgh", k=10_000)) for _ in range(2)),
    "every other line": tuple(
        "\n".join(f"{number}{mark if number % 2 else ''}" for number in range(999)) for mark in "xy"
    ),
    "many small changes": tuple(
        "\n".join(" ".join(chance.choices("abc", k=20)) + f"\n{number}" for number in range(300))
        for _ in range(2)
    ),
    "sides changed": ("(" * 10_000 + ")" * 10_000, ")" * 10_000 + "(" * 10_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_most_hostile_changes_can_be_followed(name):
    assert_it_leads_from(*(text[:20_000] for text in HOSTILE[name]))


def test_a_page_of_hostile_changes_costs_no_more_than_one():
    comparison = Comparison()
    for _ in range(10):
        comparison.pieces(every_other("x"), every_other("y"))
        comparison.pieces(*HOSTILE["every other line"])
    assert comparison.pairs_left >= 0


def test_a_change_in_a_long_comment_is_found_to_the_word():
    sentences = [f"This is sentence number {number} of a long letter to you all." for number in range(250)]
    old = " ".join(sentences)
    new = old.replace("number 3 of", "number three of").replace("number 240 of", "number 240 out of")
    changed = [piece for piece in pieces(old, new) if piece[0] != SAME]
    assert changed == [(DELETED, "3"), (INSERTED, "three"), (INSERTED, "out ")]


def change(comment, *bodies, minutes=60):
    """Edit a comment several times, starting that many minutes after it was written."""
    for body in bodies:
        Comment.objects.filter(pk=comment.pk).update(created_at=timezone.now() - timedelta(minutes=minutes))
        edit_comment(Comment.objects.get(pk=comment.pk), body=body, by=comment.author)


def readable(response):
    """Return the changes on a history page: each as text with [+…+] and [-…-]."""
    found = re.findall(
        r'<div class="words diff" dir="auto">(.*?)</div>', response.content.decode(), re.DOTALL
    )
    marks = [(r'<del><span class="vh">.*?</span>', "[-"), (r'<span class="vh">[^<]*</span></del>', "-]"), (r'<ins><span class="vh">.*?</span>', "[+"), (r'<span class="vh">[^<]*</span></ins>', "+]")]  # fmt: skip
    for pattern, mark in marks:
        found = [re.sub(pattern, mark, text) for text in found]
    return [html.unescape(text) for text in found]


class TestHistory:
    def test_everybody_sees_who_changed_what_and_when(self, post, member, client):
        comment = put_comment(post, author=member, body="Seven <b>spoons</b> & forks.")
        change(comment, "Eight <b>spoons</b> & forks.", "Eight *spoons* & forks.")
        page = client.get(f"/comments/{comment.pk}/history/")
        assert readable(page) == [
            "Eight [-<b>-][+*+]spoons[-</b>-][+*+] & forks.",
            "[-Seven-][+Eight+] <b>spoons</b> & forks.",
        ]
        assertContains(page, "Edited by alice on", count=2)
        assertContains(page, "Original")
        assertContains(page, "<p>Seven &lt;b&gt;spoons&lt;/b&gt; &amp; forks.</p>")

    def test_changes_of_the_first_minutes_and_the_first_version_are_for_moderators(
        self, post, member, moderator, signed_in, client
    ):
        comment = put_comment(post, author=member, body="My number is 555.")
        change(comment, "Ask me.", minutes=1)
        change(comment, "Ask Bob.")
        assert readable(client.get(f"/comments/{comment.pk}/history/")) == ["Ask [-me-][+Bob+]."]
        assertNotContains(client.get(f"/comments/{comment.pk}/history/"), "555")
        page = signed_in(moderator).get(f"/comments/{comment.pk}/history/")
        assert readable(page) == ["Ask [-me-][+Bob+].", "[-My number is 555-][+Ask me+]."]
        assertContains(page, "Not marked for readers", count=1)
        assertContains(page, "<p>My number is 555.</p>")

    @pytest.mark.parametrize(("status", "answers"), [("removed", 200), ("spam", 200), ("deleted", 404)])
    def test_of_a_comment_that_is_gone_moderators_see_it_unless_its_author_took_it_back(
        self, post, member, moderator, signed_in, client, status, answers
    ):
        comment = put_comment(post, author=member, body="First.")
        change(comment, "Second.")
        Comment.objects.filter(pk=comment.pk).update(status=status)
        assert signed_in(moderator).get(f"/comments/{comment.pk}/history/").status_code == answers
        assert client.get(f"/comments/{comment.pk}/history/").status_code == 404
        assert signed_in(member).get(f"/comments/{comment.pk}/history/").status_code == 404

    def test_a_comment_that_was_never_changed_says_so(self, post, member, client):
        page = client.get(f"/comments/{put_comment(post, author=member).pk}/history/")
        assertContains(page, "This comment hasn’t been edited.")

    @pytest.mark.parametrize("changes", [3, 9])
    def test_long_histories_come_in_pages_that_cost_the_same(
        self, post, member, client, settings, changes, django_assert_num_queries
    ):
        settings.CHANGES_PER_PAGE = 2
        comment = put_comment(post, author=member, body="0")
        change(comment, *(str(number + 1) for number in range(changes)))
        seen, path = [], f"/comments/{comment.pk}/history/"
        while path:
            with django_assert_num_queries(2):  # the comment, its revisions
                page = client.get(path)
            seen += readable(page)
            link = re.search(r'rel="next" href="(\?before=\d+)"', page.content.decode())
            assert bool(link) != ("Original" in page.content.decode())
            path = f"/comments/{comment.pk}/history/{link[1]}" if link else ""
        assert seen == [f"[-{number}-][+{number + 1}+]" for number in reversed(range(changes))]

    @pytest.mark.parametrize("before", ["0", "-1", "x", "9" * 30, "7"])
    def test_forged_pages_are_pages(self, post, member, client, before):
        comment = put_comment(post, author=member, body="One.")
        change(comment, "Two.")
        assert client.get(f"/comments/{comment.pk}/history/?before={before}").status_code == 200
