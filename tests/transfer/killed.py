"""A restore that kills its own process (tests/processes.py)."""

import os
import signal
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from transfer.backup import services
from transfer.backup.sqlite import SqliteFile

MOMENTS = {
    "loaded": (SqliteFile, "count"),
    "files": (services, "_add_files"),
    "in the exchange": (Path, "replace"),
}


def restore_and_die(site: Path, file: Path, moment: str) -> None:
    """Start a restore that does not complete.

    site: the folder of its database and uploads; moment: a key of MOMENTS.
    """

    def die(*_args: object, **_more: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    private = settings.STORAGES["private"] | {"OPTIONS": {"location": str(site / "private")}}
    override_settings(
        VAR_DIR=site, MEDIA_ROOT=str(site / "media"), STORAGES=settings.STORAGES | {"private": private}
    ).enable()
    connection.settings_dict["NAME"] = str(site / "long-table.sqlite3")
    owner, name = MOMENTS[moment]
    setattr(owner, name, die)
    call_command("restore", str(file), replace=True)
