"""Concurrent writers: `python -m tests.bench_writers`, part of `make bench`.

Processes (8, then 32) reply, edit, move, split, withdraw, hide, show and undo at the same time, on SQLite
and, if a server can be started, on PostgreSQL; once undisturbed, and once while two of them are killed during
a write. Then it counts acknowledged writes that are missing (lost), faults in the threads (broken), and
errors "database is locked". Exit status 1 if there are any of these, or any other error.

Uses databases of its own in a temporary folder. SQLite writes to the disk as on a site; PostgreSQL does not
wait for the disk.
"""

import io
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WRITERS = (8, 32)
SECONDS = 5
NO_SERVER = 75
HEAD = f"{'writers':>7}  {'database':10}  {'killed':>6}  {'writes':>6}  {'lost':>4}  {'broken':>6}  {'locked':>6}  {'writes/s':>8}  {'p95 ms':>7}"


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def write(number: int, begin: float, dies: bool, path: Path) -> None:
    """Act until the time is over; record after each action what was acknowledged and how long it took."""
    from django.db import Error  # noqa: PLC0415 - the parent has set Django up

    from tests.comments.random_writer import Writer, die_in  # noqa: PLC0415

    writer = Writer(number)
    if dies:
        die_in("move")
        writer.acts = [writer.move]
    notes = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    time.sleep(max(0.0, begin - time.monotonic()))
    # A process that is to be killed goes on longer, until that happens.
    while (began := time.monotonic()) < begin + (60 if dies else SECONDS):
        did, error = [], ""
        try:
            did = writer.act()
        except Error as failure:
            error = " ".join(str(failure).split())
        ended = time.monotonic()
        os.write(notes, json.dumps([ended - begin, (ended - began) * 1000, did, error]).encode() + b"\n")


def run(writers: int, kills: bool, folder: Path) -> bool:
    """Measure and print one row of the table; return whether there were no faults."""
    from django.db import connection, connections  # noqa: PLC0415

    from tests.comments.random_writer import lost  # noqa: PLC0415

    connections.close_all()
    processes = multiprocessing.get_context("fork")
    begin = time.monotonic() + 1
    paths = [folder / f"{writers}-{kills}-{number}" for number in range(writers)]
    people = [
        processes.Process(target=write, args=(n, begin, kills and n == 1, paths[n])) for n in range(writers)
    ]
    for each in people:
        each.start()
    if kills:
        time.sleep(max(0.0, begin + SECONDS * 0.4 - time.monotonic()))
        people[0].kill()
    for each in people:
        each.join()
    notes = [json.loads(line) for path in paths if path.exists() for line in path.read_text().splitlines()]
    done = [(took, did) for _ended, took, did, _error in notes if did]
    errors = [error for *_times, _did, error in notes if error]
    lasted = max((ended for ended, *_rest in notes), default=SECONDS)
    locked = sum("database is locked" in error for error in errors)
    missing = lost([line for _took, did in done for line in did])
    faults = count_faults()
    connections.close_all()
    p95 = sorted(took for took, _did in done)[len(done) * 95 // 100] if done else 0.0
    killed = sum(each.exitcode == -9 for each in people)
    others = [error for error in errors if "database is locked" not in error]
    crashed = [each.exitcode for each in people if each.exitcode not in {0, -9}]
    say(
        f"{writers:7}  {connection.vendor:10}  {killed:6}  {len(done):6}  {len(missing):4}  {faults:6}  {locked:6}  {len(done) / lasted:8.0f}  {p95:7.0f}"
    )
    for error in sorted(set(others)):
        say(f"         another error, {others.count(error)} times: {error}")
    return not (missing or faults or errors or crashed)


def count_faults() -> int:
    """Return the number of faults that check_threads finds."""
    from django.core.management import call_command  # noqa: PLC0415

    out = io.StringIO()
    try:
        call_command("check_threads", stdout=out)
    except SystemExit:
        say(out.getvalue())
    return int(out.getvalue().splitlines()[-1].rpartition("; ")[2].split()[0])


def measure() -> int:
    """Measure the four rows of the table for the database in DATABASE_URL."""
    import django  # noqa: PLC0415 - the environment comes first

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from community.settings import SQLITE_OPTIONS  # noqa: PLC0415
    from tests.comments.random_writer import as_on_a_site  # noqa: PLC0415
    from tests.factories import make_comment, make_host, make_member, make_post  # noqa: PLC0415

    as_on_a_site()
    if connection.vendor == "sqlite":
        connection.settings_dict["OPTIONS"] = SQLITE_OPTIONS
    call_command("migrate", verbosity=0)
    make_host("moderator")
    for number in range(max(WRITERS)):
        make_member(f"writer{number}")
    for _ in range(4):
        make_comment(make_post())
    with tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder:
        well = [run(writers, kills, Path(folder)) for writers in WRITERS for kills in (False, True)]
    return 0 if all(well) else 1


def main() -> int:
    say(
        f"Writers side by side, {SECONDS} seconds each. Killed: one at any moment, one in the middle of a move."
    )
    say(HEAD)
    here = [sys.executable, "-m", "tests.bench_writers", "--here"]
    with tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder:
        sqlite = subprocess.run(
            here, env=os.environ | {"DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3"}, check=False
        ).returncode
    postgres = subprocess.run([sys.executable, "-m", "tests.postgres", "--", *here], check=False).returncode
    if postgres == NO_SERVER:
        say("         PostgreSQL was left out: its server cannot be started here.")
    return int(sqlite != 0 or postgres not in {0, NO_SERVER})


if __name__ == "__main__":
    sys.exit(measure() if "--here" in sys.argv else main())
