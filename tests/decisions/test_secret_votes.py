"""A secret vote is final, and nothing reveals who chose what."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.services.export import all_parts
from decisions.models import Choice, Decision, Guest, Option, Voter
from decisions.services.inviting import invite, link_of
from decisions.services.settling import close
from decisions.services.voting import results_of
from tests.decisions.factories import make_poll
from tests.factories import make_member, switch_on

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def switched_on(db):
    switch_on("decisions")


@pytest.fixture
def decision() -> Decision:
    return make_poll("Tea", "Coffee", is_secret=True, title="What to drink?")


def vote(client, decision: Decision, *texts: str, **kwargs):
    chosen = [str(decision.options.get(text=text).pk) for text in texts]
    return client.post(f"{decision.get_absolute_url()}vote/", {"option": chosen}, follow=True, **kwargs)


def test_it_counts_once_and_cannot_be_changed(signed_in, member, decision):
    alice = signed_in(member)
    assertContains(alice.get(decision.get_absolute_url()), "No one can find out what you chose")
    assertContains(vote(alice, decision, "Tea"), "Your vote was counted.")
    again = vote(alice, decision, "Coffee")
    assert again.status_code == 422
    assertContains(again, "You’ve already voted. A secret vote can’t be changed.", status_code=422)
    assertContains(alice.get(decision.get_absolute_url()), "Your choice isn’t stored with your name")
    assert list(decision.options.values_list("text", "sum")) == [("Tea", 1), ("Coffee", 0)]


def test_results_are_shown_to_nobody_before_it_is_closed(client, signed_in, host, member, decision):
    for voter in (member, make_member(), make_member()):
        vote(signed_in(voter), decision, "Tea")
    for reader in (client, signed_in(member), signed_in(host)):
        assertContains(reader.get(decision.get_absolute_url()), "They are shown once the poll is closed.")
    close(decision, by=host)
    page = client.get(decision.get_absolute_url())
    assertContains(page, "3 votes (100%)")
    assertNotContains(page, "alice")


def test_results_of_one_or_two_are_shown_to_nobody_since_they_tell_who_chose_what(
    client, signed_in, host, decision
):
    for voter in (make_member(), make_member()):
        vote(signed_in(voter), decision, "Tea")
    close(decision, by=host)
    for reader in (client, signed_in(host)):
        page = reader.get(decision.get_absolute_url())
        assertContains(page, "Fewer than three people voted")
        assertNotContains(page, "votes (")


def database() -> dict[str, list[dict]]:
    """Return every row of every table, except random values and those of the sign-in."""
    random = {"sessions", "usersessions"}
    return {
        model._meta.label: sorted(
            (
                {key: value for key, value in row.items() if not (model is Voter and key == "id")}
                for row in model._base_manager.order_by().values()
            ),
            key=repr,
        )
        for model in apps.get_models()
        if model._meta.app_label not in random
    }


def test_the_database_and_the_log_do_not_depend_on_who_chose_what(signed_in, caplog, decision):
    """One votes for tea, one for coffee. Either way all stored data is equal: nothing links voter and vote."""
    people = [make_member("ann"), make_member("ben")]
    clients = [signed_in(person) for person in people]
    left = []
    for choices in (("Tea", "Coffee"), ("Coffee", "Tea")):
        caplog.clear()
        with caplog.at_level(logging.INFO), transaction.atomic():
            for client, choice in zip(clients, choices, strict=True):
                assert vote(client, decision, choice).status_code == 200
            left.append((database(), [record.getMessage() for record in caplog.records]))
            transaction.set_rollback(True)
    assert left[0] == left[1]
    assert left[0][0]["decisions.Choice"] == []
    assert [row["sum"] for row in left[0][0]["decisions.Option"]] == [1, 1]


def test_what_guests_leave_does_not_depend_on_who_chose_what(client, host, caplog, decision):
    """By emailed links: who has voted is known, their choice is not, and it is final."""
    invite(decision, [("Ada", "ada@example.org"), ("Ben", "ben@example.org")], by=host)
    links = [link_of(guest).removeprefix("http://testserver") for guest in Guest.objects.order_by("name")]
    assertContains(client.get(links[0]), "No one can find out what you chose")
    left = []
    for choices in (("Tea", "Coffee"), ("Coffee", "Tea")):
        caplog.clear()
        with caplog.at_level(logging.INFO), transaction.atomic():
            for link, choice in zip(links, choices, strict=True):
                chosen = {"option": decision.options.get(text=choice).pk}
                assertContains(client.post(link, chosen, follow=True), "Your vote was counted.")
            again = client.post(links[0], {"option": decision.options.get(text="Tea").pk})
            assertContains(again, "A secret vote can’t be changed.", status_code=422)
            assertContains(client.get(links[0]), "Your choice isn’t stored with your name")
            # Which voter belongs to which guest is random, like the voter's key.
            tables = database()
            voted = [row.pop("voter_id") is not None for row in tables["decisions.Guest"]]
            left.append((tables, voted, [record.getMessage() for record in caplog.records]))
            transaction.set_rollback(True)
    assert left[0] == left[1]
    assert (left[0][0]["decisions.Choice"], left[0][1]) == ([], [True, True])
    assert [row["sum"] for row in left[0][0]["decisions.Option"]] == [1, 1]


def test_a_vote_writes_all_options_at_once_so_none_looks_newer(
    signed_in, member, decision, django_assert_num_queries
):
    vote(signed_in(make_member("ann")), decision, "Tea")
    vote(signed_in(member), decision, "Coffee")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT xmin::text FROM decisions_option WHERE decision_id = %s", [decision.pk]
            )
            assert len(cursor.fetchall()) == 1
    assert not Choice.objects.exists()


def test_who_has_voted_has_no_time_and_no_number_in_order():
    columns = {field.name: field.get_internal_type() for field in Voter._meta.concrete_fields}
    assert columns == {"id": "UUIDField", "decision": "ForeignKey", "member": "ForeignKey"}
    assert {field.name for field in Option._meta.concrete_fields} == {
        "id",
        "decision",
        "position",
        "text",
        "sum",
    }


def test_the_export_says_that_what_was_chosen_is_not_stored(signed_in, member, decision):
    vote(signed_in(member), decision, "Tea")
    [part] = [part for part in all_parts() if part.key == "votes"]
    assert list(part.rows(member)) == [
        {"title": "What to drink?", "chosen": ["A secret vote: your choice isn’t stored with your name."]}
    ]
    Voter.objects.filter(member=member).delete()
    assert results_of(decision).voters == 0 or Decision.objects.get().ballots == 1


def test_ranked_and_several_are_secret_too(signed_in, member, host):
    several = make_poll("Tea", "Coffee", "Milk", is_secret=True, method="several", most=2)
    vote(signed_in(member), several, "Tea", "Milk")
    ranked = make_poll("Tea", "Coffee", "Milk", is_secret=True, method="ranked", title="In order?")
    places = {f"place_{one.pk}": str(one.position) for one in ranked.options.all()}
    signed_in(member).post(f"{ranked.get_absolute_url()}vote/", places)
    assert [one.sum for one in several.options.all()] == [1, 0, 1]
    assert [one.sum for one in ranked.options.all()] == [3, 2, 1]


def test_times_are_of_the_opening_alone(signed_in, member, decision):
    """No timestamp in the tables of decisions changes when someone votes."""
    rows = []
    now = timezone.now()
    for hours in (1, 11):
        with time_machine.travel(now + timedelta(hours=hours)), transaction.atomic():
            Decision.objects.update(opens_at=now, closes_at=now + timedelta(days=9))
            vote(signed_in(member), decision, "Tea")
            rows.append({key: value for key, value in database().items() if key.startswith("decisions.")})
            transaction.set_rollback(True)
    assert rows[0] == rows[1]
