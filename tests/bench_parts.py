"""`python -m tests.bench_parts`: the cost of a post's page with all parts of the community on and off.

In this process, on SQLite, a thread of a hundred comments, cached and uncached. On and off alternate in one
run, so that other load affects both; processor time, medians of the rounds.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

TURNS = 15
ROUNDS = 20


def milliseconds(act: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(ROUNDS):
        act()
    return (time.process_time() - began) / ROUNDS * 1000


def main() -> None:
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.cache import caches  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from core.parts import parts  # noqa: PLC0415
    from core.services.site_settings import save_settings  # noqa: PLC0415
    from tests.factories import make_host, make_member, make_post  # noqa: PLC0415
    from tests.threads import make_thread  # noqa: PLC0415

    settings.RATE_LIMITS = False
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    call_command("migrate", verbosity=0)
    people = [make_member() for _ in range(20)]
    post = make_post(author=make_host("host"))
    make_thread(post, people, 100)
    visitor, member = Client(), Client()
    member.force_login(people[0])
    path = post.get_absolute_url()

    def anew() -> None:
        caches["pages"].clear()
        visitor.get(path)

    pages: dict[str, Callable[[], object]] = {
        "visitor, kept": lambda: visitor.get(path),
        "member, kept": lambda: member.get(path),
        "visitor, made anew": anew,
    }
    spent: dict[tuple[str, bool], list[float]] = {}
    asked: dict[tuple[str, bool], int] = {}
    for _ in range(TURNS):
        for is_on in (False, True):
            save_settings({"parts": [*parts()] if is_on else []}, by=None)
            for name, act in pages.items():
                act()
                with CaptureQueriesContext(connection) as statements:
                    act()
                asked[name, is_on] = len(statements)
                spent.setdefault((name, is_on), []).append(milliseconds(act))
    for name in pages:
        off, on = (statistics.median(spent[name, is_on]) for is_on in (False, True))
        each = statistics.median(b / a for a, b in zip(spent[name, False], spent[name, True], strict=True))
        counts = f"{asked[name, False]} and {asked[name, True]} statements"
        sys.stdout.write(f"{name}: off {off:.2f} ms, on {on:.2f} ms, paired {each:.3f}; {counts}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    with tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        main()
