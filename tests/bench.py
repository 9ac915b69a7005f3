"""`make bench`: what the page of a post costs with 17 and with 1000 comments, for a visitor and for a member.

Uses a database of its own in a temporary folder. The numbers are of this machine: compare them with each other, and with
those of yesterday.
"""

import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

SIZES = (17, 1000)
ROUNDS = 15


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def milliseconds(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    act()  # templates are compiled the first time
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def main() -> None:
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection, transaction  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from comments.services import publish_comment  # noqa: PLC0415
    from tests.factories import make_comment, make_member, make_post  # noqa: PLC0415

    settings.RATE_LIMITS = False
    call_command("migrate", verbosity=0)
    people = [make_member() for _ in range(20)]
    reader = Client()
    reader.force_login(people[0], backend="django.contrib.auth.backends.ModelBackend")

    say("comments  reader     median    queries   page")
    for size in SIZES:
        post = make_post()
        with transaction.atomic():
            written = []
            for number in range(size):
                # Every third starts a branch; the others answer something recent.
                parent = written[-1 - number % 7 % len(written)] if written and number % 3 else None
                written.append(
                    make_comment(post=post, author=people[number % len(people)], parent=parent, body=f"Comment {number}: " + "words " * 60)
                )
        for name, client in (("visitor", Client()), ("member", reader)):
            with CaptureQueriesContext(connection) as queries:
                response = client.get(post.get_absolute_url())
            assert response.status_code == 200, response.status_code
            count = len(queries)  # the next request empties it
            median = milliseconds(lambda client=client, post=post: client.get(post.get_absolute_url()))
            say(f"{size:8}  {name:8} {median:7.1f} ms  {count:7}  {len(response.content) / 1024:6.1f} kB")
        middle, author = written[size // 2], people[1]
        numbers = itertools.count()

        def write(post=post, parent=middle, author=author, numbers=numbers) -> None:
            publish_comment(post=post, author=author, body=f"One more, {next(numbers)}.", parent=parent)

        say(f"{size:8}  one more comment in the middle: {milliseconds(write):.1f} ms")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3"}
        main()
