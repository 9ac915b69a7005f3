"""Proposals: stages, positions with reasons, outcomes, reviews."""

import re
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.services.export import all_parts
from comments.models import Comment
from comments.services.writing import delete_comment, publish_comment, set_status
from decisions.models import Decision, Position
from decisions.services.positions import take_position, tally_of
from decisions.services.settling import close
from notifications.models import Notification
from posts.models import Post
from tests.decisions.factories import make_poll, make_proposal
from tests.factories import make_host, make_member, make_post, switch_on

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def switched_on(db):
    switch_on("decisions")


def held(decision: Decision) -> dict[str, int]:
    return {line.stance: line.count for line in tally_of(decision) if line.count}


def kinds_of(member) -> list[tuple[str, list[str]]]:
    return list(Notification.objects.filter(member=member).values_list("kind", "reasons"))


def test_a_position_is_a_reason_in_the_tree_that_can_be_answered(client, signed_in, member):
    decision = make_proposal()
    path = decision.get_absolute_url()
    said = signed_in(member).post(f"{path}position/", {"stance": "disagree", "body": "Twelve is *few*."})
    assertRedirects(said, f"{path}#positions", fetch_redirect_response=False)
    reason = Position.objects.get().reason
    assert (reason.parent, reason.author, reason.body) == (
        decision.comment, member, "**Disagree.** Twelve is *few*."
    )  # fmt: skip
    publish_comment(post=reason.post, author=make_member(), body="Fourteen?", parent=reason)
    page = client.get(path)
    assertContains(page, "Twelve is <em>few</em>.")
    assertContains(page, "1 person", count=1)
    assert held(decision) == {"disagree": 1}


def test_another_position_takes_its_place_and_the_earlier_reason_stays(client, signed_in, member):
    decision = make_proposal()
    alice, path = signed_in(member), decision.get_absolute_url()
    alice.post(f"{path}position/", {"stance": "block", "body": "No room for my aunt."})
    assertContains(alice.get(path), "Your position is: Block.")
    alice.post(f"{path}position/", {"stance": "agree", "body": "She can sit beside me."})
    assert held(decision) == {"agree": 1}
    page = client.get(path)
    assertContains(page, "No room for my aunt.")
    assertContains(page, "changed since", count=1)
    # The first text again: the same comment, and its position.
    alice.post(f"{path}position/", {"stance": "block", "body": "No room for my aunt."})
    assert (held(decision), Comment.objects.count()) == ({"block": 1}, 3)


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"body": "Because."}, {"stance": ["Choose one of the options."]}),
        ({"stance": "maybe", "body": "Because."}, {"stance": ["Choose one of the options."]}),
        ({"stance": "agree", "body": "  "}, {"body": ["Write something first."]}),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_the_rest_is_kept(signed_in, member, fields, errors):
    decision = make_proposal()
    said = signed_in(member).post(f"{decision.get_absolute_url()}position/", fields)
    assert (said.status_code, said.context["position_form"].errors) == (422, errors)
    assert said.context["position_form"]["body"].value() == fields["body"]


def test_positions_wait_for_their_stage_and_end_with_the_proposal(signed_in, member, host):
    decision = make_proposal(stage="discuss", by=host)
    alice, path = signed_in(member), decision.get_absolute_url()
    words = {"stance": "agree", "body": "Good idea, all of it."}
    assertNotContains(alice.get(path), "Post position")
    early = alice.post(f"{path}position/", words)
    assertContains(early, "This proposal is still being discussed.", status_code=422)
    assertContains(early, "Good idea, all of it.", status_code=422)
    nora = signed_in(host)
    nora.post(f"{path}stage/", {"stage": "decide"})  # not the next one
    assert Decision.objects.get().stage == "discuss"
    for stage in ("sense", "decide"):
        nora.post(f"{path}stage/", {"stage": stage})
        assert Decision.objects.get().stage == stage
    alice.post(f"{path}position/", words)
    assert held(decision) == {"agree": 1}
    close(decision, by=host)
    late = alice.post(f"{path}position/", {"stance": "block", "body": "I thought again."})
    assertContains(late, "This proposal is closed.", status_code=422)
    assertContains(late, "I thought again.", status_code=422)
    assert held(decision) == {"agree": 1}


def test_a_position_counts_while_its_reason_is_public(member, signed_in):
    decision = make_proposal()
    reason = take_position(decision, stance="block", reason="Buy cheap pills.", by=member)
    page = partial(signed_in(member).get, decision.get_absolute_url())
    set_status(reason, Comment.Status.HELD)
    assert held(decision) == {}
    assertContains(page(), "It counts once its reason is public.")
    set_status(reason, Comment.Status.PUBLIC)
    assert held(decision) == {"block": 1}
    assertContains(page(), "your earlier reason stays in the discussion.</p>")
    delete_comment(reason, by=member)
    assert held(decision) == {}
    gone = page()
    assertContains(gone, "It doesn’t count any more, because its reason is no longer shown.</p>")
    assertNotContains(gone, "stays in the discussion")


def test_only_its_author_and_hosts_settle_it(signed_in, member, moderator):
    decision = make_proposal()
    for who in (member, moderator):
        for page in ("stage", "close", "outcome", "review"):
            answer = signed_in(who).post(f"{decision.get_absolute_url()}{page}/", {"body": "Mine."})
            assert (page, answer.status_code) == (page, 403)
    assert not Decision.objects.get().is_over


def test_the_outcome_goes_to_everyone_who_took_part_once(signed_in, host):
    post = make_post(host)
    poll, proposal = make_poll(post=post, by=host, is_secret=True), make_proposal(post=post, by=host)
    voter, thinker, neither = make_member("vera"), make_member("theo"), make_member("nobody")
    signed_in(voter).post(f"{poll.get_absolute_url()}vote/", {"option": poll.options.all()[0].pk})
    take_position(proposal, stance="agree", reason="Yes.", by=thinker)
    take_position(proposal, stance="abstain", reason="Or no.", by=thinker)
    nora = signed_in(host)
    for decision in (poll, proposal):
        path = decision.get_absolute_url()
        assertContains(
            nora.post(f"{path}outcome/", {"body": "Too early."}), "Close it first.", status_code=422
        )
        assertContains(nora.post(f"{path}close/", {"sure": "1"}, follow=True), "Closed.")
        said = nora.post(f"{path}outcome/", {"body": f"We do it: {decision.kind}."}, follow=True)
        assertContains(said, f"We do it: {decision.kind}.")
    assert kinds_of(voter) == [("outcomes", ["outcome"])]
    assert kinds_of(thinker) == [("outcomes", ["outcome"])]
    assert kinds_of(neither) == []
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assertContains(
            signed_in(voter).get("/notifications/"), "published the outcome of something you took part in"
        )


def test_participants_are_notified_of_a_held_outcome_once_it_is_approved(signed_in, host, member):
    decision = make_proposal(by=host)
    take_position(decision, stance="agree", reason="Yes.", by=member)
    close(decision, by=host)
    signed_in(host).post(f"{decision.get_absolute_url()}outcome/", {"body": "We do it."})
    outcome = Decision.objects.get().outcome
    Notification.objects.all().delete()
    set_status(outcome, Comment.Status.HELD)
    set_status(outcome, Comment.Status.PUBLIC)
    assert kinds_of(member) == [("outcomes", ["outcome"])]


def test_the_second_of_two_who_close_it_or_state_the_outcome_is_told(signed_in, host):
    decision, path = make_proposal(by=host), ""
    path = decision.get_absolute_url()
    carol, nora = signed_in(make_host("carol")), signed_in(host)
    carol.post(f"{path}close/", {"sure": "1"})
    assertContains(nora.post(f"{path}close/", {"sure": "1"}, follow=True), "carol already closed this on ")
    carol.post(f"{path}outcome/", {"body": "We do it."})
    late = nora.post(f"{path}outcome/", {"body": "We do not, for three reasons."})
    assertContains(late, "Someone has already published the outcome.", status_code=422)
    assertContains(late, "We do not, for three reasons.", status_code=422)
    assert Decision.objects.get().outcome.body == "**Outcome.** We do it."


def test_the_day_of_its_review_brings_it_back_to_the_dashboard(signed_in, host):
    decision = make_proposal(by=host, title="Soup on Mondays")
    path, today = decision.get_absolute_url(), timezone.localdate()
    close(decision, by=host)
    nora = signed_in(host)
    for day in (today, today + timedelta(days=2000)):
        said = nora.post(f"{path}outcome/", {"body": "We try it.", "review_on": day.isoformat()})
        assert (said.status_code, list(said.context["outcome_form"].errors)) == (422, ["review_on"])
    nora.post(
        f"{path}outcome/", {"body": "We try it.", "review_on": (today + timedelta(days=30)).isoformat()}
    )
    assertNotContains(nora.get("/admin/"), "Soup on Mondays")
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        nora = signed_in(host)
        assertContains(nora.get("/admin/"), "Decisions to review")
        assertContains(nora.get("/admin/"), f'href="{path}#outcome"')
        nora.post(f"{path}review/", {"review_on": ""})
        assertNotContains(nora.get("/admin/"), "Soup on Mondays")


def test_what_is_below_a_deleted_post_is_not_to_be_reviewed(host):
    decision = make_proposal(by=host)
    Decision.objects.update(review_on=timezone.localdate())
    assert list(Decision.objects.to_review()) == [decision]
    Post.objects.update(published_at=None, trashed_at=timezone.now())
    assert not Decision.objects.to_review().exists()


def test_where_comments_are_closed_there_are_no_new_positions_but_an_outcome(signed_in, host, member):
    decision = make_proposal(by=host)
    path, alice, nora = decision.get_absolute_url(), signed_in(member), signed_in(host)
    Post.objects.update(comments_open=False)
    assertNotContains(alice.get(path), "Post position")
    assertContains(alice.get(path), "Comments are closed.")
    late = alice.post(f"{path}position/", {"stance": "agree", "body": "I was slow."})
    assertContains(late, "I was slow.", status_code=422)
    close(decision, by=host)
    Comment.objects.update(closed_at=timezone.now())  # replies to it, too
    said = nora.post(f"{path}outcome/", {"body": "We do it."}, follow=True)
    assertContains(said, "The outcome is published.")
    assertContains(alice.get(path), "We do it.")
    assertContains(alice.get(decision.comment.post.get_absolute_url()), "We do it.")


def test_its_page_says_whether_it_awaits_review_or_was_removed(signed_in, host):
    decision = make_proposal(by=host)
    nora, path = signed_in(host), decision.get_absolute_url()
    said = {"held": "This is awaiting review.", "removed": "Removed by a moderator."}
    for status in said:
        set_status(decision.comment, Comment.Status(status))
        page = nora.get(path).content.decode()
        assert [key for key, words in said.items() if words in page] == [status]


def test_the_export_has_positions_with_their_reasons(member):
    decision = make_proposal()
    take_position(decision, stance="agree", reason="Yes.", by=member)
    take_position(decision, stance="block", reason="No.", by=member)
    [part] = [part for part in all_parts() if part.key == "positions"]
    assert list(part.rows(member)) == [
        {"title": "A shorter table", "stance": "Agree", "reason": "**Agree.** Yes.", "is_current": False},
        {"title": "A shorter table", "stance": "Block", "reason": "**Block.** No.", "is_current": True},
    ]


def test_the_form_opens_a_proposal_below_the_post(signed_in, host):
    make_post(host, slug="open")
    nora = signed_in(host)
    form = nora.get("/decisions/new/proposal/?post=open").context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    assert values["post"] == "open"
    nora.post("/decisions/new/proposal/", {**values, "title": "A *shorter* table", "body": "Twelve seats."})
    decision = Decision.objects.get()
    assert (decision.stage, decision.is_over) == ("sense", False)
    assert decision.comment.body.startswith(
        "**A \\*shorter\\* table**\n\nTwelve seats.\n\n[Say what you think of it]("
    )


def forms_of(page) -> list[set[str]]:
    """Return what each form on the page sends: the names of its fields, and the URLs of its buttons."""
    main = page.content.decode().partition("<main")[2].partition("</main>")[0]
    return [
        set(re.findall(r' (?:form)?(?:name|action)="([^"#]+)', form))
        for form in re.findall(r'<form\b[^>]* method="post".*?</form>', main, re.DOTALL)
    ]


def test_no_button_loses_what_is_typed_for_another(signed_in, host):
    """Without scripts, a button sends only its own form, so all are in one."""
    proposal = make_proposal(by=host, stage="sense")
    path, nora = proposal.get_absolute_url(), signed_in(host)
    [names] = forms_of(nora.get(path))
    assert names >= {"stance", "body", "people"} | {
        f"{path}{act}/" for act in ("position", "invite", "stage", "close")
    }
    typed = {"stance": "disagree", "body": "Twelve is few.", "people": "Ada, ada@example.org\nBen"}

    said = nora.post(f"{path}stage/", {**typed, "stage": "decide"})
    assertContains(said, "Saved.")
    assert (said.context["position_form"].initial, said.context["invite_form"].initial) == (
        {"stance": "disagree", "body": "Twelve is few."}, {"people": typed["people"]}
    )  # fmt: skip
    assertContains(said, "Twelve is few.</textarea>")
    assertContains(said, "Ada, ada@example.org\nBen</textarea>")

    wrong = nora.post(f"{path}invite/", typed)
    assert (wrong.status_code, list(wrong.context["invite_form"].errors)) == (422, ["people"])
    assertContains(wrong, "Twelve is few.</textarea>", status_code=422)

    done = nora.post(f"{path}invite/", {**typed, "people": "Ada, ada@example.org"})
    assertContains(done, "1 person is invited.")
    assertContains(done, "Twelve is few.</textarea>")
    assertNotContains(done, "ada@example.org</textarea>")

    posted = nora.post(f"{path}position/", {**typed, "people": "Ben"})
    assertContains(posted, "Your position was counted.")
    assertContains(posted, "Ben</textarea>")
    assertNotContains(posted, "Twelve is few.</textarea>")

    asked = nora.post(f"{path}close/", {**typed, "body": "Thirteen."})
    assertContains(asked, "Close the proposal now?")
    for page in (asked, nora.post(f"{path}close/", {**typed, "body": "Thirteen.", "cancel": "1"})):
        assertContains(page, "Thirteen.</textarea>")
        assertContains(page, "Ada, ada@example.org\nBen</textarea>")
    assert not Decision.objects.get().is_over
    closed = nora.post(f"{path}close/", {**typed, "body": "Thirteen.", "sure": "1"})
    assertContains(closed, "Closed.")
    assertContains(closed, "This proposal is closed. Your text is below; you can post it as a comment.")
    assertContains(closed, "Thirteen.</textarea>")
    assertContains(closed, "Ada, ada@example.org\nBen</textarea>")
    assert held(proposal) == {"disagree": 1}

    outcome = nora.post(f"{path}outcome/", {"body": " "})
    assert (outcome.status_code, outcome.context["position_form"].is_bound) == (422, False)


def test_the_outcome_and_a_position_that_was_too_late_are_in_one_form(signed_in, host):
    proposal = make_proposal(by=host)
    path, nora = proposal.get_absolute_url(), signed_in(host)
    late = {"stance": "block", "body": "Thirteen.", "people": "Ben"}
    [names] = forms_of(nora.post(f"{path}close/", late | {"sure": "1"}))
    assert names >= {"stance", "body", "people", "outcome-body", "outcome-review_on", f"{path}outcome/"}

    pressed_again = nora.post(f"{path}position/", {**late, "outcome-body": "We do it."})
    assertContains(pressed_again, "We do it.</textarea>", status_code=422)
    empty = nora.post(f"{path}outcome/", {**late, "outcome-body": " "})
    assertContains(empty, "Thirteen.</textarea>", status_code=422)
    assert list(empty.context["outcome_form"].errors) == ["body"]

    done = nora.post(f"{path}outcome/", {**late, "outcome-body": "We do it."})
    assertContains(done, "The outcome is published.")
    assert Decision.objects.get().outcome.body == "**Outcome.** We do it."
    for kept in ("Thirteen.</textarea>", "Ben</textarea>"):
        assertContains(done, kept)
    day = (timezone.localdate() + timedelta(days=30)).isoformat()
    reviewed = nora.post(f"{path}review/", {**late, "review_on": day})
    assertContains(reviewed, "Thirteen.</textarea>")
    assert Decision.objects.get().review_on.isoformat() == day
    # By itself it leads back to the page.
    assertRedirects(nora.post(f"{path}review/", {"review_on": ""}), f"{path}#outcome")


def test_an_outcome_that_was_deleted_can_be_published_anew(client, signed_in, host):
    decision = make_poll(by=host)
    path, nora = decision.get_absolute_url(), signed_in(host)
    close(decision, by=host)
    nora.post(f"{path}outcome/", {"outcome-body": "We do ti."})
    outcome = Decision.objects.get().outcome
    set_status(outcome, Comment.Status.HELD)
    assertNotContains(client.get("/decisions/"), "with an outcome")
    assertNotContains(nora.get(path), "Publish outcome")
    assertContains(nora.post(f"{path}outcome/", {"outcome-body": "Another."}), "already", status_code=422)
    delete_comment(outcome, by=host)
    assertContains(nora.get(path), "Publish outcome")
    nora.post(f"{path}outcome/", {"outcome-body": "We do it."})
    assertContains(client.get(path), "We do it.")
    assertContains(client.get("/decisions/"), "with an outcome")


def test_a_choice_that_was_not_sent_yet_stays_while_others_are_invited(signed_in, host):
    poll = make_poll("Tea", "Coffee", "Milk", method="ranked", by=host)
    tea, _coffee, milk = poll.options.all()
    path, nora = poll.get_absolute_url(), signed_in(host)
    ranked = {f"place_{tea.pk}": "2", f"place_{milk.pk}": "1"}
    said = nora.post(f"{path}invite/", {**ranked, "people": "Ada, ada@example.org"})
    assert said.context["vote_form"].initial == ranked
    voted = nora.post(f"{path}vote/", {**ranked, "people": "Ben"})
    assertContains(voted, "Your vote was counted.")
    assertContains(voted, "Ben</textarea>")
    # The page shows that vote: nothing else is typed.
    assertRedirects(nora.post(f"{path}invite/", {**ranked, "people": "Cy, cy@example.org"}), f"{path}#guests")
