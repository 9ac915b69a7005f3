"""What a search costs among very many comments, and what the index adds to writing one: `python -m tests.bench_search`.

Processor time of this process, and with PostgreSQL wall time as well, because the work is done elsewhere. Without
statistics: nobody runs ANALYZE on a site. COUNT=100000 makes fewer comments.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from itertools import accumulate
from pathlib import Path

COUNT = int(os.environ.get("COUNT", "1000000"))
ROUNDS = 40
VOCABULARY = 60_000
WORDS_EACH = 25


def prepare() -> None:
    if "DATABASE_URL" not in os.environ:
        folder = tempfile.mkdtemp(prefix="long-table-bench-")
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)


def fill() -> None:
    """Words by Zipf's law: the tenth most common is in a third of the comments, most are in a handful."""
    from search.backends import backend  # noqa: PLC0415
    from search.backends.base import Document  # noqa: PLC0415

    chance = random.Random(7)  # noqa: S311 - the same each time
    words = [f"w{number}" for number in range(VOCABULARY)]
    weights = list(accumulate(1 / (rank + 8) for rank in range(VOCABULARY)))
    began = time.process_time()
    for start in range(1, COUNT + 1, 5000):
        backend().add(
            "comments",
            [
                Document(
                    pk,
                    [],
                    chance.choices(words, cum_weights=weights, k=WORDS_EACH),
                    [f"p{pk % 5000}", f"a{pk % 100_000}"],
                )
                for pk in range(start, min(start + 5000, COUNT + 1))
            ],
        )
    print(f"{COUNT:,} documents in {time.process_time() - began:.0f} s of processor time")  # noqa: T201


def measure() -> None:
    from search.backends import backend  # noqa: PLC0415
    from search.backends.base import Sought  # noqa: PLC0415
    from search.services import RANKED  # noqa: PLC0415

    def ask(phrases: list[tuple[str, ...]], facts: list[list[str]]) -> int:
        sought = Sought([[phrase] for phrase in phrases], [], facts)
        pks = backend().newest("comments", sought, below=None, limit=RANKED)
        if len(pks) < RANKED:
            backend().ranked("comments", sought, pks)
        return len(pks)

    queries = {
        "rare word": ([("w41234",)], []),
        "common word": ([("w5",)], []),
        "two common words": ([("w5",), ("w9",)], []),
        "common and rare": ([("w5",), ("w41234",)], []),
        "two less common": ([("w400",), ("w900",)], []),
        "phrase": ([("w5", "w9")], []),
        "common, by one member": ([("w5",)], [["a77"]]),
        "common, under one post": ([("w5",)], [["p77"]]),
        "nothing": ([("zzz",)], []),
    }
    for name, (phrases, facts) in queries.items():
        spent, waited, found = [], [], 0
        for _round in range(ROUNDS):
            began, clock = time.process_time(), time.perf_counter()
            found = ask(phrases, facts)
            spent.append((time.process_time() - began) * 1000)
            waited.append((time.perf_counter() - clock) * 1000)
        spent.sort()
        waited.sort()
        print(  # noqa: T201
            f"{name:24} {found:4} found · processor {statistics.median(spent):7.2f} ms, 95 % {spent[int(ROUNDS * 0.95)]:7.2f} ms"
            f" · waited {statistics.median(waited):7.2f} ms"
        )


if __name__ == "__main__":
    prepare()
    fill()
    measure()
    sys.exit(0)
