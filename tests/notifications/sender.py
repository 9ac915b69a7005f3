"""A worker of its own, to be killed: `python -m tests.notifications.sender DATABASE PORT [BEAT_SECONDS [BATCH]]`.

Its first periodic task always fails: none of the tests may notice.
"""

import os
import sys
from datetime import timedelta

import django


def main(database: str, port: int, beat_seconds: float = 10, batch: int = 0) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()

    from django.conf import settings  # noqa: PLC0415 - after the set-up
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from core.tasks import heartbeat, periodic  # noqa: PLC0415
    from notifications.email import mailings  # noqa: PLC0415

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


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *map(float, sys.argv[3:4]), *map(int, sys.argv[4:5]))
