"""`make bench-restore`: a site of 100,000 comments is backed up, restored, and compared row by row.

Then a restore over another site is killed at ten moments; each time that site must be unchanged in every row,
and its pages must respond. SQLite, in a temporary folder. Seconds of processor time; exit status 1 if a row
differs.
"""

import argparse
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

MANAGE = [sys.executable, "manage.py"]
# Rows that a start, a migration or the backup itself writes afterwards.
NOT_OURS = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "core_worker",
    "transfer_backup",
    "sqlite_sequence",
    "sqlite_stat1",
}


def say(words: str = "") -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def site(folder: Path) -> dict[str, str]:
    """Return the environment of a site in this folder."""
    return os.environ | {"DEBUG": "1", "VAR_DIR": str(folder), "DATABASE_URL": "", "BACKUP_PASSPHRASE": ""}


def manage(folder: Path, *command: str, script: str = "") -> tuple[str, float]:
    """Return the output and the processor time of a management command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*MANAGE, *command], env=site(folder), input=script, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def tables(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as line:
        found = line.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%fts%' ORDER BY 1"
        )
        return [name for (name,) in found if name not in NOT_OURS]


def rows(line: sqlite3.Connection, table: str) -> Iterator[Any]:
    # A restore gives each thread a new version (transfer/anew.py).
    columns = [
        f'"{name}"'
        for _number, name, *_rest in line.execute(f'PRAGMA table_info("{table}")')
        if (table, name) != ("posts_post", "thread_version")
    ]
    order = "1, 2" if len(columns) > 1 else "1"
    yield from line.execute(f'SELECT {", ".join(columns)} FROM "{table}" ORDER BY {order}')  # noqa: S608 - names of the database itself


def differing(one: Path, other: Path) -> tuple[int, list[str]]:
    """Return the number of compared rows, and the tables with a row that differs."""
    count, found = 0, []
    if tables(one) != tables(other):
        return 0, ["the tables themselves"]
    with closing(sqlite3.connect(one)) as first, closing(sqlite3.connect(other)) as second:
        for table in tables(one):
            theirs = rows(second, table)
            for row in rows(first, table):
                count += 1
                if next(theirs, None) != row:
                    found.append(table)
                    break
            if next(theirs, None) is not None and table not in found:
                found.append(table)
    return count, found


def main(scale: float, kills: int) -> int:
    with tempfile.TemporaryDirectory(prefix="long-table-restore-") as scratch:
        old, new, other = (Path(scratch) / name for name in ("old", "new", "other"))
        old.mkdir()
        manage(old, "migrate", "-v", "0")
        for folder in (new, other):
            shutil.copytree(old, folder)
        manage(
            old,
            "shell",
            "-v",
            "0",
            script=f"from tests.large import make_large_site\nmake_large_site({scale})\n",
        )
        say(f"made: {size(old)} MB")
        _said, seconds = manage(old, "backup", str(old / "backups"))
        [backup] = (old / "backups").iterdir()
        say(f"backup, tried: {seconds:.1f} s, {backup.stat().st_size / 2**20:.0f} MB")
        _said, seconds = manage(new, "restore", str(backup))
        count, found = differing(database(old), database(new))
        say(
            f"restore: {seconds:.1f} s; {count:,} rows of {len(tables(database(old)))} tables compared, {len(found)} differ: {found}"
        )
        return int(bool(found) | kill_often(other, backup, kills, seconds))


def kill_often(folder: Path, backup: Path, kills: int, seconds: float) -> bool:
    """Return whether each killed restore left the site as it was."""
    manage(
        folder, "shell", "-v", "0", script="from tests.large import make_large_site\nmake_large_site(0.001)\n"
    )
    before = folder.parent / "before.sqlite3"
    with closing(sqlite3.connect(database(folder))) as line:
        line.execute("VACUUM INTO ?", [str(before)])
    wrong = False
    for number in range(kills):
        running = subprocess.Popen(
            [*MANAGE, "restore", str(backup), "--replace"], env=site(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )  # fmt: skip
        time.sleep(seconds * (number + 1) / (kills + 2))
        was_running = running.poll() is None
        os.killpg(running.pid, signal.SIGKILL) if was_running else None
        running.wait()
        count, found = differing(before, database(folder))
        wrong |= was_running and bool(found)
        say(
            f"killed at {number + 1}/{kills + 2}: {'running' if was_running else 'had ended'}, {count:,} rows compared, differ: {found}"
        )
        if not was_running:
            break
    manage(folder, "check")
    return wrong


def database(folder: Path) -> Path:
    [found] = [path for path in folder.glob("*.sqlite3") if path.is_file()]
    return found


def size(folder: Path) -> int:
    return round(database(folder).stat().st_size / 2**20)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--scale", type=float, default=0.1, help="of a million comments")
    options.add_argument("--kills", type=int, default=10)
    chosen = options.parse_args()
    sys.exit(main(chosen.scale, chosen.kills))
