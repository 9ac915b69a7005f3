"""A worker of its own, to be killed: `python -m tests.notifications.sender DATABASE PORT`."""

import os
import sys

import django


def main(database: str, port: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()

    from django.conf import settings  # noqa: PLC0415 - after the set-up
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    connection.settings_dict["NAME"] = database
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 20
    call_command("worker", interval=0.05)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
