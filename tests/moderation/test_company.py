"""Signals from several comments together: held comments, names of new members, copied text."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from comments.models import Comment
from comments.services.writing import set_status
from moderation.models import ModerationSettings
from moderation.services.decisions import decide
from moderation.services.trust import trust_of
from moderation.spamfilter.company import share_of
from moderation.spamfilter.engine.text import Material, TextAnalysis
from tests.factories import make_comment, make_member, make_post

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def newcomer(**fields):
    return make_member(known_since=None, **{"date_joined": timezone.now() - timedelta(hours=2)} | fields)


def codes(comment: Comment) -> set[str]:
    return {reason["code"] for reason in comment.assessment.reasons}


def awaiting(post, author, body: str) -> Comment:
    comment = make_comment(post=post, author=author, body=body)
    if comment.is_public:
        set_status(comment, Comment.Status.HELD)
    return comment


class TestTrustComesFromTime:
    @pytest.mark.parametrize(
        ("hours", "level"), [(0, 0), (23, 0), (25, 1)], ids=["seconds", "hours", "a day"]
    )
    def test_a_comment_counts_when_it_has_stood(self, post, hours, level):
        member = newcomer(date_joined=timezone.now() - timedelta(days=30))
        make_comment(post=post, author=member, published_at=timezone.now() - timedelta(hours=hours))
        assert trust_of(member).level == level

    def test_or_when_others_made_its_author_known(self, post):
        member = newcomer(date_joined=timezone.now() - timedelta(days=30))
        make_comment(post=post, author=member)
        member.known_since = timezone.now()
        assert trust_of(member).level == 1

    def test_four_comments_of_this_minute_do_not_add_to_one_of_last_week(self, post):
        member = newcomer(date_joined=timezone.now() - timedelta(days=30))
        for number in range(5):
            days = 0 if number else 9
            make_comment(
                post=post,
                author=member,
                body=f"Word {number}",
                published_at=timezone.now() - timedelta(days=days),
            )
        assert trust_of(member).level == 1


class TestWhatAwaitsReviewAlready:
    @pytest.mark.parametrize("joined", [timedelta(hours=2), timedelta(days=30)], ids=["new", "a month ago"])
    @pytest.mark.parametrize("first_link_waits", [True, False])
    def test_sent_again_it_waits_too(self, post, signed_in, joined, first_link_waits):
        ModerationSettings.objects.update_or_create(pk=1, defaults={"first_link_waits": first_link_waits})
        member = newcomer(date_joined=timezone.now() - joined)
        client = signed_in(member)
        if not first_link_waits:
            awaiting(post, member, "Number 0: https://stove.example/0")
        for number in (1, 2, 3):
            client.post(
                f"/posts/{post.slug}/comments/", {"body": f"Number {number}: https://stove.example/{number}"}
            )
        last = Comment.objects.latest("pk")
        assert set(Comment.objects.values_list("status", flat=True)) == {"held"}
        assert {"code": "waits_already", "marks": ["stove.example"]} in last.hold_reasons

    def test_so_does_the_same_text(self, post):
        member = newcomer()
        body = (
            "We have opened a new place for lamps in the old harbour, and everybody is welcome before Sunday."
        )
        awaiting(post, member, body)
        assert "waits_already" in codes(make_comment(post=post, author=member, body=f"{body} Do come."))

    def test_a_link_with_which_others_wait_counts(self, post):
        for _number in range(2):
            awaiting(post, newcomer(), "They say it all on https://stove.example/ and I agree with them")
        again = make_comment(post=post, author=newcomer(), body="See https://stove.example/ for the rest")
        assert "waits_already" in codes(again)

    @pytest.mark.parametrize("address", ["https://en.wikipedia.org/wiki/Wye", "https://bridge.example/"])
    def test_another_link_or_one_that_everybody_uses_does_not(self, post, address):
        member = newcomer()
        awaiting(
            post, member, "This one is on https://stove.example/ and https://en.wikipedia.org/wiki/Stove"
        )
        other = make_comment(post=post, author=member, body=f"We crossed in May, see {address} for the map.")
        assert (other.status, "waits_already" in codes(other)) == ("public", False)

    def test_once_it_is_approved_nobody_waits_for_it_any_more(self, post, moderator):
        member = newcomer()
        first = awaiting(post, member, "We cook on the stove of https://stove.example/ since last winter")
        decide(first, "approve", by=moderator)
        again = make_comment(post=post, author=member, body="And bake on https://stove.example/ every Sunday")
        assert (again.status, "waits_already" in codes(again)) == ("public", False)


class TestNamesThatNewMembersBring:
    SAID = "I lost heart in spring, and then {name} helped me within {days} days, so do not give up."

    def bring(self, post, count: int, name: str = "Vertex Capital", **fields) -> Comment:
        for number in range(count):
            made = make_comment(
                post=post, author=newcomer(**fields), body=self.SAID.format(name=name, days=number + 2)
            )
        return made

    def test_a_rare_one_brought_by_a_third_is_a_sign(self, post):
        assert [("same_name" in codes(self.bring(post, 1))) for _number in range(3)] == [False, False, True]

    def test_not_where_the_post_or_an_older_member_names_it(self, post):
        named = make_post(body="<p>Why Vertex Capital failed.</p>")
        assert "same_name" not in codes(self.bring(named, 3))
        make_comment(
            post=post,
            author=make_member(date_joined=timezone.now() - timedelta(days=90)),
            body="We moved to New York in spring.",
        )
        assert "same_name" not in codes(self.bring(post, 3, name="New York"))

    def test_it_is_shown_as_a_group(self, post, moderator, signed_in):
        last = self.bring(post, 3)
        set_status(last, Comment.Status.HELD)
        browser = signed_in(moderator)
        page = browser.get(f"/moderation/comments/{last.pk}/")
        assertContains(page, "With the name vertex capital")
        together = browser.get(
            f"/moderation/comments/{last.pk}/together/", {"by": "mark", "mark": "called vertex capital"}
        )
        assertContains(together, "Vertex Capital")

    def test_a_name_that_older_members_mention_makes_no_group(self, post, moderator, signed_in):
        last = self.bring(post, 2, name="New York")
        self.bring(post, 1, name="New York", date_joined=timezone.now() - timedelta(days=90))
        set_status(last, Comment.Status.HELD)
        page = signed_in(moderator).get(f"/moderation/comments/{last.pk}/")
        assertNotContains(page, "With the name")

    @pytest.mark.parametrize(
        ("text", "names"),
        [
            (
                "The Vertex Capital team and Ana Silva helped. Then, later, New\nYork",
                ["vertex capital", "ana silva"],
            ),
            ("I wrote to Dr Ada Obi about Monday.", ["dr ada obi"]),
            ("THIS IS ALL WRITTEN IN CAPITALS BY SOMEBODY", []),
            ("Nothing here is a name.", []),
            ("Мы писали в Северный Капитал и ждали", ["северный капитал"]),
        ],
    )
    def test_names_are_capitals_in_a_row(self, text, names):
        assert TextAnalysis(Material(text)).names == names


class TestCopiedText:
    POST = (
        "<p>The bridge at Bredwardine was built of brick in 1769, and it still carries the road from the old "
        "parish to the new one. Floods took the first of its arches twice, and the county paid for both.</p>"
    )
    COPY = "The bridge at Bredwardine was built of brick in 1769, and it still carries the road from the old parish"

    @pytest.mark.parametrize(
        ("body", "is_copied"),
        [
            (COPY, True),
            (f"{COPY}. Nice!", True),
            (f"“{COPY}” – that is what my father used to say when we crossed it on the bus.", False),
            (f"> {COPY}\n\nThat is what my father used to say when we crossed it on the bus.", False),
            ("The bridge at Bredwardine was closed in May, so take the other bank when you go there.", False),
        ],
    )
    def test_from_the_post(self, body, is_copied):
        post = make_post(body=self.POST)
        comment = make_comment(post=post, author=newcomer(), body=body)
        assert (comment.status, "copied_post" in codes(comment)) == ("public", is_copied)

    def test_with_a_link_it_waits(self):
        body = f"{self.COPY} https://stove.example/"
        comment = make_comment(post=make_post(body=self.POST), author=newcomer(), body=body)
        assert comment.status == "held"
        assert {"code": "copied_post", "variant": "with_link"} in comment.hold_reasons

    def test_a_long_text_of_somebody_elses_months_ago_with_a_link_of_ones_own_waits(self, post):
        make_comment(post=post, body=self.COPY)
        Comment.objects.get().assessment.__class__.objects.update(
            created_at=timezone.now() - timedelta(days=90)
        )
        again = make_comment(post=post, author=newcomer(), body=f"{self.COPY} https://stove.example/")
        assert (again.status, "same_words" in codes(again)) == ("held", True)

    def test_of_a_long_post_the_middle_counts_too(self):
        long = f"{'First of all. ' * 2000}{self.COPY}{' And so on.' * 2000}"
        assert share_of(TextAnalysis(Material(self.COPY)), long) == 1.0


def test_accounts_of_a_day_from_one_network_are_a_sign(post, signed_in):
    for number in range(4):
        client = signed_in(newcomer())
        client.defaults["REMOTE_ADDR"] = f"8.8.4.{number}"
        client.post(f"/posts/{post.slug}/comments/", {"body": f"Thought number {number} of mine, its own."})
        Comment.objects.latest("pk").assessment.__class__.objects.update(
            created_at=timezone.now() - timedelta(hours=3)
        )
    last = Comment.objects.latest("pk")
    reason = next(reason for reason in last.assessment.reasons if reason["code"] == "burst_network")
    assert (reason["variant"], last.status) == ("accounts", "public")
