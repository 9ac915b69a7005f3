"""Decisions over HTTP: one or many, with a reason, and undo."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comments.models import Comment
from comments.services.writing import delete_comment, edit_comment
from moderation.models import Decision, Report
from moderation.services.decisions import decide, decide_many, undo
from tests.factories import make_member, make_moderator, put_comment
from tests.figures import figure
from tests.moderation.helpers import LINK, make_held, make_report

DECIDE, UNDO = "/moderation/decide/", "/moderation/undo/"


@pytest.fixture
def moderator_client(moderator, signed_in):
    return signed_in(moderator)


def status(comment: Comment) -> str:
    return Comment.objects.values_list("status", flat=True).get(pk=comment.pk)


def log() -> list[tuple]:
    return list(
        Decision.objects.order_by("pk").values_list(
            "comment", "moderator__username", "action", "status_before", "status_after", "note"
        )
    )


@pytest.mark.parametrize(
    ("action", "after", "words"),
    [
        ("approve", "public", "Approved the comment by Lantern."),
        ("remove", "removed", "Removed the comment by Lantern."),
        ("spam", "spam", "Marked the comment by lantern9 as spam."),  # the name was deleted with the profile
    ],
)
def test_a_decision_is_carried_out_and_written_down(moderator_client, post, action, after, words):
    author = make_member("lantern9", display_name="Lantern", date_joined=timezone.now())
    held = make_held(post=post, author=author)
    response = moderator_client.post(
        DECIDE, {"comments": held.pk, "action": action, "note": "  Because. "}, follow=True
    )
    decision = Decision.objects.get()
    assertRedirects(response, f"/moderation/?done={decision.pk}")
    assert status(held) == after
    assert log() == [(held.pk, "carol", action, "held", after, "Because.")]
    assertContains(response, words)
    assertContains(response, f'<input type="hidden" name="decisions" value="{decision.pk}">', html=True)
    assertContains(response, "Nothing to review.")


def test_one_decision_for_many_and_one_undo_for_all(moderator_client, post):
    comments = [make_held(post=post) for _ in range(3)]
    response = moderator_client.post(
        DECIDE, {"comments": [comment.pk for comment in comments], "action": "spam"}, follow=True
    )
    assertContains(response, "Marked 3 comments as spam.")
    assert {status(comment) for comment in comments} == {"spam"}
    ids = [decision.pk for decision in response.context["done"]]
    response = moderator_client.post(
        UNDO, {"decisions": ids, "next": f"/moderation/?done={ids[0]}"}, follow=True
    )
    assertRedirects(response, "/moderation/")
    assertContains(response, "3 decisions undone.")
    assert {status(comment) for comment in comments} == {"held"}
    assert [entry[2] for entry in log()] == ["spam"] * 3 + ["undo"] * 3


def test_an_approved_report_is_closed_and_the_comment_stays(moderator_client, moderator, post):
    report = make_report(put_comment(post=post))
    moderator_client.post(DECIDE, {"comments": report.comment_id, "action": "approve"})
    report.refresh_from_db()
    assert (status(report.comment), report.decision.action) == ("public", "approve")
    undo(report.decision, by=moderator)
    report.refresh_from_db()
    assert (status(report.comment), report.decision) == ("public", None)


# Invalid decisions, and the page's message.
NONSENSE = [
    ({"action": "approve"}, "Select at least one comment."),
    ({"comments": "", "action": "approve"}, "Select at least one comment."),
    ({"comments": "x", "action": "approve"}, "One of these isn’t a comment."),
    ({"comments": "²", "action": "approve"}, "One of these isn’t a comment."),
    ({"comments": "99999999999999999999", "action": "approve"}, "One of these isn’t a comment."),
    ({"comments": "9223372036854775807", "action": "approve"}, "One of these isn’t a comment."),
    ({"comments": "HELD"}, "Choose an action"),
    ({"comments": "HELD", "action": "undo"}, "Choose an action"),
    ({"comments": "HELD", "action": "burn"}, "Choose an action"),
    ({"comments": "HELD", "action": "move"}, "Choose an action"),
    ({"comments": "HELD", "action": "approve", "note": "x" * 301}, "at most 300 characters"),
]


@pytest.mark.parametrize("form", ["case", "list"])
def test_a_decision_that_makes_no_sense_comes_back_with_what_was_typed(moderator_client, post, form):
    held, other = make_held(post=post), make_held(post=post)
    for typed, sentence in NONSENSE:
        data = {"note": "Kept words."} | typed | {"form": form}
        data = {name: str(held.pk) if value == "HELD" else value for name, value in data.items()}
        response = moderator_client.post(DECIDE, data)
        of = {"status_code": 422, "msg_prefix": str(typed)}
        assertContains(response, sentence, count=1, **of)
        assertContains(response, f'value="{data["note"]}"', count=1, **of)
        assertContains(response, "<title>Error: Moderation", **of)
        if form == "list" and data.get("comments") == str(held.pk):
            assertContains(response, " checked>", count=1, **of)
        assert (status(held), status(other), Decision.objects.count()) == ("held", "held", 0), typed


def test_more_than_the_limit_is_refused(moderator_client, post, settings):
    settings.DECISION_MAX_COMMENTS = 2
    comments = [make_held(post=post) for _ in range(3)]
    response = moderator_client.post(
        DECIDE, {"comments": [comment.pk for comment in comments], "action": "spam"}
    )
    assertContains(response, "Select up to 2 at a time.", status_code=422)
    assert (
        moderator_client.post(
            DECIDE, {"comments": [comment.pk for comment in comments[:2]], "action": "spam"}
        ).status_code
        == 302
    )


def test_a_colleague_who_was_faster_is_not_overruled(moderator_client, post, signed_in):
    held, reported = make_held(post=post), make_report(put_comment(post=post)).comment
    seen = moderator_client.get("/moderation/").context["list_form"].initial["seen"]
    colleague = make_moderator("dave")
    decide(held, "remove", by=colleague)
    decide(reported, "approve", by=colleague)
    waiting = make_held(post=post)
    response = moderator_client.post(
        DECIDE,
        {"comments": [held.pk, reported.pk, waiting.pk], "action": "spam", "seen": str(seen)},
        follow=True,
    )
    assertContains(response, "2 comments were left unchanged: someone else decided first")
    assertContains(response, "Marked the comment by")
    assert [status(comment) for comment in (held, reported, waiting)] == ["removed", "public", "spam"]


def test_who_was_faster_is_said_and_what_they_decided(moderator_client, post):
    held = make_held(post=post)
    seen = moderator_client.get("/moderation/").context["list_form"].initial["seen"]
    decide(held, "remove", by=make_moderator("dave", display_name="Dave"))
    response = moderator_client.post(
        DECIDE, {"comments": held.pk, "action": "approve", "seen": str(seen)}, follow=True
    )
    assertContains(response, "One comment was left unchanged: Dave decided first (removed).")
    assert (status(held), Decision.objects.count()) == ("removed", 1)


def test_a_text_changed_while_the_moderator_read_is_not_approved_unseen(moderator_client, post):
    held = make_held(post=post)
    seen = moderator_client.get("/moderation/").context["case_form"].initial["seen"]
    edit_comment(held, body=LINK + " And at https://worse.example/.", by=held.author)
    response = moderator_client.post(
        DECIDE, {"comments": held.pk, "action": "approve", "seen": str(seen)}, follow=True
    )
    assertContains(response, "its author edited or deleted it while you were reading")
    assert status(held) == "held"
    moderator_client.post(
        DECIDE,
        {
            "comments": held.pk,
            "action": "approve",
            "seen": str(response.context["case_form"].initial["seen"]),
        },
    )
    assert status(held) == "public"


def test_a_decision_on_a_deleted_comment_is_answered_with_a_message(moderator_client, post):
    held = make_held(post=post)
    delete_comment(held, by=held.author)
    response = moderator_client.post(DECIDE, {"comments": held.pk, "action": "approve"}, follow=True)
    assertContains(response, "One comment was left unchanged")
    assert (status(held), Decision.objects.count()) == ("deleted", 0)


def test_a_moderator_may_change_an_earlier_decision_after_reading_it(moderator_client, moderator, post):
    held = make_held(post=post)
    decide(held, "remove", by=moderator)
    page = moderator_client.get(reverse("moderation:comment-review", args=[held.pk]))
    moderator_client.post(
        DECIDE,
        {"comments": held.pk, "action": "approve", "seen": str(page.context["case_form"].initial["seen"])},
    )
    assert status(held) == "public"


def test_moderators_do_not_approve_their_own_comments(moderator_client, moderator, post):
    own = make_report(put_comment(post=post, author=moderator)).comment
    other = make_report(put_comment(post=post)).comment
    page = moderator_client.get("/moderation/")
    assertContains(page, "This is your own comment.")
    # Nor do they learn who reported them.
    assertContains(page, "A member, ")
    assertNotContains(page, own.reports.get().reporter.get_absolute_url())
    assertNotContains(page, f'type="checkbox" name="comments" value="{own.pk}"')
    response = moderator_client.post(DECIDE, {"comments": [other.pk, own.pk], "action": "approve"})
    assertContains(response, "You can’t decide about your own comment.", status_code=403)
    assert Decision.objects.count() == 0
    moderator_client.post(DECIDE, {"comments": own.pk, "action": "remove"})
    assert status(own) == "removed"
    assert moderator_client.post(UNDO, {"decisions": Decision.objects.get().pk}).status_code == 403
    assert status(own) == "removed"


def test_the_host_has_the_last_word(host, post, signed_in):
    own = make_report(put_comment(post=post, author=host)).comment
    signed_in(host).post(DECIDE, {"comments": own.pk, "action": "approve"})
    assert log() == [(own.pk, "nora", "approve", "public", "public", "")]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "https://[evil.example/",
        "javascript:alert(1)",
    ],
)
def test_the_way_back_never_leads_elsewhere(moderator_client, post, target):
    held = make_held(post=post)
    response = moderator_client.post(DECIDE, {"comments": held.pk, "action": "approve", "next": target})
    assert response["Location"] == f"/moderation/?done={Decision.objects.get().pk}"
    assert (
        moderator_client.post(UNDO, {"decisions": Decision.objects.get().pk, "next": target})["Location"]
        == "/moderation/"
    )


def test_back_on_a_page_of_the_discussion_a_message_says_where_undo_is(moderator_client, post):
    held = make_held(post=post)
    response = moderator_client.post(
        DECIDE, {"comments": held.pk, "action": "remove", "next": "/guidelines/"}, follow=True
    )
    assertRedirects(response, "/guidelines/")
    assertContains(response, "You can undo it under Moderation, Decisions.")


def test_undo_is_offered_only_to_its_moderator_and_while_it_is_possible(
    moderator_client, moderator, post, signed_in
):
    decision = decide(make_held(post=post), "approve", by=moderator)
    page = f"/moderation/?done={decision.pk}"
    assertContains(moderator_client.get(page), "toast flow")
    assertNotContains(signed_in(make_moderator()).get(page), "toast flow")
    undo(decision, by=moderator)
    assertNotContains(moderator_client.get(page), "toast flow")


def test_what_cannot_be_undone_is_said(moderator_client, moderator, post):
    decision = decide(make_held(post=post), "approve", by=moderator)
    url = reverse("moderation:decision-undo", args=[decision.pk])
    assertContains(moderator_client.post(url, follow=True), "Undone.")
    assertContains(moderator_client.post(url, follow=True), "You had already undone that.")
    assert moderator_client.post(reverse("moderation:decision-undo", args=[999])).status_code == 404
    for data in ({}, {"decisions": "x"}, {"decisions": "999"}):
        assertContains(moderator_client.post(UNDO, data), "Nothing was changed.", status_code=422)


def test_the_log_says_who_what_when_and_why(moderator_client, moderator, post):
    first = decide(make_held(post=post, body=f"Lanterns. {LINK}"), "spam", by=moderator, note="Third <copy>.")
    second = decide(make_held(post=post), "approve", by=moderator)
    undo(second, by=moderator)
    response = moderator_client.get("/moderation/decisions/")
    assert [decision.action for decision in response.context["decisions"]] == ["undo", "approve", "spam"]
    assert [decision.is_undoable for decision in response.context["decisions"]] == [False, False, True]
    assert "<b>carol</b>: marked as spam" in " ".join(response.content.decode().split())
    assertContains(response, "Third &lt;copy&gt;.")
    assertContains(response, f'href="/moderation/comments/{first.comment_id}/"')
    assertContains(response, f'action="/moderation/decisions/{first.pk}/undo/"', count=1)
    assertContains(response, "since undone", count=1)


def test_the_log_goes_on_where_the_page_before_ended(moderator_client, moderator, post, settings):
    settings.REVIEW_PER_PAGE = 2
    decisions = [decide(make_held(post=post), "approve", by=moderator) for _ in range(3)]
    Decision.objects.update(created_at=decisions[0].created_at)
    first = moderator_client.get("/moderation/decisions/")
    second = moderator_client.get("/moderation/decisions/", {"before": str(first.context["older"])})
    assert [*first.context["decisions"], *second.context["decisions"]] == decisions[::-1]
    assert second.context["older"] is None


@pytest.mark.parametrize("number", [1, figure(4, 20)])
def test_the_log_costs_the_same_queries_however_long_it_is(
    moderator_client, moderator, post, number, django_assert_num_queries
):
    for _ in range(number):
        decide(make_held(post=post), "approve", by=moderator)
    # Session, user, their unread notifications, the log, pending counts (two).
    with django_assert_num_queries(6):
        moderator_client.get("/moderation/decisions/")


def test_an_empty_log_says_so(moderator_client):
    assertContains(moderator_client.get("/moderation/decisions/"), "No decisions yet.")


def test_deciding_needs_the_forms_key(moderator, post):
    client = Client(enforce_csrf_checks=True)
    client.force_login(moderator)
    held = make_held(post=post)
    assert client.post(DECIDE, {"comments": held.pk, "action": "approve"}).status_code == 403
    assert (status(held), Report.objects.count()) == ("held", 0)


# --- outdated decisions -----------------------------------------------------------------


def test_a_form_that_is_sent_twice_decides_once_and_still_offers_to_take_it_back(moderator_client, post):
    held = [make_held(post=post) for _ in range(3)]
    seen = str(moderator_client.get("/moderation/").context["list_form"].initial["seen"])
    one = {"comments": held[0].pk, "action": "approve", "seen": seen}
    first, second = moderator_client.post(DECIDE, one), moderator_client.post(DECIDE, one)
    assert first["Location"] == second["Location"]
    assertContains(moderator_client.get(second["Location"]), "Approved the comment by")
    assertNotContains(moderator_client.get("/moderation/"), "left unchanged")
    both = {"comments": [held[1].pk, held[2].pk], "action": "spam", "seen": seen}
    first, second = moderator_client.post(DECIDE, both), moderator_client.post(DECIDE, both)
    assert first["Location"] == second["Location"]
    page = moderator_client.get(second["Location"])
    assertContains(page, "Marked 2 comments as spam.")
    assertNotContains(page, "left unchanged")
    assert ([status(comment) for comment in held], Decision.objects.count()) == (
        ["public", "spam", "spam"],
        3,
    )


def test_another_decision_of_ones_own_is_not_mistaken_for_the_same(moderator_client, moderator, post):
    held = make_held(post=post)
    seen = str(moderator_client.get("/moderation/").context["list_form"].initial["seen"])
    decide(held, "remove", by=moderator)
    response = moderator_client.post(
        DECIDE, {"comments": held.pk, "action": "approve", "seen": seen}, follow=True
    )
    assertContains(response, "One comment was left unchanged: carol decided first (removed).")
    assert status(held) == "removed"


def test_an_undo_that_is_sent_twice_is_answered_with_a_message(moderator_client, moderator, post):
    decisions = decide_many([make_held(post=post) for _ in range(2)], "spam", by=moderator)
    for data in ({"batch": str(decisions[0].batch)}, {"decisions": [decision.pk for decision in decisions]}):
        response = moderator_client.post(reverse("moderation:undo"), data, follow=True)
    assertContains(response, "You had already undone that.")
    response = moderator_client.post(
        reverse("moderation:undo"), {"batch": str(decisions[0].batch)}, follow=True
    )
    assertContains(response, "You had already undone that.")
    assert Decision.objects.count() == 4


def test_undo_does_not_overrule_a_colleague_who_decided_otherwise_since(moderator_client, moderator, post):
    first, second = comments = [make_held(post=post) for _ in range(2)]
    [decision, _other] = decide_many(comments, "spam", by=moderator)
    decide(first, "approve", by=make_moderator("dave"))
    response = moderator_client.post(reverse("moderation:undo"), {"batch": str(decision.batch)}, follow=True)
    assertContains(response, "Undone.")
    assertContains(response, "One decision can’t be undone")
    assert (status(first), status(second)) == ("public", "held")


def test_an_undo_that_would_restore_ones_own_comment_undoes_nothing(moderator_client, moderator, post):
    comments = [put_comment(post=post), put_comment(post=post, author=moderator)]
    [decision, _other] = decide_many(comments, "remove", by=moderator)
    response = moderator_client.post(reverse("moderation:undo"), {"batch": str(decision.batch)})
    assertContains(
        response, "You can’t decide about your own comment. Ask another moderator.", status_code=403
    )
    assert [status(comment) for comment in comments] == ["removed", "removed"]


def test_who_is_no_moderator_any_more_decides_nothing(moderator_client, moderator, post):
    held = make_held(post=post)
    seen = str(moderator_client.get("/moderation/").context["list_form"].initial["seen"])
    decision = decide(make_held(post=post), "spam", by=moderator)
    moderator.groups.clear()
    group = reverse("moderation:group-review", args=[held.pk])
    for address, data in (
        (DECIDE, {"comments": held.pk, "action": "approve", "seen": seen}),
        (group, {"by": "copies", "comments": held.pk, "action": "spam", "sure": "spam"}),
        (reverse("moderation:undo"), {"decisions": decision.pk}),
        (reverse("moderation:review-lock-create", args=[held.pk]), {}),
    ):
        assertContains(
            moderator_client.post(address, data),
            "Only moderators can see what’s awaiting review.",
            status_code=403,
        )
    assert (status(held), Decision.objects.count()) == ("held", 1)
