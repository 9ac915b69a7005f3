"""Concurrent answers: no place is given twice, and no answer is lost."""

from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Answer, Event, GuestRequest, Occurrence
from events.services.answers import give_answer, give_guest_answer
from events.services.guests import confirm
from events.services.planning import change_event, decide_event, propose_event
from notifications.models import Notification
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


def test_an_address_that_becomes_a_members_while_its_guest_confirms_counts_once_and_as_the_members():
    switch_on("events")
    occurrence = propose_event(a_plan(), by=make_host()).occurrences.get()
    for number in range(6):
        member = make_member()
        email = f"guest{number}@example.org"
        asked = GuestRequest.objects.create(occurrence=occurrence, says="yes", name="Gus", email=email)
        joins = partial(EmailAddress.objects.create, user=member, email=email, verified=True)
        in_threads([partial(confirm, asked), joins])
        assert list(occurrence.answers.filter(member=member).values_list("says", "guest_email")) == [
            ("yes", "")
        ]
    assert (Answer.objects.count(), Occurrence.objects.get().taken) == (6, 6)


@pytest.mark.sql
def test_a_guest_in_another_language_locks_the_event_before_any_answer():
    """A request that gives free places to waiting members locks the event, too, and writes the same rows."""
    switch_on("events")
    occurrence = propose_event(a_plan(), by=make_host()).occurrences.get()
    give_guest_answer(occurrence, "yes", email="gus@example.org", name="Gus", language="de")
    with CaptureQueriesContext(connection) as queries:
        give_guest_answer(occurrence, "no", email="gus@example.org", name="Gus", language="fr")
    said = [one["sql"] for one in queries]
    locked = next(number for number, sql in enumerate(said) if 'FROM "posts_post"' in sql)
    answers = [number for number, sql in enumerate(said) if sql.startswith('UPDATE "events_answer"')]
    assert (bool(answers), min(answers) > locked, Answer.objects.get().guest_language) == (True, True, "fr")


def test_two_hosts_cancel_an_event_and_everyone_is_notified_once():
    switch_on("events")
    hosts = [make_host("nora"), make_host("imke")]
    event = propose_event(a_plan(), by=hosts[0])
    give_answer(event.occurrences.get(), guest := make_member(), "yes")
    done = []
    in_threads(
        [lambda host=host: done.append(decide_event(event, Event.State.CANCELLED, by=host)) for host in hosts]
    )
    assert (sorted(done), Event.objects.get().state) == ([False, True], "cancelled")
    assert Notification.objects.filter(member=guest).count() == 1
