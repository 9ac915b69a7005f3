"""People without an account vote by an emailed link; those who become members count once."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from accounts.services.merging import merge_accounts
from accounts.signals import member_leaves
from comments.models import Comment, Policy
from comments.services.discussion import choose_rules
from comments.services.guest_data import erase_guest, make_token
from comments.services.writing import delete_comment, publish_comment, set_status
from comments.signals import guest_erased
from core.services.site_settings import save_settings
from decisions.models import Choice, Decision, DecisionSettings, Guest, NoInvitations, Position, Voter
from decisions.services import forgetting, positions, voting
from decisions.services.forgetting import forget_guests
from decisions.services.inviting import MOST, invite, link_of, notify_of_openings, send_invitation, withdraw
from decisions.services.positions import move_on, take_position, take_position_as_guest, tally_of
from decisions.services.settling import close, state_outcome
from decisions.services.voting import cast_as_guest, cast_vote, merge_guest_votes, results_of
from moderation.services.decisions import decide
from moderation.services.members import ban, block_network
from posts.models import Post
from tests.comments.random_writer import TASKS_AS_ROWS
from tests.decisions.factories import make_poll, make_proposal
from tests.factories import make_host, make_member, make_post, switch_on
from tests.figures import figure

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def switched_on(db):
    switch_on("decisions")


@pytest.fixture
def decision(host) -> Decision:
    return make_poll("Tea", "Coffee", by=host, title="What to drink?", shows_early=True)


def names(decision: Decision) -> dict[str, list[str]]:
    return {line.option.text: line.names for line in results_of(decision).lines if line.names}


def key_of(decision: Decision, text: str) -> int:
    return decision.options.get(text=text).pk


def test_a_guest_is_invited_votes_by_the_link_and_changes_the_vote(
    client, signed_in, host, decision, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        said = signed_in(host).post(
            f"{decision.get_absolute_url()}invite/",
            {"people": "Ada Lovelace <Ada@Example.org>\n\nBen, ben@example.org"},
            follow=True,
        )
    assertContains(said, "2 people are invited.")
    assert [message.to for message in mail.outbox] == [["ada@example.org"], ["ben@example.org"]]
    message = mail.outbox[0]
    assert message.subject == "You’re invited to vote: What to drink?"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [path] = re.findall(r"http://testserver(/decisions/by-link/\S+?/)\s", message.body)[:1]
    assertContains(client.post(path, {}), "Choose an option.", status_code=422)
    assertContains(
        client.post(path, {"option": key_of(decision, "Tea")}, follow=True), "Your vote was counted."
    )
    assertContains(client.get(path), "You’ve already voted with this link.")
    assert names(decision) == {"Tea": ["Ada Lovelace (guest)"]}
    said = client.post(path, {"option": key_of(decision, "Coffee")}, follow=True)
    assertContains(said, "Your vote was changed.")
    assert (names(decision), Choice.objects.count()) == ({"Coffee": ["Ada Lovelace (guest)"]}, 1)
    close(decision, by=host)
    late = client.post(path, {"option": key_of(decision, "Tea")})
    assertContains(late, "This poll is closed", status_code=422)
    assert names(decision) == {"Coffee": ["Ada Lovelace (guest)"]}


@pytest.mark.parametrize(
    ("people", "why"),
    [
        ("", "This field is required."),
        ("ada@example.org", "“ada@example.org” isn’t a name and an address, such as Ada Lovelace, ada@example.org."),
        (
            f"Ada, a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 58}.example.org",
            f"“Ada, a@{'b' * 53}” isn’t a name and an address, such as Ada Lovelace, ada@example.org.",
        ),
        ("Ada <ada@>", "“Ada <ada@>” isn’t a name and an address, such as Ada Lovelace, ada@example.org."),
        (
            "\n".join(f"Guest <guest{number}@example.org>" for number in range(31)),
            "You entered 31 people. Invite at most 30 at once.",
        ),
    ],
)  # fmt: skip
def test_what_is_no_name_and_address_is_said_at_the_field_and_kept(signed_in, host, decision, people, why):
    said = signed_in(host).post(f"{decision.get_absolute_url()}invite/", {"people": people})
    form = said.context["invite_form"]
    assert (said.status_code, form.errors, form["people"].value()) == (422, {"people": [why]}, people)
    assert not Guest.objects.exists()


def test_nobody_invites_more_than_so_many_in_an_hour_and_in_a_day(host, decision):
    (in_an_hour, hour), (in_a_day, _day) = MOST
    many = [(f"Guest {number}", f"guest{number}@example.org") for number in range(in_a_day + 1)]
    for start in range(0, 90, in_an_hour):
        assert invite(decision, many[start : start + in_an_hour], by=host) == in_an_hour
        with pytest.raises(ValidationError, match="You can invite 30 people in an hour and 100 in a day"):
            invite(decision, many[start + in_an_hour : start + in_an_hour + 1], by=host)
        Guest.objects.update(created_at=timezone.now() - hour - timedelta(seconds=1))
    with pytest.raises(ValidationError, match="You can invite 30 people in an hour and 100 in a day"):
        invite(decision, many[90:101], by=host)


def test_an_address_that_has_had_three_invitations_today_is_named_and_nobody_is_invited(
    signed_in, host, django_capture_on_commit_callbacks
):
    people = "Ben, ben@example.org\nAda, ADA@example.org"
    with time_machine.travel("2026-03-01 12:00Z"), django_capture_on_commit_callbacks(execute=True):
        polls = [make_poll("Tea", "Coffee", by=host, title=f"Poll {number}") for number in range(4)]
        for poll in polls[:3]:
            assert invite(poll, [("Ada", "ada@example.org")], by=host) == 1
        said = signed_in(host).post(f"{polls[3].get_absolute_url()}invite/", {"people": people})
    assertContains(said, "No more invitations can be sent today to: ada@example.org.", status_code=422)
    assertContains(said, "Ben, ben@example.org", status_code=422)
    assert not polls[3].guests.exists()
    assert [letter.to for letter in mail.outbox] == [["ada@example.org"]] * 3
    with time_machine.travel("2026-03-02 12:00Z"), django_capture_on_commit_callbacks(execute=True):
        assert invite(polls[3], [("Ben", "ben@example.org"), ("Ada", "ada@example.org")], by=host) == 2
    assert [letter.to for letter in mail.outbox[3:]] == [["ben@example.org"], ["ada@example.org"]]


def test_an_address_is_invited_once_and_not_at_all_if_it_wants_that(
    client, host, decision, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        assert invite(decision, [("Ada", "ada@example.org")], by=host) == 1
        assert invite(decision, [("Ada", "ADA@example.org")], by=host) == 0
    [guest] = Guest.objects.all()
    stop = f"{link_of(guest).removeprefix('http://testserver')}no-more/"
    assertContains(client.get(stop), "Turn off")
    assert not NoInvitations.objects.exists()
    client.post(stop, {"List-Unsubscribe": "One-Click"})
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        invite(make_poll(by=host, title="Another"), [("Ada", "ada@example.org")], by=host)
    assert mail.outbox == []
    assertContains(client.post(stop, {"turn": "on"}), "Turn off")
    assert not NoInvitations.objects.exists()


def test_the_link_of_somebody_else_takes_no_vote_of_a_member(signed_in, member, host, decision):
    invite(decision, [("Ada", "ada@example.org"), ("Alice", member.email)], by=host)
    paths = {guest.name: link_of(guest).removeprefix("http://testserver") for guest in Guest.objects.all()}
    alice = signed_in(member)
    said = alice.post(paths["Ada"], {"option": key_of(decision, "Tea")})
    assertContains(said, "This link was sent to someone else.", status_code=403)
    assert names(decision) == {}
    assert alice.post(paths["Alice"], {"option": key_of(decision, "Tea")}).status_code == 302
    assert names(decision) == {"Tea": ["Alice (guest)"]}
    assert alice.get(paths["Ada"][:-2] + "x/").status_code == 404


def test_what_was_written_by_the_link_of_somebody_else_is_not_lost(signed_in, member, host):
    """They opened it, wrote, and signed in in another window."""
    proposal = make_proposal(by=host)
    invite(proposal, [("Ada", "ada@example.org")], by=host)
    path = link_of(Guest.objects.get()).removeprefix("http://testserver")
    alice, words = signed_in(member), {"stance": "agree", "body": "Twelve is few."}
    said = alice.post(path, words)
    assertContains(said, "This link was sent to someone else.", status_code=403)
    assertContains(said, "Twelve is few.</textarea>", status_code=403)
    assertNotContains(alice.get(path), "<textarea")


def test_who_is_invited_twice_gets_one_email(signed_in, host, decision, django_capture_on_commit_callbacks):
    nora, path = signed_in(host), f"{decision.get_absolute_url()}invite/"
    with django_capture_on_commit_callbacks(execute=True):
        nora.post(path, {"people": "Ada, ada@example.org"}, follow=True)
        again = nora.post(path, {"people": "Ada, ADA@example.org"}, follow=True)
    assert [str(said) for said in again.context["messages"]] == ["Nothing was changed."]
    assert [letter.to for letter in mail.outbox] == [["ada@example.org"]]


def test_inviting_says_the_same_of_members_and_of_others(signed_in, member, host, decision):
    nora, path = signed_in(host), f"{decision.get_absolute_url()}invite/"
    pages = [
        nora.post(path, {"people": f"Somebody <{email}>"}, follow=True).content.decode()
        for email in (member.email, "stranger@example.org")
    ]
    assert [page.count("1 person is invited.") for page in pages] == [1, 1]
    listed = re.findall(r"<li class=\"row\">\s*<span><bdi>(.*?)</bdi></span>", pages[1])
    assert listed == [f"Somebody, {member.email}", "Somebody, stranger@example.org"]


def test_guests_who_voted_are_notified_of_the_outcome(host, decision, django_capture_on_commit_callbacks):
    invite(decision, [("Ada", "ada@example.org"), ("Ben", "ben@example.org")], by=host)
    cast_as_guest(Guest.objects.get(name="Ada"), [decision.options.get(text="Tea")])
    close(decision, by=host)
    decision.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        state_outcome(decision, text="Tea it is.", review_on=None, by=host)
    letters = [letter for letter in mail.outbox if letter.subject == "Outcome: What to drink?"]
    assert [letter.to for letter in letters] == [["ada@example.org"]]
    assert "Tea it is." in letters[0].body
    decision.refresh_from_db()
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        for status in (Comment.Status.HELD, Comment.Status.PUBLIC):  # a moderator looked at it once more
            set_status(decision.outcome, status)
    assert mail.outbox == []
    delete_comment(decision.outcome, by=host)
    with django_capture_on_commit_callbacks(execute=True):
        state_outcome(decision, text="Coffee, we counted again.", review_on=None, by=host)
    assert [(letter.to, "Coffee" in letter.body) for letter in mail.outbox] == [(["ada@example.org"], True)]


def test_emails_can_be_turned_off_while_the_poll_is_hidden_too(client, host, decision):
    invite(decision, [("Ada", "ada@example.org")], by=host)
    path = link_of(Guest.objects.get()).removeprefix("http://testserver")
    delete_comment(decision.comment, by=host)
    assert client.get(path).status_code == 404
    assertContains(client.get(f"{path}no-more/"), "Turn off")
    client.post(f"{path}no-more/", {"List-Unsubscribe": "One-Click"})
    assert NoInvitations.objects.get().email == "ada@example.org"


def test_a_poll_that_awaits_review_invites_nobody_until_it_is_approved(
    signed_in, host, decision, django_capture_on_commit_callbacks
):
    set_status(decision.comment, Comment.Status.HELD)
    path, people = decision.get_absolute_url(), {"people": "Ada, ada@example.org"}
    nora = signed_in(host)
    assertNotContains(nora.get(path), "Names and email addresses")
    said = nora.post(f"{path}invite/", people)
    assertContains(said, "This is awaiting review.", status_code=422)
    set_status(decision.comment, Comment.Status.PUBLIC)
    with django_capture_on_commit_callbacks(execute=True):
        assertContains(nora.post(f"{path}invite/", people, follow=True), "1 person is invited.")
    assert [letter.to for letter in mail.outbox] == [["ada@example.org"]]


def test_no_invitation_is_sent_while_the_part_is_off(host, decision, django_capture_on_commit_callbacks):
    switch_on()
    with django_capture_on_commit_callbacks(execute=True):
        invite(decision, [("Ada", "ada@example.org")], by=host)
    assert mail.outbox == []


def test_a_member_who_may_not_write_has_no_vote_by_a_link(client, host, moderator, member, decision):
    tea, coffee = decision.options.all()
    cast_vote(decision, member, [tea])
    invite(decision, [("Alice", member.email)], by=host)
    path = link_of(Guest.objects.get()).removeprefix("http://testserver")
    ban(member, by=moderator, words="No more.")
    said = client.post(path, {"option": coffee.pk})
    assertContains(said, "You can read, but you can’t post any more.", status_code=422)
    type(member).objects.filter(pk=member.pk).update(is_active=False, silent_until=None)
    said = client.post(path, {"option": coffee.pk})
    assertContains(said, "This account has been deactivated.", status_code=422)
    assert names(decision) == {"Tea": ["alice"]}


def test_a_vote_by_link_that_is_on_its_way_while_the_address_is_confirmed_is_the_members(
    monkeypatch, host, member, decision
):
    """The guest's vote is stored between the selection of invitations and the lock of the poll."""
    invite(decision, [("Alice", member.email)], by=host)

    def be_slow(rows, pk, lock_row=voting.lock_row):
        Guest.objects.update(voter=Voter.objects.create(decision=decision))
        return lock_row(rows, pk)

    monkeypatch.setattr(voting, "lock_row", be_slow)
    merge_guest_votes(member, member.email)
    assert Voter.objects.get().member == member


def test_the_order_of_names_tells_nothing_of_accounts(host, decision):
    """Members among the guests are sorted by their names as guests."""
    zoe, ben = make_member("zoe"), make_member("ben")
    people = [("Ada", "ada@example.org"), ("Bo", zoe.email), ("Cy", "cy@example.org")]
    invite(decision, people, by=host)
    tea = decision.options.get(text="Tea")
    for guest in Guest.objects.order_by("-name"):
        cast_as_guest(guest, [tea])
    cast_vote(decision, ben, [tea])
    assert names(decision) == {"Tea": ["Ada (guest)", "ben", "Bo (guest)", "Cy (guest)"]}


def test_who_leaves_takes_their_invitations_along(host, member, decision):
    invite(decision, [("Alice", member.email)], by=host)
    cast_as_guest(Guest.objects.get(), [decision.options.get(text="Tea")])
    member_leaves.send(sender=type(member), member=member)
    [left] = Guest.objects.values("email", "name", "voter__member")
    assert left == {
        "email": "",
        "name": "",
        "voter__member": member.pk,
    }  # whose account is deleted afterwards
    assert results_of(decision).voters == 1


def test_who_is_erased_and_invited_again_is_the_same_guest(host, decision):
    invite(decision, [("Ada", "ada@example.org"), ("Ben", "ben@example.org")], by=host)
    tea, coffee = decision.options.all()
    cast_as_guest(Guest.objects.get(name="Ada"), [tea])
    for email in ("ada@example.org", "ben@example.org"):
        guest_erased.send(sender=Comment, email=email, comments=[])
    [left] = Guest.objects.all()  # Ben had not voted
    assert (left.email, left.name, "ada" in left.mark) == ("", "", False)
    assert names(decision) == {"Tea": ["a former member"]}
    invite(decision, [("Ada L.", "Ada@example.org")], by=host)
    cast_as_guest(Guest.objects.get(), [coffee])
    assert names(decision) == {"Coffee": ["Ada L. (guest)"]}


def test_a_member_who_left_and_comes_back_is_the_same_voter(host, decision):
    alice = make_member("alice")
    tea, _coffee = decision.options.all()
    cast_vote(decision, alice, [tea])
    member_leaves.send(sender=type(alice), member=alice)
    Voter.objects.update(member=None)
    EmailAddress.objects.filter(user=alice).delete()
    again = make_member("lisa")
    EmailAddress.objects.create(user=again, email=alice.email, verified=True)
    cast_vote(decision, again, [tea])
    assert names(decision) == {"Tea": ["lisa"]}


def leave(member: User) -> None:
    """Delete the account."""
    member_leaves.send(sender=type(member), member=member)
    Voter.objects.filter(member=member).update(member=None)
    EmailAddress.objects.filter(user=member).delete()
    User.objects.filter(pk=member.pk).update(email="")


def test_an_address_that_was_never_confirmed_takes_nothing_of_its_owner_along(client, host, decision):
    """Alice enters Ben's address as hers, votes and leaves: Ben is still invited, and has a vote of his own."""
    alice = make_member("alice")
    EmailAddress.objects.create(user=alice, email="ben@example.org", verified=False)
    stranger = make_member("stranger")
    EmailAddress.objects.filter(user=stranger).update(verified=False)
    invite(decision, [("Ben", "ben@example.org"), ("Cy", stranger.email)], by=host)
    tea, coffee = decision.options.all()
    cast_vote(decision, alice, [tea])
    for account in (alice, stranger):
        leave(account)
    for guest in Guest.objects.exclude(email=""):
        client.post(link_of(guest).removeprefix("http://testserver"), {"option": coffee.pk})
    assert names(decision) == {"Tea": ["a former member"], "Coffee": ["Ben (guest)", "Cy (guest)"]}


def test_who_was_erased_as_guest_and_leaves_as_member_is_the_same_voter(host, decision):
    """The vote by link was replaced by the member's own; its row still exists, without a vote."""
    alice = make_member("alice")
    EmailAddress.objects.filter(user=alice).update(verified=False)
    invite(decision, [("Al", alice.email)], by=host)
    tea, coffee = decision.options.all()
    cast_as_guest(Guest.objects.get(), [tea])
    guest_erased.send(sender=Comment, email=alice.email, comments=[])
    cast_vote(decision, alice, [coffee])
    EmailAddress.objects.get(user=alice).set_verified()
    email = alice.email
    leave(alice)
    again = make_member("lisa")
    EmailAddress.objects.create(user=again, email=email, verified=True)
    cast_vote(decision, again, [tea])
    assert names(decision) == {"Tea": ["lisa"]}


@pytest.mark.parametrize("kind", ["poll", "proposal"])
@pytest.mark.parametrize("has_taken_part", [True, False])
def test_an_invitation_that_is_erased_while_its_guest_answers_is_said_to_be_gone(
    client, monkeypatch, host, decision, kind, has_taken_part
):
    """Between the lookup of the link and the lock."""
    asked = decision if kind == "poll" else make_proposal(by=host)
    invite(asked, [("Ada", "ada@example.org")], by=host)
    guest = Guest.objects.get()
    words = {"option": key_of(asked, "Tea")} if kind == "poll" else {"stance": "agree", "body": "Good."}
    path = link_of(guest).removeprefix("http://testserver")
    if has_taken_part:
        client.post(path, words)
    said = list(Comment.objects.values_list("pk", flat=True))
    module = voting if kind == "poll" else positions

    def be_slow(rows, pk, lock_row=module.lock_row):
        row = lock_row(rows, pk)
        guest_erased.send(sender=Comment, email="ada@example.org", comments=[])
        return row

    monkeypatch.setattr(module, "lock_row", be_slow)
    late = {"option": key_of(asked, "Coffee")} if kind == "poll" else {"stance": "block", "body": "Or not."}
    answer = client.post(path, late)
    assertContains(answer, "This invitation was deleted.", status_code=422)
    assert list(Comment.objects.values_list("pk", flat=True)) == said
    assert [choice.option.text for choice in Choice.objects.all()] in ([], ["Tea"])
    assert not Position.objects.filter(stance="block").exists()


def test_an_invitation_is_erased_with_its_decision_locked(monkeypatch, host, decision):
    """A concurrent vote is stored first; otherwise its guest's row, which identifies them, would be deleted."""
    invite(decision, [("Ada", "ada@example.org")], by=host)
    tea, _coffee = decision.options.all()

    def be_slow(rows, pk, lock_row=forgetting.lock_row):
        cast_as_guest(Guest.objects.get(), [tea])
        return lock_row(rows, pk)

    monkeypatch.setattr(forgetting, "lock_row", be_slow)
    guest_erased.send(sender=Comment, email="ada@example.org", comments=[])
    invite(decision, [("Ada", "ada@example.org")], by=host)
    assert names(decision) == {"Tea": ["Ada (guest)"]}


def test_on_the_way_back_of_the_migrations_positions_of_members_stay(host, member):
    proposal = make_proposal(by=host)
    invite(proposal, [("Al", member.email), ("Ada", "ada@example.org")], by=host)
    for guest in Guest.objects.select_related("decision__comment", "invited_by"):
        take_position_as_guest(guest, stance="agree", reason=f"I am {guest.name}.")
    guest_erased.send(sender=Comment, email=member.email, comments=[])
    import_module("decisions.migrations.0006_on_the_way_back").drop_what_has_no_place(apps, None)
    assert list(Position.objects.values_list("member", flat=True)) == [member.pk]
    assert [guest.name for guest in Guest.objects.all()] == ["Ada"]


def test_what_tells_the_same_guest_goes_at_the_end_and_the_link_three_months_later(client, host, decision):
    invite(decision, [("Ada", "ada@example.org"), ("Ben", "ben@example.org")], by=host)
    for guest in Guest.objects.all():
        cast_as_guest(guest, [decision.options.get(text="Tea")])
    path = link_of(Guest.objects.get(name="Ben")).removeprefix("http://testserver")
    guest_erased.send(sender=Comment, email="ada@example.org", comments=[])
    assert forget_guests() == 0
    close(decision, by=host)
    assert (forget_guests(), Guest.objects.exclude(mark="").count()) == (1, 0)
    assertContains(client.get(path), "This poll is closed")
    invited = Guest.objects.create(decision=decision, email="kit@example.org", name="Kit")
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        assert forget_guests() == 2
        assert (client.get(path).status_code, forget_guests()) == (404, 0)
    assert not Guest.objects.filter(pk=invited.pk).exists()  # who took no part
    assert names(decision) == {"Tea": ["a former member", "Ben (guest)"]}


def test_of_who_voted_in_secret_the_name_goes_with_the_address(host):
    decision = make_poll("Tea", "Coffee", by=host, is_secret=True)
    invite(decision, [("Ada", "ada@example.org")], by=host)
    cast_as_guest(Guest.objects.get(), [decision.options.get(text="Tea")])
    close(decision, by=host)
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        forget_guests()
    assert [(guest.name, guest.email) for guest in Guest.objects.all()] == [("", "")]


def test_an_invitation_is_withdrawn_and_its_link_says_so(client, signed_in, member, host, decision):
    invite(decision, [("Ada", "ada@example.org"), ("Ben", "ben@example.org")], by=host)
    ada, ben = Guest.objects.get(name="Ada"), Guest.objects.get(name="Ben")
    cast_as_guest(ben, [decision.options.get(text="Tea")])
    address, link = f"{decision.get_absolute_url()}withdraw/", link_of(ada).removeprefix("http://testserver")
    assert signed_in(member).post(address, {"guest": ada.pk.hex}).status_code == 403
    browser = signed_in(host)
    for key in (ben.pk.hex, "nobody"):
        assertContains(
            browser.post(address, {"guest": key}, follow=True), "This guest has taken part, or isn’t invited"
        )
    page = browser.post(address, {"guest": ada.pk.hex}, follow=True)
    assertContains(page, "The invitation was withdrawn.")
    assertNotContains(page, "Ada, ada@example.org")
    for answer in (client.get(link), client.post(link, {"option": key_of(decision, "Tea")})):
        assertContains(answer, "This invitation was withdrawn", status_code=410)
        assert answer["Cache-Control"] == "private, no-store"
    typed = client.post(link, {"body": "A reason that took me an hour."})
    assertContains(typed, "A reason that took me an hour.</textarea>", status_code=410)
    assert client.get(f"{link}no-more/").status_code == 200
    with pytest.raises(ValidationError, match="withdrawn"):  # at that moment
        cast_as_guest(ada, [decision.options.get(text="Tea")])
    assert invite(decision, [("Ada L.", "ada@example.org")], by=host) == 1
    assertContains(client.get(link), "Your vote")
    assert Guest.objects.count() == 2


def test_a_withdrawn_invitation_is_not_mailed(host, decision):
    invite(decision, [("Ada", "ada@example.org")], by=host)
    key = Guest.objects.get().pk.hex
    mail.outbox.clear()
    assert withdraw(decision, key)
    send_invitation.call(key)
    assert mail.outbox == []


@pytest.fixture
def queue(settings):
    """Tasks wait until the test runs them, as the worker would; returns the outbox after that, oldest first."""
    settings.TASKS = TASKS_AS_ROWS

    def work() -> list[tuple[str, str]]:
        mail.outbox.clear()
        while rows := list(DBTaskResult.objects.ready()):
            for row in rows:
                row.delete()
                row.task.call(*row.args_kwargs["args"])
        return sorted((told.to[0], told.subject) for told in mail.outbox)

    return work


def test_who_is_invited_withdrawn_and_invited_again_before_the_worker_runs_gets_one_email(
    host, decision, queue
):
    invite(decision, [("Ada", "ada@example.org")], by=host)
    withdraw(decision, Guest.objects.get().pk.hex)
    invite(decision, [("Ada L.", "ada@example.org")], by=host)
    assert queue() == [("ada@example.org", "You’re invited to vote: What to drink?")]
    assert "Hello Ada L.," in mail.outbox[0].body


def test_names_that_are_typed_stay_when_another_invitation_is_withdrawn(signed_in, host, decision):
    invite(decision, [("Ada", "ada@example.org")], by=host)
    path, key = decision.get_absolute_url(), Guest.objects.get().pk.hex
    browser = signed_in(host)
    said = browser.post(f"{path}withdraw/", {"guest": key, "people": "Ben, ben@exam"})
    assertContains(said, "The invitation was withdrawn.")
    assertContains(said, "Ben, ben@exam</textarea>")
    assertNotContains(said, "ada@example.org, ")
    assert not Guest.objects.invited().exists()


class TestThoseThatOpenLater:
    OPENS = datetime(2026, 3, 3, 12, tzinfo=UTC)

    @pytest.fixture(autouse=True)
    def clock(self, db):
        with time_machine.travel(self.OPENS - timedelta(days=2), tick=False) as clock:
            yield clock

    def test_guests_of_a_poll_are_notified_once_when_it_opens(self, host, queue, clock):
        poll = make_poll("Tea", "Coffee", by=host, title="What to drink?", opens_at=self.OPENS)
        invite(poll, [("Ada", "ada@example.org"), ("Ben", "ben@example.org")], by=host)
        for guest in Guest.objects.all():
            withdraw(poll, guest.pk.hex)
        clock.shift(1)
        invite(poll, [("Ada", "ada@example.org")], by=host)
        assert queue() == [("ada@example.org", "You’re invited to vote: What to drink?")]
        assert "The poll opens on 3 Mar 2026, noon UTC. We’ll email you then." in mail.outbox[0].body
        assert "Read it here, without an account. The link is yours alone:" in mail.outbox[0].body
        assert notify_of_openings() == 0
        with time_machine.travel(self.OPENS, tick=False):
            invite(poll, [("Cy", "cy@example.org")], by=host)
            assert (notify_of_openings(), notify_of_openings()) == (1, 0)
            assert queue() == [
                ("ada@example.org", "You can vote now: What to drink?"),
                ("cy@example.org", "You’re invited to vote: What to drink?"),
            ]
        [told] = [told.body for told in mail.outbox if told.to == ["ada@example.org"]]
        assert "before the poll opened. It’s open now:" in told
        assert link_of(Guest.objects.get(name="Ada")) in told

    def test_guests_of_a_proposal_read_that_they_will_be_notified_when_it_opens(self, host, queue):
        proposal = make_proposal(by=host, title="Later", stage="decide", opens_at=self.OPENS)
        invite(proposal, [("Ada", "ada@example.org")], by=host)
        queue()
        assert "The proposal opens on 3 Mar 2026, noon UTC. We’ll email you then." in mail.outbox[0].body
        with time_machine.travel(self.OPENS, tick=False):
            notify_of_openings()
            assert queue() == [("ada@example.org", "You can take your position now: Later")]

    def test_a_guest_reads_the_options_before_the_poll_opens(self, client, host):
        poll = make_poll("Tea", "Coffee", by=host, opens_at=self.OPENS)
        invite(poll, [("Ada", "ada@example.org")], by=host)
        page = client.get(link_of(Guest.objects.get()))
        assert re.findall(r"<li><bdi>(.*?)</bdi></li>", page.content.decode()) == ["Tea", "Coffee"]
        assertContains(page, "This poll isn’t open yet.")
        assertNotContains(page, "<fieldset")

    def test_if_it_is_hidden_when_it_opens_they_are_notified_when_it_is_back(self, host, queue):
        poll = make_poll("Tea", "Coffee", by=host, title="What to drink?", opens_at=self.OPENS)
        proposal = make_proposal(by=host, title="Later", stage="discuss")
        for decision in (poll, proposal):
            invite(decision, [("Ada", "ada@example.org")], by=host)
        queue()
        with time_machine.travel(self.OPENS, tick=False):
            for decision in (poll, proposal):
                set_status(decision.comment, Comment.Status.HELD)
            move_on(Decision.objects.with_all().get(pk=proposal.pk), "sense")
            assert (notify_of_openings(), queue()) == (0, [])
            set_status(poll.comment, Comment.Status.PUBLIC)
            switch_on()
            assert (notify_of_openings(), queue()) == (0, [])
            switch_on("decisions")
            assert (notify_of_openings(), queue()) == (
                1,
                [("ada@example.org", "You can vote now: What to drink?")],
            )
            set_status(proposal.comment, Comment.Status.PUBLIC)
            assert (notify_of_openings(), queue()) == (
                1,
                [("ada@example.org", "You can take your position now: Later")],
            )

    def test_no_one_is_notified_if_it_was_closed_before(self, host, queue):
        poll = make_poll(by=host, opens_at=self.OPENS)
        invite(poll, [("Ada", "ada@example.org")], by=host)
        queue()
        close(poll, by=host)
        with time_machine.travel(self.OPENS, tick=False):
            notify_of_openings()
            assert queue() == []

    def test_they_are_notified_of_a_proposal_at_its_time_and_stage(self, host, queue):
        early, late = (
            make_proposal(by=host, title=title, stage="discuss", opens_at=self.OPENS)
            for title in ("Early", "Late")
        )
        for proposal in (early, late):
            invite(proposal, [("Ada", "ada@example.org")], by=host)
        queue()
        # No one is emailed when the discussion stage begins.
        assert ["We’ll email you then." in told.body for told in mail.outbox] == [False, False]
        move_on(early, "sense")
        assert queue() == []
        with time_machine.travel(self.OPENS, tick=False):
            notify_of_openings()
            assert queue() == [("ada@example.org", "You can take your position now: Early")]
            move_on(late, "sense")
            notify_of_openings()
            assert queue() == [("ada@example.org", "You can take your position now: Late")]


def test_the_page_that_stops_emails_leads_back(client, host, decision):
    invite(decision, [("Ada", "ada@example.org")], by=host)
    link = link_of(Guest.objects.get())
    for answer in (client.get(f"{link}no-more/"), client.post(f"{link}no-more/")):
        assertContains(answer, f'<a href="{link}" dir="auto">What to drink?</a>')


def test_two_hundred_guests_cost_as_many_queries_as_two(signed_in, host, decision):
    browser = signed_in(host)
    browser.get(decision.get_absolute_url())
    costs = []
    for name, count in (("a", 2), ("b", 200)):
        rows = [
            Guest(decision=decision, email=f"{name}{n}@example.org", name=f"Guest {n}") for n in range(count)
        ]
        Guest.objects.bulk_create(rows)
        with CaptureQueriesContext(connection) as queries:
            assertContains(browser.get(decision.get_absolute_url()), f"{name}{count - 1}@example.org")
        costs.append(len(queries))
    assert costs[0] == costs[1]


class TestProposals:
    @pytest.fixture
    def proposal(self, host) -> Decision:
        return make_proposal(by=host)

    def link(self, name: str = "Ada") -> str:
        return link_of(Guest.objects.get(name=name)).removeprefix("http://testserver")

    def held(self, proposal: Decision) -> dict[str, int]:
        return {line.stance: line.count for line in tally_of(proposal) if line.count}

    def test_a_guest_says_what_they_think_in_the_tree_and_changes_it(
        self, client, signed_in, host, member, proposal, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            page = signed_in(host).post(
                f"{proposal.get_absolute_url()}invite/", {"people": "Ada, ada@example.org"}, follow=True
            )
        assertContains(page, "1 person is invited.")
        assert mail.outbox[0].subject == "You’re invited to give your opinion: A shorter table"
        assertContains(client.get(self.link()), "The positions count.")
        assertContains(
            client.post(self.link(), {"stance": "agree"}), "Write something first.", status_code=422
        )
        words = {"stance": "block", "body": "No room for my aunt, @alice."}
        for _twice in range(2):
            said = client.post(self.link(), words, follow=True)
            assertContains(said, "Your position was counted.")
        reason = Position.objects.get().reason
        assert (reason.parent, reason.author_name, reason.guest_email, reason.is_public) == (
            proposal.comment, "Ada", "ada@example.org", True
        )  # fmt: skip
        assert not reason.mentions.exists()
        publish_comment(post=reason.post, author=member, body="Two chairs?", parent=reason)
        assertContains(said, "Your position is: Block.")
        client.post(self.link(), {"stance": "agree", "body": "She can sit beside me."})
        assert self.held(proposal) == {"agree": 1}
        page = client.get(proposal.get_absolute_url())
        assertContains(page, "Ada (guest)", count=2)
        assertContains(page, "changed since", count=1)
        assertContains(
            signed_in(host).get(proposal.get_absolute_url()), "ada@example.org</bdi>: took a position"
        )
        assertContains(client.get(proposal.comment.post.get_absolute_url()), "She can sit beside me.")

    def test_guests_invited_during_the_discussion_are_notified_when_positions_open(
        self, client, signed_in, host, django_capture_on_commit_callbacks
    ):
        proposal = make_proposal(by=host, stage="discuss")
        people = [("Ada", "ada@example.org"), ("Ben", "ben@example.org"), ("Kit", "kit@example.org")]
        with django_capture_on_commit_callbacks(execute=True):
            invite(proposal, people, by=host)
        withdraw(proposal, Guest.objects.get(name="Ben").pk.hex)
        NoInvitations.objects.create(email="kit@example.org")
        mail.outbox.clear()
        for stage in ("sense", "sense", "decide"):
            with django_capture_on_commit_callbacks(execute=True):
                signed_in(host).post(f"{proposal.get_absolute_url()}stage/", {"stage": stage})
        [told] = mail.outbox
        assert (told.to, told.subject) == (
            ["ada@example.org"],
            "You can take your position now: A shorter table",
        )
        assert f"http://testserver{self.link()}\n" in told.body
        assert told.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_one_address_is_notified_of_three_openings_a_day(self, host, django_capture_on_commit_callbacks):
        """Otherwise anyone who opens proposals could send any number of emails to an address."""
        with django_capture_on_commit_callbacks(execute=True):
            proposals = []
            for number, day in enumerate([1, 1, 2, 2]):
                with time_machine.travel(f"2026-03-0{day} 12:00Z"):
                    proposals.append(make_proposal(by=host, stage="discuss", title=f"Proposal {number}"))
                    invite(proposals[-1], [("Ada", "ada@example.org")], by=host)
        with time_machine.travel("2026-03-02 12:00Z"), django_capture_on_commit_callbacks(execute=True):
            for proposal in proposals:
                move_on(proposal, "sense")
        subjects = [told.subject for told in mail.outbox if told.to == ["ada@example.org"]]
        assert [subject for subject in subjects if "You can take" in subject] == [
            f"You can take your position now: Proposal {number}" for number in range(3)
        ]
        assert len(subjects) == 7

    def test_from_a_blocked_network_nobody_takes_a_position(self, client, moderator, host, proposal):
        block_network("8.8.8.0/24", by=moderator, words="A flood came from there.", days=7)
        invite(proposal, [("Ada", "ada@example.org")], by=host)
        words = {"stance": "agree", "body": "Twelve it is."}
        there = client.post(self.link(), words, REMOTE_ADDR="8.8.8.8")
        assertContains(there, "can’t post from your network", status_code=422)
        assertContains(there, "Twelve it is.</textarea>", status_code=422)
        assert self.held(proposal) == {}
        client.post(self.link(), words, REMOTE_ADDR="9.9.9.9")
        assert self.held(proposal) == {"agree": 1}

    def test_it_waits_where_the_host_has_not_invited_them_or_something_is_in_it(self, client, host, member):
        DecisionSettings.objects.create(pk=1, members_ask=True)
        post = make_post(host)
        reasons = {}
        for name, by, body in (
            ("Ada", member, "No room for my aunt."),
            ("Ben", host, "See https://chairs.example/two for chairs."),
            ("Cy", host, "Cheap viagra and casino bonus, click https://pills.example/?buy now!!!"),
        ):
            proposal = make_proposal(post=post, by=by, title=f"Asked of {name}")
            invite(proposal, [(name, f"{name.lower()}@example.org")], by=by)
            said = client.post(self.link(name), {"stance": "block", "body": body}, follow=True)
            assertContains(said, "It counts once its reason is public.")
            reason = Position.objects.get(guest__name=name).reason
            reasons[name] = [one["code"] for one in reason.hold_reasons]
            assert (self.held(proposal), reason.is_held) == ({}, True)
            decide(reason, "approve", by=host)
            assert self.held(proposal) == {"block": 1}
        assert (reasons["Ada"], reasons["Ben"][-1]) == (["invited_guest"], "guest_link")
        assert len(reasons["Cy"]) > 2  # the spam filter's record

    def test_what_the_post_asks_holds_for_guests(self, client, host, proposal):
        invite(proposal, [("Ada", "ada@example.org")], by=host)
        words = {"stance": "agree", "body": "Good idea."}
        choose_rules(proposal.comment.post, policy=Policy.ALL)
        assertContains(client.post(self.link(), words, follow=True), "Your position is awaiting review.")
        Post.objects.update(comments_open=False)
        assertContains(client.get(self.link()), "Comments are closed.")
        late = client.post(self.link(), {"stance": "block", "body": "I was slow."})
        assertContains(late, "I was slow.", status_code=422)
        Post.objects.update(comments_open=True)
        close(proposal, by=host)
        late = client.post(self.link(), {"stance": "block", "body": "I was slow."})
        assertContains(late, "This proposal is closed.", status_code=422)
        assert Position.objects.get().stance == "agree"

    def test_a_guest_who_is_a_member_has_one_position(self, client, host, member, proposal):
        take_position(proposal, stance="agree", reason="Yes.", by=member)
        invite(proposal, [("Al", member.email)], by=host)
        client.post(self.link("Al"), {"stance": "block", "body": "I thought again."})
        assert self.held(proposal) == {"block": 1}
        take_position(proposal, stance="abstain", reason="Or not.", by=member)
        assert self.held(proposal) == {"abstain": 1}

    def test_guests_are_notified_of_the_outcome_and_find_it_behind_the_link(
        self, client, host, proposal, django_capture_on_commit_callbacks
    ):
        invite(proposal, [("Ada", "ada@example.org"), ("Ben", "ben@example.org")], by=host)
        client.post(self.link(), {"stance": "agree", "body": "Good idea."})
        client.post(self.link(), {"stance": "block", "body": "On second thoughts, no."})
        close(proposal, by=host)
        proposal.refresh_from_db()
        with django_capture_on_commit_callbacks(execute=True):
            state_outcome(proposal, text="We do it.", review_on=None, by=host)
        letters = [letter for letter in mail.outbox if letter.subject == "Outcome: A shorter table"]
        assert [letter.to for letter in letters] == [["ada@example.org"]]
        assertContains(client.get(self.link()), "We do it.")

    def test_guests_find_the_proposal_and_their_position_among_their_data(
        self, client, host, proposal, decision
    ):
        for asked in (proposal, decision):
            invite(asked, [("Ada", "ada@example.org")], by=host)
        page = f"/comments/guests/{make_token('ada@example.org')}/"
        data = client.get(f"{page}download/").json()
        assert [(row["title"], row["says"]) for row in data["proposals"]] == [("A shorter table", "")]
        assert [(row["title"], row["says"]) for row in data["polls"]] == [("What to drink?", "")]
        take_position_as_guest(Guest.objects.get(decision=proposal), stance="agree", reason="Good idea.")
        said = client.get(page)
        for words in (
            "Proposals you were invited to",
            "Your position: Agree",
            "Your invitations to proposals are deleted.",
        ):
            assertContains(said, words)

    def test_who_is_erased_keeps_one_position_without_a_name(self, client, host, proposal):
        invite(proposal, [("Ada", "ada@example.org")], by=host)
        client.post(self.link(), {"stance": "agree", "body": "Good idea."})
        erase_guest.call("ada@example.org", with_texts=False)
        page = client.get(proposal.get_absolute_url())
        assertNotContains(page, "Ada")
        assertContains(page, "A guest")
        invite(proposal, [("Ada", "ada@example.org")], by=host)
        client.post(self.link(), {"stance": "block", "body": "On second thoughts, no."})
        assert self.held(proposal) == {"block": 1}


PEOPLE = 2
# Each person has two addresses with an account for each, and may do all this in any order, repeatedly.
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["invite", "by link", "as member", "confirm", "merge", "erase"]),
        st.integers(0, PEOPLE - 1),
        st.integers(0, 1),
        st.integers(0, 1),
    ),
    max_size=14,
)


class World:
    """People and a decision. Invariant: each voter counts once, after all is confirmed and merged."""

    def __init__(self, decision: Callable[..., Decision], **fields: Any) -> None:
        self.host = make_host()
        self.decision = decision(by=self.host, **fields)
        self.options = list(self.decision.options.all())
        self.took_part, self.merged = set[int](), set[int]()
        self.accounts = [[make_member() for _address in range(2)] for _person in range(PEOPLE)]
        for person in self.accounts:
            for account in person:
                EmailAddress.objects.filter(user=account).update(email=f"main-{account.email}")
                EmailAddress.objects.create(user=account, email=account.email, verified=False)

    def account(self, person: int, which: int):
        account = self.accounts[person][0 if person in self.merged else which]
        account.refresh_from_db()
        return account

    def address(self, person: int, which: int) -> str:
        return self.accounts[person][which].email

    def do(self, deed: str, person: int, which: int, option: int) -> None:
        email = self.address(person, which)
        if deed == "invite":
            invite(self.decision, [(f"Guest {person}", email)], by=self.host)
        elif deed == "by link":
            guest = (
                Guest.objects.filter(email=email).select_related("decision__comment", "invited_by").first()
            )
            if guest is not None:
                self.take_part(person, guest, option)
        elif deed == "as member":
            self.take_part(person, self.account(person, which), option)
        elif deed == "erase":
            guest_erased.send(sender=Comment, email=email, comments=[])
        elif deed == "confirm":
            for address in EmailAddress.objects.filter(email=email, verified=False):
                address.verified = True
                address.save()
        elif person not in self.merged:
            kept, other = self.accounts[person]
            merge_accounts(kept, other, by=kept)
            self.merged.add(person)

    def take_part(self, person: int, who: Any, option: int) -> bool:
        """Return whether it was counted."""
        try:
            self.count(who, option)
        except ValidationError as error:
            if error.code != "voted":  # by another link of the same person
                raise
            return False
        finally:
            self.took_part.add(person)
        return True

    def count(self, who: Any, option: int) -> None:
        by_link = isinstance(who, Guest)
        if self.decision.is_poll:
            (cast_as_guest if by_link else partial(cast_vote, self.decision))(who, [self.options[option]])
            return
        words = {"stance": ["agree", "block"][option], "reason": f"Reason {Comment.objects.count()}."}
        if by_link:
            take_position_as_guest(who, **words)
        else:
            take_position(self.decision, by=who, **words)

    def settle(self) -> None:
        for person in range(PEOPLE):
            for which in range(2):
                self.do("confirm", person, which, 0)
            self.do("merge", person, 0, 0)


@settings(max_examples=figure(6, 40), deadline=None)
@given(deeds=DEEDS)
def test_in_any_order_of_inviting_voting_confirming_merging_and_erasing_each_counts_once(deeds):
    with transaction.atomic():
        world = World(make_poll)
        for deed in deeds:
            world.do(*deed)
        world.settle()
        assert results_of(world.decision).voters == len(world.took_part)
        assert Choice.objects.count() == len(world.took_part)
        transaction.set_rollback(True)


@settings(max_examples=figure(4, 30), deadline=None)
@given(deeds=DEEDS)
def test_in_any_order_each_has_one_position(deeds):
    with transaction.atomic():
        world = World(make_proposal)
        for deed in deeds:
            world.do(*deed)
        world.settle()
        assert Position.objects.filter(is_current=True).count() == len(world.took_part)
        transaction.set_rollback(True)


@settings(max_examples=figure(4, 30), deadline=None)
@given(before=DEEDS, after=DEEDS)
def test_a_secret_vote_is_final_by_every_way_that_is_known_to_be_the_same_persons(before, after):
    """One person's two votes are both kept if no one could know; once it is known, no second vote is taken."""
    with transaction.atomic():
        world = World(make_poll, is_secret=True)
        for deed in before:
            world.do(*deed)
        voted = set(world.took_part)
        world.settle()
        world.decision.refresh_from_db()
        ballots = world.decision.ballots
        for deed in after:
            world.do(*deed)
        world.decision.refresh_from_db()
        assert world.decision.ballots == ballots + len(world.took_part - voted)
        assert sum(option.sum for option in world.decision.options.all()) == world.decision.ballots
        assert not Choice.objects.exists()
        transaction.set_rollback(True)


def test_guests_are_invited_in_the_inviters_language_and_notified_in_their_own(
    client, signed_in, host, decision, django_capture_on_commit_callbacks
):
    save_settings({"languages": ["de", "fr"]}, by=None)
    User.objects.filter(pk=host.pk).update(language="de")
    with django_capture_on_commit_callbacks(execute=True):
        invite_on_page = f"{decision.get_absolute_url()}invite/"
        signed_in(host).post(invite_on_page, {"people": "Ada, ada@example.org"})
    client.post("/language/", {"language": "fr"})
    [path] = re.findall(r"http://testserver(/decisions/by-link/\S+?/)\s", mail.outbox[0].body)[:1]
    client.post(path, {"option": key_of(decision, "Tea")})
    with django_capture_on_commit_callbacks(execute=True):
        close(decision, by=host)
        decision.refresh_from_db()
        state_outcome(decision, text="Tea it is.", review_on=None, by=host)
    subjects = [one.subject.replace("\xa0", " ") for one in mail.outbox if one.to == ["ada@example.org"]]
    assert subjects == ["Deine Stimme ist gefragt: What to drink?", "Issue : What to drink?"]
