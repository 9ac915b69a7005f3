"""A folder for each test run, which is removed even if the run was killed."""

import atexit
import fcntl
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

VARIABLE = "LONG_TABLE_TEST_RUN"
# One for each working copy, with what its runs may share (tests/databases.py).
SHARED_DIR = Path(tempfile.gettempdir()) / (
    f"long-table-tests-{os.getuid()}-{hashlib.sha256(__file__.encode()).hexdigest()[:8]}"
)


def folder_of_this_run() -> Path:
    """Return the folder created by the run's first process, which is this one if there is none yet.

    The first process holds a lock in it as long as it lives, which shows which folders are still in use.
    """
    if given := os.environ.get(VARIABLE):
        return Path(given)
    SHARED_DIR.mkdir(parents=True, exist_ok=True)
    remove_folders_of_ended_runs()
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=SHARED_DIR))
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    first = os.getpid()
    atexit.register(lambda: os.getpid() == first and shutil.rmtree(folder, ignore_errors=True))
    os.environ[VARIABLE] = str(folder)
    return folder


def remove_folders_of_ended_runs() -> None:
    """Remove unused folders. A PostgreSQL that still runs in one of them exits when its files are gone."""
    for folder in SHARED_DIR.glob("run-*"):
        try:
            lock = os.open(folder / "lock", os.O_RDWR)
        except FileNotFoundError:
            continue  # being created or removed
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            pass  # its run is active
        finally:
            os.close(lock)


def migrations_key() -> str:
    """Return a hash of everything a template depends on: our migrations, other apps', and how they are run."""
    root = Path(__file__).resolve().parents[1]
    seen = hashlib.sha256((root / "requirements-dev.txt").read_bytes())
    seen.update((root / "tests" / "databases.py").read_bytes())
    for path in sorted(root.glob("*/migrations/*.py")):
        seen.update(f"{path.parent.parent.name} {path.name} ".encode() + path.read_bytes())
    return seen.hexdigest()[:16]
