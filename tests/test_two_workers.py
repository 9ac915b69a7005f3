"""Periodic tasks of the optional parts act exactly once, with two workers, killed at any statement."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.test import override_settings
from django_tasks_db.models import DBTaskResult

from accounts.models import Follow
from birthdays.services.telling import announce_birthdays
from closer.models import Choice, Reminder
from closer.services.choices import choose
from closer.services.reminders import send_reminders
from closer.services.weekly_email import send_weekly_emails
from events.models import Answer, Occurrence
from events.services.answers import give_answer
from events.services.planning import propose_event
from events.services.reminders import remind
from memorials.models import UNDO_FOR, Memorial, Step
from memorials.tasks import settle_memorials
from notifications.models import FanOut, Notification
from rooms.models import Room
from rooms.tasks import ask_rooms
from tests.closer.test_people import exchange
from tests.closer.test_weekly_email import visited, write
from tests.comments.random_writer import TASKS_AS_ROWS
from tests.comments.test_concurrency import in_threads
from tests.events.plans import a_plan
from tests.factories import make_host, make_member, switch_on
from tests.figures import figure
from tests.memorials.people import a_memorial
from tests.processes import Forked

pytestmark = [pytest.mark.sql, pytest.mark.django_db(transaction=True)]

# A Wednesday.
NOW = datetime(2026, 6, 3, 12, tzinfo=UTC)
TASKS: list[Callable[[], object]] = [
    send_weekly_emails,
    send_reminders,
    remind,
    announce_birthdays,
    settle_memorials,
]


@pytest.fixture
def waiting(settings):
    """Make one action due for each of the tasks."""
    settings.TASKS = TASKS_AS_ROWS
    with time_machine.travel(NOW, tick=False):
        switch_on("closer", "events", "birthdays", "memorials", "rooms")
        host = make_host("hostess")
        two = [make_member(name, email=f"{name}@example.org") for name in ("kay", "lou")]
        for member in two:
            choose(member, letter=member is two[0], reminders=True)
        Choice.objects.filter(letter_due_at__isnull=False).update(letter_due_at=NOW - timedelta(hours=1))
        Choice.objects.update(reminder_due_at=NOW - timedelta(hours=1))
        exchange(*two, 3, begin=NOW - timedelta(days=300))
        write(visited(two[0], "busy"), "ann", "bob")
        occurrence = propose_event(a_plan(), by=host).occurrences.get()
        give_answer(occurrence, two[0], "yes")
        Answer.objects.create(
            occurrence=occurrence, says="yes", guest_name="Uwe", guest_email="uwe@example.org"
        )
        Occurrence.objects.update(starts_at=NOW + timedelta(hours=20), ends_at=NOW + timedelta(hours=22))
        born = make_member(
            "ada", birthday_day=3, birthday_month=6, birthday_seen_by="all", birthday_told=True
        )
        Follow.objects.create(follower=two[1], followed=born)
        a_memorial()
        Memorial.objects.update(opened_at=NOW - UNDO_FOR - timedelta(days=1))
        Room.objects.create(name="Kitchen", kind="discord", address="https://discord.example/1", source="1")
        DBTaskResult.objects.all().delete()
        Notification.objects.all().delete()
        yield


def done() -> dict[str, Any]:
    mails = Counter(
        (task.args_kwargs["args"][0]["to"][0].partition("@")[0], task.args_kwargs["args"][0]["subject"])
        for task in DBTaskResult.objects.filter(queue_name="mail")
    )
    return {
        "mails": mails,
        "reminded": list(Notification.objects.values_list("member__username", "kind")),
        "pairs": Reminder.objects.count(),
        "birthdays": FanOut.objects.filter(post__kind="birthday").count(),
        "settled": Step.objects.filter(kind="settled").count(),
    }


ONCE = {
    "mails": Counter(
        {
            ("kay", "Worth going back to at The Long Table"): 1,
            ("kay", "You and lou at The Long Table"): 1,
            ("lou", "You and kay at The Long Table"): 1,
            ("uwe", "hostess’s event begins soon: Gathering"): 1,
        }
    ),
    "reminded": [("kay", "event_reminders")],
    "pairs": 1,
    "birthdays": 1,
    "settled": 1,
}


def test_two_workers_at_once_do_each_thing_once(waiting):
    for task in TASKS:
        in_threads([task, task])
    assert done() == ONCE
    in_threads([ask_rooms, ask_rooms])
    assert DBTaskResult.objects.filter(task_path="rooms.tasks.ask_room").count() == 1


def work_until(database: str, statement: int) -> None:
    """Run all tasks, but exit at that statement."""
    connection.settings_dict["NAME"] = database
    left = [statement]

    def count(execute: Callable[..., Any], *given: Any) -> Any:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*given)

    with (
        override_settings(TASKS=TASKS_AS_ROWS),
        time_machine.travel(NOW, tick=False),
        connection.execute_wrapper(count),
    ):
        for task in TASKS:
            task()


@pytest.mark.full
@pytest.mark.slow  # a process for each kill
def test_what_a_killed_worker_left_is_done_by_the_next_and_once(waiting):
    database, statement, kills = str(connection.settings_dict["NAME"]), 1, 0
    connections.close_all()
    while True:
        process = Forked(work_until, database, statement, is_heard=False)
        status = process.wait()
        process.close()
        if status == 0:
            break
        assert status == -signal.SIGKILL
        kills, statement = kills + 1, statement + figure(3, 1)
    assert kills > 5
    assert done() == ONCE
