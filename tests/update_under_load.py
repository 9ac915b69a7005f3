"""`python -m tests.update_under_load REVISION`: update a released version while eight members write.

PostgreSQL, Redis, nginx, two web processes and two workers. Prints the responses; exit status 1 if a comment
was lost, broken or refused. For refused ones it prints the time and what PostgreSQL's log says. PAUSE:
seconds between two comments of each member.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings

LOGGED = (
    "log_lock_waits = on",
    "log_min_error_statement = error",
    "log_line_prefix = '%m [%p] '",
    "log_min_duration_statement = 1000",
)


def main() -> int:
    settings.configure(SECRET_KEY="of a cluster on this machine", DATABASES={"default": {"ENGINE": "django.db.backends.postgresql"}})  # noqa: S106  # fmt: skip
    from tests import test_cluster as load  # noqa: PLC0415 - needs settings
    from tests.cluster import ROOT, running  # noqa: PLC0415
    from tests.run_folders import folder_of_this_run  # noqa: PLC0415

    out = sys.stdout
    load.TURNS = {"Updated": 40}
    refused: list[tuple[str, float, int, str]] = []
    ask = load.ask

    def noting(port: int, path: str, cookie: str = "", body: str | None = None) -> Any:
        began = time.time()
        answer = ask(port, path, cookie, body)
        if answer[0] not in {200, 302}:
            moment = time.strftime("%H:%M:%S", time.gmtime(began))
            refused.append((moment, round(time.time() - began, 2), answer[0], body or path))
        return answer

    load.ask = noting
    folder = Path(tempfile.mkdtemp(prefix="update-", dir=folder_of_this_run()))
    old = folder / "old"
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(old), sys.argv[1]], cwd=ROOT, check=True)  # noqa: S607  # fmt: skip
    try:
        with running(folder, migrated=False, root=old, ALERT_WAIT_SECONDS="0") as cluster:
            for setting in LOGGED:
                cluster.postgres.server.psql(f"ALTER SYSTEM SET {setting};")
            cluster.postgres.server.psql("SELECT pg_reload_conf();")
            cluster.cookies = load.make_people(cluster)  # type: ignore[attr-defined]
            pause = float(os.environ.get("PAUSE", "1"))
            with load.Load(cluster, "Updated", pause=pause).going_on() as people:
                time.sleep(3)
                began = time.monotonic()
                cluster.update(ROOT)
                took = time.monotonic() - began
                time.sleep(3)
            bodies, broken = json.loads(cluster.run(load.COUNT))
            log = (folder / "data/log").read_text("utf-8", "replace").splitlines()
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(old)], cwd=ROOT, check=False)  # noqa: S607
    lost = set(people.acknowledged) - set(bodies)
    twice = [body for body, count in Counter(bodies).items() if count > 1]
    errors = Counter(line.partition("ERROR:")[2].strip() for line in log if "ERROR:" in line)
    out.write(
        f"Updated in {took:.0f} s. Comments: {dict(people.written)}, lost {len(lost)}, twice {len(twice)}, broken {broken or 'none'}. "
        f"Pages: {dict(people.read)}, stylesheets: {dict(people.styles)}.\nPostgreSQL: {dict(errors)}\n"
    )
    for moment, seconds, status, what in refused:
        out.write(f"{moment}, after {seconds} s: {status} for {what}\n")
        out.writelines(f"    {line[:200]}\n" for line in log if moment in line and "ERROR" in line)
    return int(bool(lost or twice or broken or refused))


if __name__ == "__main__":
    sys.exit(main())
