""" "My standing", the emails to the member, and appeals."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comments.services.writing import delete_comment
from moderation.models import Appeal, Decision, ModerationAction, RemovalReason
from moderation.services.author_notices import notify_authors
from moderation.services.decisions import decide, undo
from moderation.services.members import answer_appeal, lift, make_appeal, set_level, suspend
from notifications.models import EmailSuppression
from tests.factories import make_member, make_moderator, put_comment
from tests.figures import figure
from tests.moderation.helpers import make_held, make_report

STANDING = "/members/me/standing/"


@pytest.fixture
def comment(member, post):
    return put_comment(post=post, author=member, body="You *always* say that.")


@pytest.fixture
def removal(comment, moderator) -> Decision:
    return decide(
        comment,
        "remove",
        by=moderator,
        note="Third time.",
        text=RemovalReason.objects.get(title="Unkind"),
        word="Say it to the matter.",
    )


def later(**time):
    return time_machine.travel(timezone.now() + timedelta(**time), tick=False)


# --- "My standing" ----------------------------------------------------------------------


def test_a_newcomer_reads_that_nothing_was_decided(member, signed_in):
    response = signed_in(member).get(STANDING)
    assertContains(response, "Your trust level: 0")
    assertContains(response, "No decisions about your comments.")
    assertNotContains(response, "Moderator settings")


def test_the_author_reads_their_comment_the_reason_and_the_message_but_not_the_note(
    removal, member, signed_in
):
    response = signed_in(member).get(STANDING)
    for part in (
        "You <em>always</em> say that.",
        removal.text.words.split(";")[0],
        "Say it to the matter.",
        f"{STANDING}decisions/{removal.pk}/",
    ):
        assertContains(response, part)
    for part in ("Third time.", "carol"):
        assertNotContains(response, part)


def test_undone_decisions_are_held_against_no_one(removal, moderator, member, signed_in):
    undo(removal, by=moderator)
    assertNotContains(signed_in(member).get(STANDING), "Say it to the matter.")


def test_it_says_why_something_waits_and_who_set_a_level_why(member, moderator, signed_in):
    make_held(author=member)
    set_level(member, 1, by=moderator, words="Known from the old blog.")
    response = signed_in(member).get(STANDING)
    assertContains(response, "Your trust level: 1")
    assertContains(response, "Known from the old blog.")
    assertContains(response, "Awaiting review")


def test_reporters_see_what_became_of_each_report(member, moderator, signed_in, post):
    outcomes = []
    for action in ("approve", "remove", ""):
        report = make_report(put_comment(post=post, body="Reported words."), member)
        if action:
            decide(report.comment, action, by=moderator)
        outcomes.append(report)
    response = signed_in(member).get(STANDING)
    for sentence in (
        "A moderator reviewed it and kept it.",
        "It was removed. Thank you.",
        "Awaiting review.",
    ):
        assertContains(response, sentence, count=1)
    assertNotContains(response, "Reported words.")


def test_no_one_reads_the_account_status_of_someone_else(removal, other_member, signed_in):
    client = signed_in(other_member)
    assertNotContains(client.get(STANDING), "You <em>always</em> say that.")
    assert client.get(f"{STANDING}decisions/{removal.pk}/").status_code == 404
    assert client.post(f"{STANDING}decisions/{removal.pk}/", {"words": "Mine."}).status_code == 404


@pytest.mark.parametrize("number", [1, figure(4, 10)])
def test_it_costs_the_same_queries_however_much_was_decided(
    member, moderator, post, signed_in, number, settings, django_assert_num_queries
):
    settings.RATE_LIMITS = False
    for _ in range(number):
        make_appeal(member, decide(put_comment(post=post, author=member), "remove", by=moderator), "No.")
        make_report(put_comment(post=post), member)
    client = signed_in(member)
    client.get(STANDING)
    # Session, user, their unread notifications; one for the level, one for the number of public comments, two
    # for the weight of their reports; what is held, decisions, what was turned away, restrictions, reports of
    # comments and of profiles.
    with django_assert_num_queries(12):
        client.get(STANDING)


# --- notifications ------------------------------------------------------------------------


def test_the_author_gets_one_email_for_all_removals_and_none_for_undone_ones(
    comment, removal, member, moderator, post
):
    decide(put_comment(post=post, author=member), "remove", by=moderator, word="And this.")
    undo(
        decide(put_comment(post=post, author=member), "remove", by=moderator, word="Not this."), by=moderator
    )
    assert notify_authors() == 0  # not yet: it can still be undone
    with later(minutes=2):
        assert notify_authors() == 1
        assert notify_authors() == 0
    [message] = mail.outbox
    assert (message.to, message.subject) == (
        ["alice@example.org"],
        "2 of your comments at The Long Table were removed",
    )
    for part in ("Say it to the matter.", "And this.", post.title, "http://testserver/members/me/standing/"):
        assert part in message.body
    for part in ("Not this.", "Third time.", "always"):
        assert part not in message.body


def test_spam_of_strangers_is_not_written_to_and_that_of_members_is(member, moderator, post):
    decide(put_comment(post=post, author=member), "spam", by=moderator)
    with later(minutes=2):
        assert notify_authors() == 0
        put_comment(post=post, author=member, status="public", created_at=timezone.now() - timedelta(days=30))
        decide(put_comment(post=post, author=member), "spam", by=moderator)
    with later(minutes=4):
        assert notify_authors() == 1
    assert len(mail.outbox) == 1


def test_no_mail_goes_where_mail_comes_back_from(removal, member):
    EmailSuppression.objects.create(email="alice@example.org", cause=EmailSuppression.Cause.BOUNCE)
    with later(minutes=2):
        assert notify_authors() == 1
    assert mail.outbox == []


# --- appealing ---------------------------------------------------------------------------


def test_an_appeal_is_made_once_and_answered_by_a_colleague(removal, comment, member, moderator, signed_in):
    colleague = make_moderator("dora")
    client, url = signed_in(member), f"{STANDING}decisions/{removal.pk}/"
    assertContains(client.get(url), "You <em>always</em> say that.")
    for _ in range(2):
        assertRedirects(client.post(url, {"words": "It was a joke, and she laughed."}), STANDING)
    appeal = Appeal.objects.get()
    assertContains(client.get(url), "You’ve already appealed against this.", status_code=403)
    page = f"/moderation/appeals/{appeal.pk}/"
    assertContains(
        signed_in(moderator).get(page), "This was your own decision. Another moderator has to answer."
    )
    assert signed_in(moderator).post(page, {"answer": "No.", "verdict": "decline"}).status_code == 403
    browser = signed_in(colleague)
    assertContains(browser.get("/moderation/appeals/"), "It was a joke, and she laughed.")
    mail.outbox.clear()
    assertRedirects(browser.post(page, {"answer": "She says so too.", "verdict": "grant"}), page)
    comment.refresh_from_db()
    appeal.refresh_from_db()
    assert (comment.status, appeal.state, appeal.answer, appeal.answered_by) == (
        "public",
        "granted",
        "She says so too.",
        colleague,
    )
    assert list(ModerationAction.objects.values_list("action", "moderator")) == [("grant", colleague.pk)]
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["alice@example.org"], "Your appeal at The Long Table was accepted")
    ]
    assert "She says so too." in mail.outbox[0].body
    assertContains(client.get(STANDING), "Your trust level: 1")
    assertContains(browser.get("/moderation/appeals/?state=answered"), "accepted")


def test_where_there_is_only_one_moderator_they_answer_themselves(removal, member, moderator, host):
    host.is_active = False
    host.save()
    appeal = make_appeal(member, removal, "No.")
    assert answer_appeal(appeal, grant=False, answer="Yes.", by=moderator)
    assert not answer_appeal(appeal, grant=True, answer="No.", by=moderator)
    appeal.refresh_from_db()
    assert (appeal.state, appeal.answer) == ("declined", "Yes.")


def test_granting_a_suspension_lifts_it_and_the_suspended_can_appeal(member, moderator, host, signed_in):
    restriction = suspend(member, by=moderator, ends_at=timezone.now() + timedelta(days=7), words="Rest.")
    client = signed_in(member)
    assertContains(client.get(STANDING), "Rest.")
    assertRedirects(
        client.post(f"{STANDING}restrictions/{restriction.pk}/", {"words": "I rested."}), STANDING
    )
    assert answer_appeal(Appeal.objects.get(), grant=True, answer="Good.", by=host)
    member.refresh_from_db()
    assert member.may_write
    assertContains(client.get(STANDING), "Good.")


@pytest.mark.parametrize("is_about", ["words", "person"])
def test_after_an_undo_in_the_meantime_the_deciding_moderator_may_answer(
    is_about, removal, member, moderator, host, signed_in
):
    cause = (
        removal
        if is_about == "words"
        else suspend(member, by=moderator, ends_at=timezone.now() + timedelta(days=1), words="Rest.")
    )
    appeal = make_appeal(member, cause, "My side.")
    browser, url = signed_in(moderator), f"/moderation/appeals/{appeal.pk}/"
    assertContains(browser.get(url), "This was your own decision. Another moderator has to answer.")
    (undo if is_about == "words" else lift)(cause, by=moderator)
    assertRedirects(browser.post(url, {"answer": "You were right.", "verdict": "grant"}), url)
    appeal.refresh_from_db()
    assert (appeal.state, appeal.answered_by) == ("granted", moderator)


def test_what_the_host_set_the_host_answers(member, moderator, host):
    appeal = make_appeal(
        member, suspend(member, by=host, ends_at=timezone.now() + timedelta(days=7), words="Rest."), "No."
    )
    with pytest.raises(PermissionDenied, match="only the host can answer"):
        answer_appeal(appeal, grant=True, answer="Yes.", by=moderator)
    assert answer_appeal(appeal, grant=False, answer="It stays.", by=host)


def test_nobody_answers_their_own_appeal(post, moderator, host):
    appeal = make_appeal(
        moderator, decide(put_comment(post=post, author=moderator), "remove", by=host), "No."
    )
    with pytest.raises(PermissionDenied, match="This is your own appeal"):
        answer_appeal(appeal, grant=True, answer="Yes.", by=moderator)


@pytest.mark.parametrize("when", ["approved", "undone", "withdrawn", "old", "lifted"])
def test_what_is_over_cannot_be_appealed_against(when, comment, moderator, member, post, signed_in):
    url = f"{STANDING}decisions/{{}}/"
    if when == "approved":
        decision = decide(make_report(comment).comment, "approve", by=moderator)
    elif when == "lifted":
        decision = suspend(member, by=moderator, ends_at=timezone.now() + timedelta(days=1), words="Rest.")
        lift(decision, by=moderator)
        url = f"{STANDING}restrictions/{{}}/"
    else:
        decision = decide(comment, "remove", by=moderator)
    if when == "undone":
        undo(decision, by=moderator)
    elif when == "withdrawn":
        undo(decision, by=moderator)
        delete_comment(comment, by=member)
    with later(days=61 if when == "old" else 0):
        client = signed_in(member)
        assert client.get(url.format(decision.pk)).status_code == 403
        assert client.post(url.format(decision.pk), {"words": "No."}).status_code == 403
    assert not Appeal.objects.exists()


def test_granting_leaves_published_and_deleted_comments_alone(removal, comment, member, moderator, host):
    appeal = make_appeal(member, removal, "No.")
    undo(removal, by=moderator)
    comment.refresh_from_db()
    delete_comment(comment, by=member)
    assert answer_appeal(appeal, grant=True, answer="Yes.", by=host)
    comment.refresh_from_db()
    assert comment.status == "deleted"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"words": ""}, "Explain in your own words."),
        ({"words": "Kept " + "x" * 2000}, "at most 2000 characters"),
        ({"words": "a\x00"}, "Null characters"),
    ],
)
def test_an_appeal_that_lacks_something_comes_back_with_what_was_typed(
    removal, member, signed_in, data, sentence
):
    response = signed_in(member).post(f"{STANDING}decisions/{removal.pk}/", data)
    assertContains(response, sentence, status_code=422)
    assertContains(response, data["words"][:5].strip("\x00"), status_code=422)
    assert not Appeal.objects.exists()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"verdict": "grant"}, "Write a reply, whether you accept or reject the appeal."),
        ({"answer": "Kept words."}, "Choose whether to accept or reject the appeal."),
        ({"answer": "Kept words.", "verdict": "perhaps"}, "Choose whether to accept or reject the appeal."),
    ],
)
def test_an_answer_that_lacks_something_comes_back_with_what_was_typed(
    removal, member, host, signed_in, data, sentence
):
    appeal = make_appeal(member, removal, "No.")
    response = signed_in(host).post(f"/moderation/appeals/{appeal.pk}/", data)
    assertContains(response, sentence, status_code=422)
    assertContains(response, data.get("answer", ""), status_code=422)
    if "answer" in data:  # the note gets the focus
        assertContains(response, 'class="note bad" role="alert" tabindex="-1"', status_code=422)
    assert Appeal.objects.open().exists()


def test_no_button_leads_to_an_appeal_that_is_too_late(removal, member, signed_in, settings):
    url = f"{STANDING}decisions/{removal.pk}/"
    assertContains(signed_in(member).get(STANDING), url)
    with later(days=settings.APPEAL_DAYS + 1):
        assertNotContains(signed_in(member).get(STANDING), url)


def test_every_decision_is_linked_from_the_account_status(member, moderator, post, signed_in, settings):
    settings.RATE_LIMITS = False
    urls = set()
    for _ in range(27):
        urls.add(
            f"{STANDING}decisions/{decide(put_comment(post=post, author=member), 'remove', by=moderator).pk}/"
        )
    client, query, found = signed_in(member), "", []
    while query is not None:
        page = client.get(f"{STANDING}{query}").content.decode()
        found += re.findall(rf'href="({STANDING}decisions/[0-9]+/)"', page)
        older = re.search(r'rel="next" href="([^"#]*)#s-decisions"', page)
        query = older[1] if older else None
    assert (len(found), set(found)) == (27, urls)
    assertContains(client.get(f"{STANDING}?before=nonsense"), "Older")
    assertContains(client.get(f"{STANDING}?before=1-1"), "No older decisions.")


def test_a_flood_of_appeals_is_stopped_and_the_text_is_kept(member, moderator, post, signed_in, settings):
    settings.APPEAL_RATES = [(2, 86_400)]
    decisions = [decide(put_comment(post=post, author=member), "remove", by=moderator) for _ in range(3)]
    for decision in decisions[:2]:
        make_appeal(member, decision, "No.")
    response = signed_in(member).post(f"{STANDING}decisions/{decisions[2].pk}/", {"words": "Kept words."})
    assertContains(response, "Kept words.", status_code=429)
    assert 0 < int(response["Retry-After"]) <= 86_400


def test_the_database_keeps_one_appeal_to_one_decision_and_whole_answers(removal, member, moderator):
    for fields in (
        {"words": ""},
        {"words": "No.", "decision_id": None},
        {"words": "No.", "state": "granted"},
        {"words": "No.", "answer": "Yes."},
        {"words": "No.", "state": "declined", "answered_by": moderator, "answered_at": timezone.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Appeal.objects.create(**{"member": member, "decision_id": removal.pk} | fields)
    make_appeal(member, removal, "No.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.create(member=make_member(), decision=removal, words="No.")


def test_the_account_status_costs_the_same_queries_for_many_decisions(post, signed_in):
    member, judge = make_member(), make_moderator()
    browser = signed_in(member)

    def statements_with(more: int) -> int:
        for _ in range(more):
            decide(put_comment(post, author=member), "remove", by=judge)
        with CaptureQueriesContext(connection) as queries:
            browser.get(STANDING)
        return len(queries)

    statements_with(1)  # data queried once for all requests is cached then
    assert statements_with(1) == statements_with(3)
