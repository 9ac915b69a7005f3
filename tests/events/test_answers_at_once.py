"""Many answer at the same time: no place is given twice, and nobody's answer is lost."""

from functools import partial

import pytest

from events.models import Answer, Occurrence
from events.services.answers import give_answer
from events.services.planning import change_event, propose_event
from tests.comments.test_concurrency import in_threads
from tests.events.plans import a_plan
from tests.factories import make_host, make_member, switch_on

pytestmark = pytest.mark.django_db(transaction=True)


def test_five_people_want_two_places_and_two_of_those_who_have_one_give_it_back():
    switch_on("events")
    occurrence = propose_event(a_plan(places=2), by=make_host()).occurrences.get()
    people = [make_member() for _number in range(5)]
    in_threads([partial(give_answer, occurrence, person, "yes") for person in people])
    coming = Answer.objects.filter(is_waiting=False).values_list("member", flat=True)
    assert (len(coming), Answer.objects.count(), Occurrence.objects.get().taken) == (2, 5, 2)
    in_threads([partial(give_answer, occurrence, person, "no") for person in people if person.pk in coming])
    now = {answer.member_id for answer in Answer.objects.filter(says="yes", is_waiting=False)}
    assert (len(now), now & {*coming}, Occurrence.objects.get().taken) == (2, set(), 2)


def test_a_host_changes_an_event_while_people_answer_and_nobody_waits_for_ever():
    switch_on("events")
    host = make_host()
    event = propose_event(a_plan(places=2), by=host)
    occurrence, people = event.occurrences.get(), [make_member() for _number in range(8)]
    changes = [partial(change_event, event, a_plan(places=places), by=host) for places in range(8, 16)]
    in_threads(
        [
            each
            for pair in zip(
                [partial(give_answer, occurrence, one, "yes") for one in people], changes, strict=True
            )
            for each in pair
        ]
    )
    assert (
        Answer.objects.count(),
        Answer.objects.filter(is_waiting=True).count(),
        Occurrence.objects.get().taken,
    ) == (8, 0, 8)
