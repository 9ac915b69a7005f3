"""People who vote, change their votes and close the poll at the same time."""

from functools import partial

import pytest
from django.core.exceptions import ValidationError

from decisions.models import Choice, Decision, Voter
from decisions.services.settling import close
from decisions.services.voting import cast_vote, results_of
from tests.comments.test_concurrency import in_threads
from tests.decisions.asked import a_poll
from tests.factories import make_host, make_member, switch_on

pytestmark = pytest.mark.django_db(transaction=True)


def try_to(do, *args, said: list[str], **kwargs) -> None:
    try:
        do(*args, **kwargs)
    except ValidationError as error:
        said.append(error.message)


def test_a_member_who_votes_twice_at_once_has_one_vote():
    switch_on("decisions")
    named, secret = a_poll(), a_poll(title="In secret?", is_secret=True)
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
    assert said == ["You’ve voted already. A secret vote can’t be changed."] * 2


def test_two_who_close_it_at_once_and_one_who_votes():
    switch_on("decisions")
    decision, hosts, said = a_poll(), [make_host("carol"), make_host("dora")], list[str]()
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
        words for words in said if words.startswith(f"{there.closed_by.username} closed this already, on ")
    ]
    assert (len(told), other in "".join(said)) == (1, False)
    # The vote came before, and counts, or after, and was refused.
    refused = "This poll is closed: votes aren’t counted any more." in said
    assert results_of(there).voters == (0 if refused else 1)
