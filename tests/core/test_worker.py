"""The worker runs tasks, comes back to what a killed one left, and tidies up."""

import smtplib
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from core import housekeeping
from core.housekeeping import KEEP_FINISHED, MAX_STARTS, STUCK_AFTER, Chore, forget_finished_tasks, rescue_tasks
from core.tasks import MAIL_PAUSES_MINUTES, enqueue_mail

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

ran: list[str] = []


@task()
def remember(word: str) -> None:
    ran.append(word)


@task()
def break_down() -> None:
    raise RuntimeError("as it was told")


@pytest.fixture(autouse=True)
def tasks_in_the_database(settings) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}}
    ran.clear()


def work() -> None:
    call_command("worker", "--once")


def leave_running(word: str, *, minutes_ago: float, starts: int = 1) -> DBTaskResult:
    """A task as a killed worker leaves it."""
    result = remember.enqueue(word)
    DBTaskResult.objects.filter(pk=result.id).update(
        status=TaskResultStatus.RUNNING, started_at=timezone.now() - timedelta(minutes=minutes_ago), worker_ids=[f"w{n}" for n in range(starts)]
    )
    return DBTaskResult.objects.get(pk=result.id)


def a_mail() -> EmailMultiAlternatives:
    message = EmailMultiAlternatives("Hello", "Words", "The Long Table <hello@example.org>", ["ann@example.org"], headers={"X-Kind": "test"})
    message.attach_alternative("<p>Words</p>", "text/html")
    return message


def test_tasks_are_run_in_the_order_they_came():
    for word in ("one", "two", "three"):
        remember.enqueue(word)
    assert ran == []
    work()
    assert ran == ["one", "two", "three"]
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {TaskResultStatus.SUCCESSFUL}


def test_a_task_of_a_transaction_that_was_taken_back_never_was():
    with transaction.atomic():
        remember.enqueue("never")
        transaction.set_rollback(True)
    work()
    assert ran == []


def test_a_task_that_fails_is_kept_with_its_reason_and_holds_up_nobody():
    break_down.enqueue()
    remember.enqueue("next")
    work()
    assert ran == ["next"]
    assert "as it was told" in DBTaskResult.objects.failed().get().traceback


def test_a_task_whose_worker_was_killed_is_run_again():
    left = leave_running("again", minutes_ago=11)
    work()
    assert ran == ["again"]
    left.refresh_from_db()
    assert (left.status, len(left.worker_ids)) == (TaskResultStatus.SUCCESSFUL, 2)


def test_a_task_that_is_still_being_run_is_left_alone():
    left = leave_running("busy", minutes_ago=STUCK_AFTER.total_seconds() / 60 - 1)
    assert rescue_tasks() == (0, 0)
    work()
    assert ran == []
    left.refresh_from_db()
    assert left.status == TaskResultStatus.RUNNING


def test_a_task_that_kills_every_worker_is_given_up():
    leave_running("poison", minutes_ago=30, starts=MAX_STARTS)
    assert rescue_tasks() == (0, 1)
    work()
    assert ran == []
    failed = DBTaskResult.objects.failed().get()
    assert failed.traceback == "Begun 5 times, never ended."
    assert failed.task_result.errors[0].exception_class is housekeeping.AbandonedTask


def test_the_starts_of_a_task_are_counted_over_its_rescues():
    left = leave_running("poison", minutes_ago=30, starts=MAX_STARTS - 1)
    assert rescue_tasks() == (1, 0)
    left.refresh_from_db()
    left.claim("the last")
    DBTaskResult.objects.update(started_at=timezone.now() - timedelta(hours=1))
    assert rescue_tasks() == (0, 1)


def test_records_of_ended_tasks_are_kept_for_two_weeks():
    for days in (13, 15):
        DBTaskResult.objects.filter(pk=remember.enqueue(str(days)).id).update(
            status=TaskResultStatus.SUCCESSFUL, finished_at=timezone.now() - timedelta(days=days)
        )
    remember.enqueue("waiting")
    assert KEEP_FINISHED.days == 14
    assert forget_finished_tasks() == 1
    assert [result.args_kwargs["args"] for result in DBTaskResult.objects.order_by("enqueued_at")] == [["13"], ["waiting"]]


def test_sessions_that_ended_are_cleared():
    for key, days in (("old", -1), ("new", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + timedelta(days=days))
    work()
    assert [session.session_key for session in Session.objects.all()] == ["new"]


def test_a_chore_is_done_at_the_start_and_then_each_time_it_is_due():
    done: list[int] = []
    chore = Chore(lambda: done.append(1), every=timedelta(minutes=2))
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert chore.run_if_due()
        clock.shift(timedelta(minutes=1, seconds=59))
        assert not chore.run_if_due()
        clock.shift(timedelta(seconds=1))
        assert chore.run_if_due()
    assert done == [1, 1]


def test_looking_for_tasks_takes_no_lock(django_assert_num_queries):
    from core.management.commands.worker import BatchWorker  # noqa: PLC0415 - a command, not a module of ours elsewhere

    worker = BatchWorker()
    with django_assert_num_queries(1) as queries:
        assert not worker.has_work()
    assert queries.captured_queries[0]["sql"].startswith("SELECT")


# --- mail ----------------------------------------------------------------------------


def test_a_mail_arrives_as_it_was_written():
    enqueue_mail(a_mail())
    work()
    sent = mail.outbox[0]
    assert (sent.subject, sent.body, sent.from_email, sent.to, sent.extra_headers) == (
        "Hello", "Words", "The Long Table <hello@example.org>", ["ann@example.org"], {"X-Kind": "test"},
    )  # fmt: skip
    assert [tuple(part) for part in sent.alternatives] == [("<p>Words</p>", "text/html")]


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError(), smtplib.SMTPServerDisconnected(), smtplib.SMTPDataError(451, b"later")])
def test_a_mail_that_cannot_be_sent_is_tried_again_later(error, monkeypatch):
    def refuse(*_args: object) -> None:
        raise error

    enqueue_mail(a_mail())
    with time_machine.travel(timezone.now(), tick=False) as clock:
        with monkeypatch.context() as broken:
            broken.setattr(EmailMultiAlternatives, "send", refuse)
            work()
        work()
        assert mail.outbox == []
        waiting = DBTaskResult.objects.get(status=TaskResultStatus.READY)
        assert waiting.run_after == timezone.now() + timedelta(minutes=1)
        clock.shift(timedelta(minutes=1))
        work()
    assert [message.subject for message in mail.outbox] == ["Hello"]


def test_a_mail_that_can_never_be_sent_is_given_up_in_the_end(monkeypatch):
    tries = 0

    def refuse(*_args: object) -> None:
        nonlocal tries
        tries += 1
        raise ConnectionRefusedError("no mail server")

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    enqueue_mail(a_mail())
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for pause in [0, *MAIL_PAUSES_MINUTES]:
            clock.shift(timedelta(minutes=pause))
            work()
    assert tries == len(MAIL_PAUSES_MINUTES) + 1
    assert not DBTaskResult.objects.filter(status=TaskResultStatus.READY).exists()
    assert "no mail server" in DBTaskResult.objects.failed().get().traceback


def test_a_mistake_in_a_mail_is_not_tried_again(monkeypatch):
    def break_mail(*_args: object) -> None:
        raise ValueError("a header with a line break")

    monkeypatch.setattr(EmailMultiAlternatives, "send", break_mail)
    enqueue_mail(a_mail())
    work()
    assert [result.status for result in DBTaskResult.objects.all()] == [TaskResultStatus.FAILED]
