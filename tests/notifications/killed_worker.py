"""A worker process, to be killed. Its first periodic task always fails, which no test may notice."""

from datetime import timedelta

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from core.tasks import heartbeat, periodic
from notifications.email import mailings


def send(database: str, port: int, beat_seconds: float = 10, batch: int = 0) -> None:
    def broken() -> None:
        raise UnicodeEncodeError("ascii", "pässword", 1, 2, "ordinal not in range(128)")

    periodic.PERIODIC_TASKS.insert(0, periodic.PeriodicTask(broken, every=timedelta(seconds=1)))
    heartbeat.BEAT_SECONDS = beat_seconds
    mailings.SUBSCRIBERS_AT_ONCE = batch or mailings.SUBSCRIBERS_AT_ONCE
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}
    }
    connection.settings_dict["NAME"] = database
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 20
    call_command("worker", interval=0.05)
