"""The worker runs tasks, recovers those of a killed worker, and cleans up."""

import re
import smtplib
import time
from datetime import timedelta
from unittest.mock import ANY

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult
from pytest_django.asserts import assertContains, assertNotContains

from core.models import Worker
from core.tasks import periodic
from core.tasks.heartbeat import beat
from core.tasks.mail import MAIL_PAUSES_MINUTES, enqueue_mail
from core.tasks.periodic import KEEP_FINISHED, MAX_STARTS, PeriodicTask, forget_finished_tasks, rescue_tasks
from notifications.models import EmailSuppression
from tests.factories import make_member

pytestmark = pytest.mark.django_db(transaction=True)

ran: list[str] = []
SECRET = "pässword"  # noqa: S105 - of no one


@task()
def remember(word: str) -> None:
    ran.append(word)


@task()
def remember_more(word: str, how: str = "") -> None:
    ran.append(f"{word} {how}")


@task()
def break_down() -> None:
    raise RuntimeError("as it was told")


@pytest.fixture(autouse=True)
def tasks_in_the_database(settings) -> None:
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}
    }
    ran.clear()


@pytest.fixture(autouse=True)
def a_clock_that_was_steady(monkeypatch) -> None:
    """Reset the clock's state: earlier tests may have travelled in time."""
    monkeypatch.setattr(periodic, "_clock", periodic.SteadyClock())


def work() -> None:
    call_command("worker", "--once")


def leave_running(word: str, *, minutes_ago: float, starts: int = 1) -> DBTaskResult:
    """Create a task as a killed worker leaves it."""
    result = remember.enqueue(word)
    DBTaskResult.objects.filter(pk=result.id).update(
        status=TaskResultStatus.RUNNING,
        started_at=timezone.now() - timedelta(minutes=minutes_ago),
        worker_ids=[f"w{n}" for n in range(starts)],
    )
    return DBTaskResult.objects.get(pk=result.id)


def a_mail() -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        "Hello",
        "Words",
        "The Long Table <hello@example.org>",
        ["ann@example.org"],
        headers={"X-Kind": "test"},
    )
    message.attach_alternative("<p>Words</p>", "text/html")
    return message


def test_tasks_are_run_in_the_order_they_came():
    for word in ("one", "two", "three"):
        remember.enqueue(word)
    assert ran == []
    work()
    assert ran == ["one", "two", "three"]
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {TaskResultStatus.SUCCESSFUL}


def test_a_task_of_a_transaction_that_was_rolled_back_does_not_exist():
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


def test_a_task_whose_worker_was_killed_is_run_again_within_a_minute():
    left = leave_running("again", minutes_ago=0.7)
    work()
    assert ran == ["again"]
    left.refresh_from_db()
    assert (left.status, len(left.worker_ids)) == (TaskResultStatus.SUCCESSFUL, 2)


def test_a_task_that_is_still_being_run_is_left_alone():
    left = leave_running("busy", minutes_ago=60 * 5)
    Worker.objects.create(key="w0", beat_at=timezone.now() - timedelta(seconds=39))
    assert rescue_tasks() == (0, 0)
    work()
    assert ran == []
    left.refresh_from_db()
    assert left.status == TaskResultStatus.RUNNING


def test_a_task_that_its_own_worker_let_go_of_is_run_again():
    """The worker runs, but the database was unavailable when it wanted to store the task's result."""
    left = leave_running("again", minutes_ago=2)
    DBTaskResult.objects.filter(pk=left.pk).update(worker_ids=[periodic.WORKER_KEY])
    Worker.objects.create(key=periodic.WORKER_KEY)
    periodic.tasks_in_hand.add(str(left.pk))
    assert rescue_tasks() == (0, 0)
    periodic.tasks_in_hand.clear()
    assert rescue_tasks() == (1, 0)


def test_a_task_that_kills_every_worker_is_given_up():
    leave_running("poison", minutes_ago=30, starts=MAX_STARTS)
    assert rescue_tasks() == (0, 1)
    work()
    assert ran == []
    failed = DBTaskResult.objects.failed().get()
    assert failed.traceback == "Started 5 times, never finished."
    assert failed.task_result.errors[0].exception_class is periodic.AbandonedTask


def test_a_task_of_another_version_waits_a_day_for_a_worker_that_knows_it(monkeypatch):
    """During an update, workers and web processes of both versions run."""
    path = f"{__name__}.of_tomorrow"
    now = timezone.now()
    for word, hours in (("new", 0), ("forgotten", 25)):
        DBTaskResult.objects.filter(pk=remember.enqueue(word).id).update(
            task_path=path, enqueued_at=now - timedelta(hours=hours)
        )
    work()
    states = dict(DBTaskResult.objects.order_by("enqueued_at").values_list("status", "worker_ids"))
    assert (ran, [*states], states[TaskResultStatus.READY]) == (
        [],
        [TaskResultStatus.FAILED, TaskResultStatus.READY],
        [],
    )
    monkeypatch.setattr(f"{__name__}.of_tomorrow", remember, raising=False)
    with time_machine.travel(now + timedelta(minutes=2)):
        work()
    assert ran == ["new"]


def test_a_task_with_an_argument_of_another_version_waits_for_its_worker_too(monkeypatch):
    remember.enqueue("old")
    DBTaskResult.objects.filter(pk=remember.enqueue("new").id).update(
        args_kwargs={"args": ["new", "by the later version"], "kwargs": {}}
    )
    work()
    assert ran == ["old"]

    monkeypatch.setattr(f"{__name__}.remember", remember_more)
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        work()
    assert ran == ["old", "new by the later version"]


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
    assert [result.args_kwargs["args"] for result in DBTaskResult.objects.order_by("enqueued_at")] == [
        ["13"],
        ["waiting"],
    ]


def test_sessions_that_ended_are_cleared():
    for key, days in (("old", -1), ("new", 1)):
        Session.objects.create(
            session_key=key, session_data="", expire_date=timezone.now() + timedelta(days=days)
        )
    work()
    assert [session.session_key for session in Session.objects.all()] == ["new"]


def test_a_periodic_task_is_done_at_the_start_and_then_each_time_it_is_due():
    done: list[int] = []
    task = PeriodicTask(lambda: done.append(1), every=timedelta(minutes=2))
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert task.run_if_due()
        clock.shift(timedelta(minutes=1, seconds=59))
        assert not task.run_if_due()
        clock.shift(timedelta(seconds=1))
        assert task.run_if_due()
    assert done == [1, 1]


@pytest.fixture
def periodic_tasks(monkeypatch) -> list[PeriodicTask]:
    """Replace the application's own tasks; each writes its name when it is done."""
    mine: list[PeriodicTask] = []
    monkeypatch.setattr(periodic, "PERIODIC_TASKS", mine)
    monkeypatch.setattr("core.management.commands.worker.PERIODIC_TASKS", mine)

    def sound() -> None:
        ran.append("sound")

    def broken() -> None:
        raise UnicodeEncodeError("ascii", SECRET, 1, 2, "ordinal not in range(128)")

    mine += [
        PeriodicTask(broken, every=timedelta(seconds=2)),
        PeriodicTask(sound, every=timedelta(seconds=2)),
    ]
    return mine


def test_a_periodic_task_that_fails_holds_up_neither_other_periodic_tasks_nor_tasks_nor_mails(periodic_tasks):
    remember.enqueue("task")
    enqueue_mail(a_mail())
    with pytest.raises(
        CommandError, match=r"^Failed: tests\.core\.test_worker\.broken\. Everything else was run\.$"
    ):
        work()
    assert (ran, len(mail.outbox)) == (["sound", "task"], 1)


def test_a_periodic_task_that_fails_is_logged_once_and_tried_after_growing_pauses(periodic_tasks, caplog):
    broken, pauses = periodic_tasks[0], []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(12):
            began = timezone.now()
            broken.run_if_due()
            pauses.append((broken.due_at - began).total_seconds())
            clock.move_to(broken.due_at)
        broken.run = lambda: None
        broken.run_if_due()
        assert broken.due_at - timezone.now() == timedelta(seconds=2)
    assert pauses == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900]
    assert [
        record.message.partition(" failed")[0] for record in caplog.records if record.levelname == "ERROR"
    ] == ["The periodic task tests.core.test_worker.broken"]
    assert SECRET not in caplog.text


def test_a_periodic_task_that_seldom_comes_is_not_tried_more_often_for_failing():
    task = PeriodicTask(lambda: 1 / 0, every=timedelta(days=1))
    for _ in range(3):
        task.due_at = None
        task.run_if_due()
    assert timedelta(hours=23) < task.due_at - timezone.now() <= timedelta(days=1)


def test_the_host_reads_in_the_admin_what_fails_and_when_nothing_works(periodic_tasks, signed_in, host):
    page = signed_in(host).get("/admin/")
    assertContains(page, "The worker isn’t running")
    periodic_tasks[0].run_if_due()
    beat()
    page = signed_in(host).get("/admin/")
    assertNotContains(page, "The worker isn’t running")
    assertContains(page, "tests.core.test_worker.broken")
    periodic_tasks[0].run = lambda: None
    periodic_tasks[0].due_at = None
    periodic_tasks[0].run_if_due()
    beat()
    page = signed_in(host).get("/admin/")
    assertNotContains(page, 'class="errornote"')


def test_looking_for_tasks_takes_no_lock(django_assert_num_queries):
    from core.management.commands.worker import BatchWorker  # noqa: PLC0415 - a command, imported only here

    worker = BatchWorker()
    with django_assert_num_queries(1) as queries:
        assert not worker.has_work()
    assert queries.captured_queries[0]["sql"].startswith("SELECT")


# --- email ---------------------------------------------------------------------------


def test_a_mail_arrives_as_it_was_written():
    enqueue_mail(a_mail())
    work()
    sent = mail.outbox[0]
    assert (sent.subject, sent.body, sent.from_email, sent.to, sent.extra_headers) == (
        "Hello", "Words", "The Long Table <hello@example.org>", ["ann@example.org"], {"X-Kind": "test", "Message-ID": ANY},
    )  # fmt: skip
    assert re.fullmatch(r"<[a-z0-9]{24}@testserver>", sent.extra_headers["Message-ID"])
    assert [tuple(part) for part in sent.alternatives] == [("<p>Words</p>", "text/html")]


REFUSED = smtplib.SMTPRecipientsRefused({"ann@example.org": (550, b"5.1.1 <ann@example.org> no such user")})


@pytest.mark.parametrize(
    ("error", "stops"),
    [(REFUSED, ["ann@example.org"]), (smtplib.SMTPDataError(554, b"5.7.1 ann@example.org: spam"), [])],
)
def test_a_mail_that_is_refused_for_good_is_not_sent_again_and_logged_without_names(
    error, stops, monkeypatch, caplog
):
    make_member("ann", email="ann@example.org")

    def refuse(*_args: object) -> None:
        raise error

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    enqueue_mail(a_mail())
    work()
    assert [result.status for result in DBTaskResult.objects.all()] == [TaskResultStatus.SUCCESSFUL]
    assert list(EmailSuppression.objects.values_list("email", flat=True)) == stops
    said = [record.getMessage() for record in caplog.records if record.name == "core.tasks.mail"]
    assert said == [f"An email was permanently refused ({'550 5.1.1' if stops else '554 5.7.1'})."]


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPAuthenticationError(535, b"5.7.8 wrong"),
        smtplib.SMTPConnectError(554, b"no service"),
        ConnectionRefusedError(),
        TimeoutError(),
        smtplib.SMTPServerDisconnected(),
        smtplib.SMTPDataError(451, b"later"),
    ],
)
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


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_that_jumps_a_day_makes_nobody_run_a_task_twice(days, monkeypatch):
    """All heartbeats look wrong until each worker has written its next one."""
    remember.enqueue("mine")
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=timezone.now(), worker_ids=["w0"])
    Worker.objects.create(key="w0")
    with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
        assert rescue_tasks() == (0, 0)
        Worker.objects.update(beat_at=timezone.now())
        assert rescue_tasks() == (0, 0)
        DBTaskResult.objects.update(started_at=timezone.now() - timedelta(minutes=2))
        Worker.objects.all().delete()
        later = time.monotonic() + 41
        monkeypatch.setattr(periodic.time, "monotonic", lambda: later)
        monkeypatch.setattr(periodic._clock, "_offset", time.time() - later)
        assert rescue_tasks() == (1, 0)  # and tasks of a killed worker are still recovered


def test_a_clock_that_is_put_back_a_day_stops_no_periodic_task():
    done: list[int] = []
    task = PeriodicTask(lambda: done.append(1), every=timedelta(minutes=2))
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert task.run_if_due()
        clock.shift(timedelta(days=-1))
        assert task.run_if_due()
        assert not task.run_if_due()
    assert done == [1, 1]
