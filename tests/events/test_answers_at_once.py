"""Many answer at the same time: no place is given twice, and nobody's answer is lost."""

from functools import partial

import pytest

from events.models import Answer, Occurrence
from events.services.answers import give_answer
from events.services.planning import propose_event
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
