"""`python -m tests.bench_paths`: the time of the three hot paths by layer.

The paths are a thread for a visitor, a thread for a member, and a reply. In this process, on SQLite, a thread
of a hundred comments. Shares of the time, without called functions (cProfile). The profiler makes calls of
small functions more expensive than they are, so the shares show where to look, not how much could be saved.
"""

import cProfile
import os
import pstats
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROUNDS = 60
ROOT = f"{Path(__file__).resolve().parents[1]}/"
DATABASE = ("sqlite3", "'execute'", "'fetchone'", "'fetchmany'", "'fetchall'", "'commit'")


def layer(file: str, function: str) -> str:
    if file == "~":
        return "database" if any(word in function for word in DATABASE) else "Python and C"
    for part, name in (
        ("/django/db/", "Django's ORM"), ("/django/template/", "templates"), ("/templatetags/", "templates"),
        ("/django/", "Django otherwise"), ("/site-packages/", "other packages"),
    ):  # fmt: skip
        if part in file:
            return name
    if file.startswith(ROOT):
        return f"ours: {file.removeprefix(ROOT).split('/')[0]}"
    return "Python and C"


def shares(act: Callable[[], object]) -> tuple[float, list[tuple[str, float]]]:
    """Return the milliseconds of a round under the profiler, and the layers' shares of it, the largest first."""
    for _ in range(3):
        act()
    profile = cProfile.Profile(time.process_time)  # other programs run at the same time
    profile.enable()
    for _ in range(ROUNDS):
        act()
    profile.disable()
    spent: Counter[str] = Counter()
    for (file, _line, function), (_calls, _all, own, _with, _callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        spent[layer(file, function)] += own
    total = sum(spent.values())
    return total / ROUNDS * 1000, [(name, own / total) for name, own in spent.most_common(7)]


def main() -> None:
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from tests.factories import make_host, make_member, make_post  # noqa: PLC0415
    from tests.threads import make_thread  # noqa: PLC0415

    settings.RATE_LIMITS = False
    # Tasks wait for the worker, as on a real site.
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}
    }
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    call_command("migrate", verbosity=0)
    people = [make_member() for _ in range(20)]
    post = make_post(author=make_host("host"))
    make_thread(post, people, 100)
    visitor, member, writer = Client(), Client(), Client()
    member.force_login(people[0])
    writer.force_login(people[1])
    path, count = post.get_absolute_url(), iter(range(10_000))
    for name, act in (
        ("a thread, visitor", lambda: visitor.get(path)),
        ("a thread, member", lambda: member.get(path)),
        (
            "a reply",
            lambda: writer.post(f"{path}comments/", {"body": f"Number {next(count)}, and a few words."}),
        ),
    ):
        assert act().status_code in {200, 302}
        took, parts = shares(act)
        said = ", ".join(f"{name} {part:.0%}" for name, part in parts)
        sys.stdout.write(f"{name}: {took:.1f} ms under the profiler: {said}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    with tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        main()
