"""Concurrent votes, changed votes, closing of a poll, and withdrawn invitations."""

from functools import partial

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from decisions.models import Choice, Decision, Guest, Voter
from decisions.services.inviting import invite, withdraw
from decisions.services.positions import move_on
from decisions.services.settling import close
from decisions.services.voting import cast_as_guest, cast_vote, results_of
from tests.comments.test_concurrency import in_threads
from tests.decisions.factories import make_poll, make_proposal
from tests.factories import make_host, make_member, switch_on

pytestmark = pytest.mark.django_db(transaction=True)


def try_to(do, *args, said: list[str], **kwargs) -> None:
    try:
        do(*args, **kwargs)
    except ValidationError as error:
        said.append(error.message)


def test_a_member_who_votes_twice_at_once_has_one_vote():
    switch_on("decisions")
    named, secret = make_poll(), make_poll(title="In secret?", is_secret=True)
    member, said = make_member(), list[str]()
    votes = [partial(try_to, cast_vote, named, member, [option], said=said) for option in named.options.all()]
    votes += [
        partial(try_to, cast_vote, secret, member, [option], said=said) for option in secret.options.all()
    ]
    in_threads(votes)
    assert (Voter.objects.filter(decision=named).count(), Choice.objects.count()) == (1, 1)
    assert (
        sum(secret.options.values_list("sum", flat=True)) == Decision.objects.get(pk=secret.pk).ballots == 1
    )
    assert said == ["You’ve already voted. A secret vote can’t be changed."] * 2


def test_two_who_close_it_at_once_and_one_who_votes():
    switch_on("decisions")
    decision, hosts, said = make_poll(), [make_host("carol"), make_host("dora")], list[str]()
    [option, *_others] = decision.options.all()
    in_threads(
        [
            *(partial(try_to, close, decision, by=host, said=said) for host in hosts),
            partial(try_to, cast_vote, decision, make_member(), [option], said=said),
        ]
    )
    there = Decision.objects.get()
    other = ({"carol", "dora"} - {there.closed_by.username}).pop()
    assert there.closed_by in hosts
    told = [
        words for words in said if words.startswith(f"{there.closed_by.username} already closed this on ")
    ]
    assert (len(told), other in "".join(said)) == (1, False)
    # The vote came before, and counts, or after, and was refused.
    refused = "This poll is closed: votes aren’t counted any more." in said
    assert results_of(there).voters == (0 if refused else 1)


def test_who_votes_while_the_invitation_is_withdrawn_has_voted_or_is_not_invited():
    switch_on("decisions")
    host, said = make_host(), list[str]()
    decision = make_poll(by=host)
    [option, *_others] = decision.options.all()
    invite(decision, [(f"Guest {n}", f"{n}@example.org") for n in range(6)], by=host)
    guests = list(Guest.objects.all())
    both = [
        (
            partial(withdraw, decision, guest.pk.hex),
            partial(try_to, cast_as_guest, guest, [option], said=said),
        )
        for guest in guests
    ]
    in_threads([one for pair in both for one in pair])
    voted = {guest.pk for guest in Guest.objects.exclude(voter=None)}
    withdrawn = {guest.pk for guest in Guest.objects.exclude(withdrawn_at=None)}
    assert (voted | withdrawn, voted & withdrawn) == ({guest.pk for guest in guests}, set())
    assert said == ["This invitation was withdrawn."] * len(withdrawn)
    assert results_of(decision).voters == len(voted)


def test_two_who_move_a_proposal_on_at_once_send_each_guest_one_email():
    switch_on("decisions")
    host, moved = make_host(), list[bool]()
    decision = make_proposal(by=host, stage="discuss")
    invite(decision, [("Ada", "ada@example.org"), ("Ben", "ben@example.org")], by=host)
    mail.outbox.clear()
    in_threads([lambda: moved.append(move_on(Decision.objects.get(), "sense")) for _ in range(3)])
    assert sorted(moved) == [False, False, True]
    assert sorted(told.to for told in mail.outbox) == [["ada@example.org"], ["ben@example.org"]]
