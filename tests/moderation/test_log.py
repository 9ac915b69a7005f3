"""The public moderation log: its content, what it omits, and paging."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccountDeletion, User
from accounts.services.deletion import carry_out
from moderation.models import Decision, DiscussionAction, ModerationAction, RemovalReason
from moderation.services.decisions import decide, undo
from moderation.services.discussions import correct, slow_down
from moderation.services.log import LogCursor, read_log
from moderation.services.members import (
    answer_appeal,
    ban,
    block_domain,
    block_network,
    lift,
    make_appeal,
    set_level,
    suspend,
    write_note,
)
from posts.models import Post
from tests.factories import make_member, make_moderator, make_post, put_comment
from tests.figures import figure
from tests.moderation.helpers import make_report
from tests.posts.test_admin import data_of

pytestmark = pytest.mark.sql


@pytest.fixture
def busy(member, moderator, host, post):
    """One decision of each kind."""
    comment = put_comment(post=post, author=member, body="Words nobody shall find.")
    decision = decide(
        comment,
        "remove",
        by=moderator,
        note="A note inside.",
        text=RemovalReason.objects.get(title="Unkind"),
        word="A word to Alice.",
    )
    answer_appeal(
        make_appeal(member, decision, "My side of it."), grant=True, answer="An answer to Alice.", by=host
    )
    undo(decide(comment, "spam", by=moderator), by=moderator)
    restriction = suspend(
        member, by=moderator, ends_at=timezone.now() + timedelta(days=7), words="Rest, Alice."
    )
    lift(restriction, by=moderator)
    ban(member, by=moderator, words="Enough, Alice.", text=RemovalReason.objects.get(title="Private"))
    block_domain("deals.example", by=moderator, words="Forty copies.")
    set_level(member, 0, by=moderator, words="A level for Alice.")
    write_note(member, "A note about Alice.", by=moderator)


def test_everybody_reads_who_decided_what_and_why(busy, client, post):
    response = client.get("/moderation/log/")
    for part in (
        "a comment removed: Unkind", "an appeal accepted", "a comment approved", "a comment marked as spam", "a decision undone", "since undone",
        "a member suspended until", "a suspension lifted", "a member banned: Private", "links to deals.example blocked", "carol", "nora", post.title,
    ):  # fmt: skip
        assertContains(response, part)


def test_it_contains_neither_texts_nor_names_of_those_concerned(busy, client):
    response = client.get("/moderation/log/")
    for part in (
        "Words nobody",
        "A note",
        "A word",
        "My side",
        "An answer",
        "Rest,",
        "Enough,",
        "A level",
        "alice",
        "Alice",
        "#comment-",
        'href="/comments/',
    ):
        assertNotContains(response, part)


def test_without_a_chosen_reason_it_gives_the_reported_or_the_general_one(moderator, member, client):
    comment = put_comment()
    for reason in ("unkind", "private", "unkind"):
        make_report(comment, reason=reason, note="A word of a reporter.")
    decide(comment, "remove", by=moderator)
    decide(make_report(reason="spam").comment, "approve", by=moderator)
    suspend(member, by=moderator, ends_at=timezone.now() + timedelta(days=7), words="Rest, Alice.")
    block_domain("deals.example", by=moderator, words="Forty copies.")
    block_network("8.8.8.0/24", by=moderator, words="A flood.", days=7)
    assert [entry.why for entry in read_log().entries] == [
        "A flood.",
        "Forty copies.",
        "for a reason given in a message",
        "",
        "It’s unkind or attacks someone; It gives away something private",
    ]
    response = client.get("/moderation/log/")
    assertContains(
        response, "a comment removed: It’s unkind or attacks someone; It gives away something private"
    )
    assertNotContains(response, "A word of a reporter.")
    assertNotContains(response, "Rest, Alice.")


def test_it_holds_when_those_it_names_have_left(busy, moderator, member, client):
    """For a moderator with a closed account it shows the name, but no link."""
    before = [(entry.kind, entry.why) for entry in read_log().entries]
    User.objects.update(is_active=False)
    assert carry_out(AccountDeletion.objects.create(member=member, words="erase", due_at=timezone.now()))
    response = client.get("/moderation/log/")
    assert [(entry.kind, entry.why) for entry in read_log().entries] == before
    assertContains(response, "carol")
    assertNotContains(response, f'href="{moderator.get_absolute_url()}"')


def test_what_is_done_with_a_discussion_is_in_it(client, moderator, signed_in, host, post):
    comment = put_comment(post=post, body="Words nobody shall find.")
    browser = signed_in(moderator)
    for action in ("pin", "pin", "unpin", "choose", "unchoose", "close", "reopen"):
        browser.post(f"/moderation/comments/{comment.pk}/highlight/", {"do": action})
    correct(comment, body="Other words.", by=moderator)
    address = f"/moderation/discussion/{post.slug}/"
    for slow, comments_open in ((10, "on"), (10, "on"), (0, ""), (0, "on")):
        signed_in(host).post(address, {"slow_minutes": slow, "comments_open": comments_open, "policy": ""})
    page = (
        client.get("/moderation/log/").content.decode().partition('<ol class="said"')[2].partition("</ol>")[0]
    )
    said = [
        " ".join(re.sub("<[^>]+>", " ", line).split()).replace(" :", ":")
        for line in re.findall(r"<li>(.*?)</p>", page, re.DOTALL)
    ]
    assert said == [
        "nora: comments opened",
        "nora: comments closed",
        "nora: slow mode switched off",
        "nora: slow mode: one comment per person every 10 minutes",
        "carol: a comment corrected",
        "carol: replies to a comment opened again",
        "carol: replies to a comment closed",
        "carol: a comment no longer marked as the host’s choice",
        "carol: a comment marked as the host’s choice",
        "carol: a comment unpinned",
        "carol: a comment pinned",
    ]
    assert post.title in page
    assert "ords" not in page
    Post.objects.filter(pk=post.pk).update(published_at=None)
    assert post.title not in client.get("/moderation/log/").content.decode()


def test_comments_are_closed_nowhere_without_a_line_in_it(client, signed_in, host, post):
    """In the post's own form, in the list of posts, and beside the discussion."""
    browser, draft = signed_in(host), make_post(host, published_at=None)
    for one in (draft, post):
        form = f"/admin/posts/post/{one.pk}/change/"
        for comments_open in ("", "", "on"):
            browser.post(form, data_of(one, comments_open=comments_open))
    for action in ("close_comments_of_selected", "open_comments_of_selected"):
        browser.post("/admin/posts/post/", {"action": action, "_selected_action": [post.pk, draft.pk]})
    browser.post(f"/moderation/discussion/{post.slug}/", {"policy": ""})
    assert [(row.post, row.action, row.moderator) for row in DiscussionAction.objects.order_by("pk")] == [
        (post, action, host) for action in ("shut", "open", "shut", "open", "shut")
    ]


def test_the_title_of_a_draft_is_not_given_away(client, moderator, post):
    decide(put_comment(post=post), "remove", by=moderator)
    post.published_at = None
    post.save()
    assertNotContains(client.get("/moderation/log/"), post.title)


def test_an_empty_log_and_a_mistyped_address_are_no_faults(client, db):
    for query in ("", "?before=", "?before=d", "?before=x1-1", "?before=d9-9", f"?before=a{'9' * 40}-1"):
        assert client.get(f"/moderation/log/{query}").status_code == 200


@pytest.mark.parametrize("number", [1, figure(4, 15)])
def test_it_costs_the_same_queries_however_long(
    client, moderator, post, number, django_assert_num_queries, settings
):
    settings.RATE_LIMITS = False
    for _ in range(number):
        decide(make_report(put_comment(post=post)).comment, "remove", by=moderator)
        suspend(make_member(), by=moderator, ends_at=timezone.now() + timedelta(days=1), words="Rest.")
        slow_down(make_post(), minutes=5, by=moderator)
    with django_assert_num_queries(4):
        client.get("/moderation/log/")


class PagesJoin(TestCase):
    @hypothesis_settings(max_examples=figure(8, 16))
    @given(st.lists(st.tuples(st.sampled_from("dat"), st.integers(0, 3)), max_size=25), st.integers(1, 5))
    def test_page_after_page_names_every_row_once_newest_first(self, rows, size):
        """Rows of all kinds, many of them with the same timestamp."""
        moderator, comment, moment = make_moderator(), put_comment(), timezone.now()
        for kind, minutes in rows:
            about = {"moderator": moderator, "created_at": moment - timedelta(minutes=minutes)}
            if kind == "t":
                DiscussionAction.objects.create(post=comment.post, action="pin", **about)
            elif kind == "d":
                Decision.objects.create(
                    comment=comment, action="approve", status_before="held", status_after="public", **about
                )
            else:
                ModerationAction.objects.create(action="domain", domain="deals.example", **about)
        found, cursor = [], None
        with self.settings(REVIEW_PER_PAGE=size):
            while True:
                page = read_log(cursor)
                found += page.entries
                if page.older is None:
                    break
                cursor = LogCursor.read(str(page.older))
        assert len({(entry.kind, entry.row.pk) for entry in found}) == len(found) == len(rows)
        times = [entry.row.created_at for entry in found]
        assert times == sorted(times, reverse=True)
