"""The dashboard lists comments that await the host's reply, and not those that were answered."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import ProfileLink
from comments.models import Comment, Thanks
from comments.services.checks import Opinion
from dashboard.models import NoAnswerNeeded, PageDay, VisitedLink
from dashboard.services.waiting import waiting_for
from dashboard.services.waiting_rules import Kind, PublicComment, comments_awaiting_host
from moderation.models import Report
from tests.dashboard.threads import LONG, MARKET, READING_CIRCLE
from tests.factories import make_host, make_member, make_post, put_comment

START = datetime(2024, 3, 1, 9, tzinfo=UTC)


def said_in(thread):
    keys = {key: number for number, (key, *_rest) in enumerate(thread, 1)}
    return [
        PublicComment(
            pk=keys[key],
            post=1,
            person=name,
            name=name,
            text=text,
            at=START + timedelta(hours=hours),
            by_host=name == "Harriet Moor",
            answers=frozenset([keys[parent]] if parent else []),
        )
        for key, name, parent, hours, text, _waits in thread
    ], {number: key for key, number in keys.items()}


@pytest.mark.parametrize("thread", [READING_CIRCLE, MARKET], ids=["reading circle", "market"])
def test_it_finds_those_who_wait_and_hardly_anybody_else(thread):
    """Compared with labels set by hand: precision and recall of at least 0.8."""
    said, keys = said_in(thread)
    found = {keys[wait.comment.pk] for wait in comments_awaiting_host(said, ["Harriet Moor"])}
    key = {each[0] for each in thread if each[-1]}
    hits = len(found & key)
    assert hits / len(found) >= 0.8, found - key
    assert hits / len(key) >= 0.8, key - found


def one(text, *, pk=1, name="Ada", parent=None, hours=1, by_host=False, **more):
    return PublicComment(
        pk=pk,
        post=1,
        person=name,
        name=name,
        text=text,
        at=START + timedelta(hours=hours),
        by_host=by_host,
        answers=frozenset([parent] if parent else []),
        **more,
    )


KNOWN = {"earlier_at": START - timedelta(days=2)}


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ([one("Nice.")], [Kind.FIRST]),
        ([one("Nice.", **KNOWN)], []),
        ([one("Why the ferry?", **KNOWN)], [Kind.QUESTION]),
        ([one("See https://example.org/?page=2", **KNOWN)], []),
        ([one("> Why the ferry?\nBecause.", **KNOWN)], []),
        ([one("Pourquoi le ferry ?", **KNOWN)], [Kind.QUESTION]),
        ([one("为什么坐船？", **KNOWN)], [Kind.QUESTION]),
        ([one(LONG, **KNOWN)], [Kind.LONG]),
        ([one("I’m back.", earlier_at=START - timedelta(days=150))], [Kind.BACK]),
        ([one("I’m back.", earlier_at=START - timedelta(days=80))], []),
        ([one("Nice.", thanked=True)], []),
        ([one("Why the ferry?", thanked=True)], [Kind.QUESTION]),
        ([one("Nice."), one("Indeed.", pk=2, name="Bob", parent=1, hours=2, **KNOWN)], []),
        ([one("Nice."), one("And nicer.", pk=2, parent=1, hours=2)], [Kind.FIRST]),
        ([one("Nice."), one("Thanks, Ada!", pk=2, name="Harriet", by_host=True, hours=2)], []),
        ([one("Nice.", hours=3), one("Thanks, Ada!", pk=2, name="Harriet", by_host=True, hours=2)], [Kind.FIRST]),
        ([one("Nice.", name="ada.l"), one("Hello @ada", pk=2, name="H", by_host=True, hours=2, mentions=frozenset({"ada.l"}))], []),
        ([one("Why?"), one("Thanks, Ada!", pk=2, name="Harriet", by_host=True, hours=2)], [Kind.QUESTION]),
    ],
)  # fmt: skip
def test_one_case_at_a_time(said, kinds):
    assert [
        kind
        for wait in comments_awaiting_host(said, ["Harriet"])
        if wait.comment.pk == 1
        for kind in wait.kinds
    ] == kinds


def test_a_question_to_another_member_waits_for_them_unless_it_names_the_host():
    bob = one("I was there.", name="Bob", **KNOWN)
    assert (
        comments_awaiting_host([bob, one("When?", pk=2, parent=1, hours=2, **KNOWN)], ["Harriet Moor"]) == []
    )
    to_host = one("Harriet, was he?", pk=2, parent=1, hours=2, **KNOWN)
    assert [wait.comment.pk for wait in comments_awaiting_host([bob, to_host], ["Harriet Moor"])] == [2]


def test_two_people_of_the_same_first_name_are_not_both_thanked():
    said = [one("Nice.", name="Ada Lovelace"), one("Good.", pk=2, name="Ada Byron", hours=2)]
    thanks = one("Thank you, Ada Byron.", pk=3, name="Harriet", by_host=True, hours=3)
    assert [wait.comment.pk for wait in comments_awaiting_host([*said, thanks], [])] == [1]


def test_hostile_text_takes_no_time():
    for text in ("(" * 20_000, "“" * 20_000, "I wish " * 3_000, "> " * 10_000, "a?" * 10_000, "? " * 10_000):
        comments_awaiting_host([one(text)], ["Harriet"])


# --- on the page ----------------------------------------------------------------------


@pytest.fixture
def host_client(host, signed_in):
    return signed_in(host)


@pytest.fixture
def question(post, member):
    return put_comment(post, author=member, body="Which ferry do you take?")


@pytest.mark.django_db
def test_a_question_is_on_the_first_page_and_can_be_answered_there(host_client, host, question):
    page = host_client.get("/admin/")
    assertContains(page, "Question for you")
    assertContains(page, "One comment is waiting for you.")
    assertRedirects(
        host_client.post(f"/admin/waiting/{question.pk}/reply/", {"body": "The early one."}),
        "/admin/#waiting",
        fetch_redirect_response=False,
    )
    reply = Comment.objects.get(parent=question)
    assert (reply.author, reply.body) == (host, "The early one.")
    assertContains(host_client.get("/admin/"), "No one is waiting for you.")


@pytest.mark.django_db
def test_an_empty_reply_is_refused_at_its_field_and_stays_open(host_client, question):
    response = host_client.post(f"/admin/waiting/{question.pk}/reply/", {"body": "  "})
    assertContains(response, "Write something first.", status_code=422)
    assertContains(response, '<details class="answer" open>', status_code=422)


@pytest.mark.django_db
def test_a_reply_that_was_refused_is_there_also_where_somebody_else_has_answered(host_client, question):
    put_comment(parent=question, author=make_host(), body="The early one.")
    long = "The late one. " * 2000
    refused = host_client.post(f"/admin/waiting/{question.pk}/reply/", {"body": long})
    assertContains(refused, "No one is waiting for you.", status_code=422)
    assertContains(refused, f"{long}</textarea>", status_code=422)
    assertContains(refused, "Shorten it or split it in two.", status_code=422)
    form = f'action="/admin/waiting/{question.pk}/reply/"'
    assertContains(refused, form, count=1, status_code=422)


def hold(*_about) -> Opinion:
    return Opinion([{"code": "link"}])


@pytest.mark.django_db
def test_a_reply_that_awaits_review_is_not_called_posted(host_client, question, settings):
    settings.COMMENT_CHECKS = [f"{__name__}.hold"]  # as of an editor, whose replies are checked
    said = host_client.post(f"/admin/waiting/{question.pk}/reply/", {"body": "The early one."}, follow=True)
    assert Comment.objects.get(parent=question).is_held
    assertContains(said, "Your comment is awaiting review.")
    assertNotContains(said, "was posted")


@pytest.mark.django_db
def test_one_reply_answers_several_under_the_same_post(host_client, post, question):
    other = put_comment(post, body="And which bus?")
    assertContains(host_client.get("/admin/"), f'name="also" value="{other.pk}"')
    host_client.post(
        f"/admin/waiting/{question.pk}/reply/", {"body": "Both the early ones.", "also": [other.pk]}
    )
    assertContains(host_client.get("/admin/"), "No one is waiting for you.")


@pytest.mark.django_db
def test_thanks_settle_a_first_comment_but_not_a_question(host_client, host, post, question):
    hello = put_comment(post, body="Good evening to all.")
    for comment in (hello, question):
        host_client.post(f"/admin/waiting/{comment.pk}/thank/")
    assert Thanks.objects.filter(member=host).count() == 2
    assert [each.comment for each in waiting_for(host).shown] == [question]


@pytest.mark.django_db
def test_not_needed_is_remembered_for_all_hosts_and_can_be_undone(host_client, host, question):
    response = host_client.post(f"/admin/waiting/{question.pk}/not-needed/", follow=True)
    assertContains(response, "needs no reply")
    assert waiting_for(host).count == 0
    assert NoAnswerNeeded.objects.get().said_by == host
    host_client.post(f"/admin/waiting/{question.pk}/not-needed/", {"undo": "1"})
    assert waiting_for(host).count == 1


@pytest.mark.django_db
def test_the_tick_at_a_link_is_the_hosts_own(host_client, host, member, question):
    ProfileLink.objects.create(user=member, url="https://alice.example/")
    host_client.post("/admin/waiting/visited/", {"address": "https://alice.example/", "visited": "1"})
    assertContains(host_client.get("/admin/"), 'aria-pressed="true"')
    assert VisitedLink.objects.get().host == host
    host_client.post("/admin/waiting/visited/", {"address": "https://alice.example/", "visited": "0"})
    for nothing in ("javascript:alert(1)", "https://a\x00b.example/"):
        assert (
            host_client.post("/admin/waiting/visited/", {"address": nothing, "visited": "1"}).status_code
            == 302
        )
    assert not VisitedLink.objects.exists()


@pytest.mark.django_db
def test_who_has_a_birthday_does_not_answer_for_the_host(host, member, question):
    """Nor is a question to them one to the host."""
    party = make_post(member, kind="birthday")
    asked = put_comment(party, body="Where does the table end?")
    put_comment(party, author=member, body="Thanks, this is what I wanted to read.", parent=asked)
    mine = put_comment(party, author=member, body="How many are we?")
    assert {each.comment for each in waiting_for(host).shown} == {question, mine}


@pytest.mark.django_db
def test_guests_of_an_imported_blog_wait_too(host_client, host, question):
    Comment.objects.filter(pk=question.pk).update(
        author=None, guest_name="Guest 15", guest_email="g@example.org", guest_url="https://guest.example/"
    )
    assertContains(host_client.get("/admin/"), "guest.example")
    assert waiting_for(host).shown[0].comment.author_name == "Guest 15"


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["held", "removed", "spam"])
def test_what_is_not_public_does_not_wait(host, post, status):
    put_comment(post, body="Why?", status=status)
    assert waiting_for(host).count == 0


@pytest.mark.django_db
def test_what_is_held_or_reported_is_there_for_those_who_may_moderate(host_client, post, member, moderator):
    put_comment(post, body="Buy folding chairs.", status="held")
    reported = put_comment(post, author=member, body="That is not fair.")
    for reporter in (moderator, make_member("ruth")):
        Report.objects.create(comment=reported, reporter=reporter, reason=Report.Reason.values[0])
    page = host_client.get("/admin/")
    assertContains(page, "Buy folding chairs.")
    assertContains(page, f"/moderation/comments/{reported.pk}/", count=1)
    assertContains(page, '<span class="badge">Reported</span>', count=1, html=True)


@pytest.mark.django_db
def test_the_first_page_costs_the_same_queries_for_one_and_for_thirty(host_client, post):
    counts = []
    for more in (1, 30):
        for number in range(more):
            comment = put_comment(post, body=f"Why {number}?")
            ProfileLink.objects.create(user=comment.author, url=f"https://{number}.example/")
        host_client.get("/admin/")
        with CaptureQueriesContext(connection) as found:
            host_client.get("/admin/")
        counts.append(len(found))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_the_newest_post_is_there_with_its_readers_and_comments(host_client, host, question):
    post = question.post
    make_post(host, title="Older", published_at=post.published_at - timedelta(days=3))
    make_post(host, title="Not yet", published_at=None)
    for day in (1, 2):
        PageDay.objects.create(day=START + timedelta(days=day), page=post.pk, views=3, readers=2)
    found = host_client.get("/admin/").context["latest"]
    assert (found.post, found.readers, found.views, found.post.comment_count) == (post, 4, 6, 1)


@pytest.mark.django_db
def test_members_and_moderators_have_no_dashboard(client, member, moderator, signed_in, question):
    for reader in (client, signed_in(member), signed_in(moderator)):
        page = reader.get("/admin/")
        assert (page.status_code, "/login/" in page["Location"]) == (302, True)
        refused = reader.post(f"/admin/waiting/{question.pk}/reply/", {"body": "Not by me."})
        assertContains(refused, "Not by me.", status_code=403)
    assert Comment.objects.count() == 1
