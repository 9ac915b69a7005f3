"""Another process that holds the database lock, like an import, a backup or a hanging process."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

HOLD = """
import sqlite3, sys
line = sqlite3.connect(sys.argv[1], isolation_level=None)
line.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked_database() -> Iterator[Callable[[], None]]:
    """While the block runs, no other connection can write to the SQLite database of this test.

    Yields a function that releases it earlier.
    """
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(connection.settings_dict["NAME"])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def release() -> None:
        holder.kill()
        holder.wait()

    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield release
    finally:
        holder.kill()
        holder.communicate()
