"""Site health explains what works, what does not, and what to do; `manage.py check` says the same."""

from collections import namedtuple
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from core.models import Worker
from dashboard.services import health
from transfer.models import Backup

pytestmark = pytest.mark.django_db

Usage = namedtuple("Usage", "total used free")


def state_of(key: str) -> str:
    return next(finding.state for finding in health.health() if finding.key == key)


def test_the_worker_is_alive_behind_or_not_there():
    assert state_of("worker") == "bad"
    Worker.objects.create(key="w")
    assert state_of("worker") == "good"
    DBTaskResult.objects.create(
        status=TaskResultStatus.READY,
        args_kwargs={},
        task_path="x",
        queue_name="default",
        backend_name="default",
    )
    assert state_of("worker") == "good"
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(minutes=6))
    assert state_of("worker") == "warn"


def test_a_task_for_later_is_not_late():
    Worker.objects.create(key="w")
    DBTaskResult.objects.create(
        status=TaskResultStatus.READY, args_kwargs={}, task_path="x", queue_name="default", backend_name="default",
        run_after=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(hours=1))
    assert state_of("worker") == "good"


def test_mail_that_fails_is_said_and_mail_that_goes_into_files_too(settings):
    assert state_of("mail") == "good"
    DBTaskResult.objects.create(
        status=TaskResultStatus.FAILED, args_kwargs={}, task_path="x", queue_name="mail", backend_name="default",
        finished_at=timezone.now(),
    )  # fmt: skip
    assert state_of("mail") == "bad"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert state_of("mail") == "warn"


def test_a_full_disk_is_said_before_it_is_full(monkeypatch):
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _path: Usage(100 * 2**30, 99 * 2**30, 2**30))
    assert state_of("disk") == "bad"
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _path: Usage(100 * 2**30, 50 * 2**30, 50 * 2**30))
    assert state_of("disk") == "good"


def test_backups_are_none_fresh_old_or_broken():
    assert state_of("backup") == "warn"
    made = Backup.objects.create(path="a.zip", size=1)
    assert state_of("backup") == "good"
    Backup.objects.update(made_at=timezone.now() - timedelta(hours=31))
    assert state_of("backup") == "warn"
    made.error = "It is cut off."
    made.save()
    assert state_of("backup") == "bad"


def test_passwords_in_clear_text_are_reported(settings):
    settings.SITE_URL, settings.HTTPS = "http://blog.example", False
    assert state_of("encryption") == "bad"
    settings.HTTPS = True
    assert state_of("encryption") == "good"


@pytest.mark.skipif(connection.vendor == "postgresql", reason="there the database's own clock is asked")
def test_a_clock_behind_what_was_written_is_wrong():
    assert state_of("clock") == "good"
    Worker.objects.create(key="w", beat_at=timezone.now() + timedelta(hours=1))
    assert state_of("clock") == "bad"


def test_risky_settings_are_named(settings):
    settings.RATE_LIMITS = False
    assert "RATE_LIMITS" in next(finding.text for finding in health.health() if finding.key == "settings")


def test_the_worst_comes_first():
    states = [finding.state for finding in health.health()]
    assert states == sorted(states, key=["bad", "warn", "good"].index)


def test_the_check_command_says_the_same():
    out = StringIO()
    call_command("check", databases=["default"], stderr=out)
    assert "The worker isn’t running" in out.getvalue()
    Worker.objects.create(key="w")
    out = StringIO()
    call_command("check", databases=["default"], stderr=out)
    assert "The worker isn’t running" not in out.getvalue()


def test_the_version_is_named_and_too_old_once_django_mends_it_no_more():
    [finding] = [finding for finding in health.health() if finding.key == "version"]
    assert finding.text.startswith(f"Version {health.own_version()}, on Django 5.2")
    assert state_of("version") == "good"
    with time_machine.travel("2028-05-02"):
        assert state_of("version") == "warn"
