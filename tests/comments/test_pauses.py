"""A comment that revives a discussion after months says so beside its date."""

import re
from datetime import UTC, datetime

import pytest
from django.utils import translation

from comments.models import Comment
from comments.thread.pauses import months_between, pause_in_words
from tests.factories import make_member, make_moderator, put_comment


def day(year, month, number=1, hour=12):
    return datetime(year, month, number, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("earlier", "later", "months"),
    [
        (day(2012, 4, 25), day(2012, 9, 25), 5),
        (day(2012, 4, 25), day(2012, 9, 24), 4),
        (day(2012, 4, 25, 12), day(2012, 9, 25, 11), 4),
        (day(2011, 11, 30), day(2012, 2, 29), 2),
        (day(2012, 4, 25), day(2014, 4, 25), 24),
        (day(2012, 9, 25), day(2012, 4, 25), -5),
    ],
)
def test_months_are_counted_by_the_calendar(earlier, later, months):
    assert months_between(earlier, later) == months


def test_a_pause_is_said_as_people_say_it():
    said = {months: pause_in_words(months) for months in (-5, 0, 1, 2, 5, 11, 12, 17, 18, 30, 125)}
    assert said == {
        -5: "",
        0: "",
        1: "",
        2: "two months later",
        5: "five months later",
        11: "11 months later",
        12: "a year later",
        17: "a year later",
        18: "two years later",
        30: "three years later",
        125: "10 years later",
    }


def test_without_a_translation_it_is_still_a_sentence():
    for language in ("de", "ja", "ar"):
        with translation.override(language):
            assert pause_in_words(5)


@pytest.mark.django_db
class TestInAThread:
    @pytest.fixture
    def thread(self, post):
        """An old question, a reply in the same week, one after five months with a reply, and a new question."""
        authors = {name: make_member(name) for name in ("ada", "bob", "cleo")}
        asked = put_comment(post, author=authors["ada"], created_at=day(2012, 4, 25))
        soon = put_comment(post, author=authors["bob"], parent=asked, created_at=day(2012, 4, 28))
        late = put_comment(post, author=authors["cleo"], parent=asked, created_at=day(2012, 9, 30))
        reply = put_comment(post, author=authors["ada"], parent=late, created_at=day(2012, 10, 1))
        anew = put_comment(post, author=authors["bob"], created_at=day(2012, 10, 3))
        return {"asked": asked, "soon": soon, "late": late, "reply": reply, "anew": anew, "post": post}

    def said(self, client, thread, query=""):
        page = client.get(thread["post"].get_absolute_url() + query).content.decode()
        names = {thread[name].pk: name for name in thread if name != "post"}
        found = re.findall(r'<article [^>]*id="comment-(\d+)"(.*?)</header>', page, re.DOTALL)
        pauses = {int(pk): re.search(r'</a>\s*<span class="soft">(.*?)</span>', head) for pk, head in found}
        return {names[pk]: pause[1] for pk, pause in pauses.items() if pause and pk in names}

    def test_only_what_came_after_months_says_so(self, client, thread):
        """The new question is a few days younger than the last comment in the branch above it."""
        assert self.said(client, thread) == {"late": "five months later"}

    def test_the_order_newest_first_compares_replies_alone(self, client, thread):
        put_comment(thread["post"], author=make_member("dora"), created_at=day(2014, 10, 3))
        assert self.said(client, thread, "?sort=newest") == {"late": "five months later"}

    def test_a_new_branch_after_years_says_so(self, client, thread):
        thread |= {
            "dora": put_comment(thread["post"], author=make_member("dora"), created_at=day(2014, 10, 3))
        }
        assert self.said(client, thread) == {"late": "five months later", "dora": "two years later"}

    def test_what_a_reader_does_not_see_is_not_compared_with(self, client, signed_in, thread):
        """A held comment in the pause must not be revealed to visitors."""
        put_comment(
            thread["post"],
            author=make_member("eve"),
            parent=thread["asked"],
            status="held",
            created_at=day(2012, 8, 1),
        )
        late = put_comment(
            thread["post"], author=make_member("fay"), parent=thread["asked"], created_at=day(2013, 1, 30)
        )
        thread |= {"fay": late}
        assert self.said(client, thread) == {"late": "five months later", "fay": "three months later"}
        assert self.said(signed_in(make_moderator("mo")), thread)["late"] == "five months later"

    def test_the_words_follow_a_change_of_what_stands_above(self, client, thread):
        before = self.said(client, thread)
        Comment.objects.filter(pk=thread["soon"].pk).update(created_at=day(2012, 9, 29))
        thread["post"].save()  # a new version of the page
        assert (before, self.said(client, thread)) == (
            {"late": "five months later"},
            {"soon": "five months later"},
        )
