"""`python -m tests.bench_cluster [COUNT …]`: one, two and four web processes behind nginx.

On PostgreSQL and Redis, with the memory and start time of each process. Members read a thread of a hundred
comments, which nginx does not cache for them, and write. The clients, nginx and PostgreSQL share the cores
with the web processes, so on two cores the pages per second only show a trend; the processor time of the web
processes says more.
"""

import sys
import tempfile
import threading
import time
from collections import Counter
from http.client import HTTPConnection
from pathlib import Path

import psutil
from django.conf import settings

SECONDS = 5
READERS = 8
FILL = """
from posts.models import Post
from tests.factories import make_comment, make_member
post, writers = Post.objects.get(slug="open"), [make_member(f"many{number}") for number in range(20)]
for number in range(100):
    make_comment(post, author=writers[number % 20], body=f"Number {number}, with a few words more.")
"""


def everything_of(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def spent(pids: list[int]) -> float:
    """Return the processor time of the processes and their children so far, in seconds."""
    return sum(each.cpu_times().user + each.cpu_times().system for pid in pids for each in everything_of(pid))


def mebibytes(pid: int) -> float:
    """Return the private memory of the process and its children, and their share of shared memory."""
    return sum(each.memory_full_info().pss for each in everything_of(pid)) / 2**20


def read(port: int, cookies: list[str]) -> int:
    """Return how many pages eight members received in SECONDS."""
    got: Counter[int] = Counter()
    end = time.monotonic() + SECONDS

    def one(cookie: str) -> None:
        line = HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < end:
            line.request("GET", "/posts/open/", headers={"Cookie": cookie})
            answer = line.getresponse()
            answer.read()
            got[answer.status] += 1
        line.close()

    threads = [threading.Thread(target=one, args=[cookie]) for cookie in cookies[:READERS]]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert set(got) == {200}, got
    return got[200]


def main() -> int:
    settings.configure(SECRET_KEY="of a cluster on this machine")  # noqa: S106 - it ends with it
    from tests.cluster import running  # noqa: PLC0415 - needs settings
    from tests.test_cluster import comment, make_people  # noqa: PLC0415

    out = sys.stdout
    for webs in [int(each) for each in sys.argv[1:]] or [1, 2, 4]:
        with (
            tempfile.TemporaryDirectory() as folder,
            running(Path(folder), webs=webs, workers=1, ALERT_WAIT_SECONDS="0") as cluster,
        ):
            pids = [web.process.pid for web in cluster.webs.values()]
            started = spent(pids) / webs
            cookies = make_people(cluster)
            cluster.run(FILL)
            idle = mebibytes(pids[0])
            read(cluster.front.port, cookies[:2])  # by now each process has rendered the page once
            before, pages = spent(pids), read(cluster.front.port, cookies)
            each = (spent(pids) - before) / pages * 1000
            before = spent(pids)
            written = [comment(cluster.front.port, cookie, f"{n}.") for n, cookie in enumerate(cookies[:16])]
            assert set(written) == {302}
            wrote = (spent(pids) - before) / len(written) * 1000
            out.write(
                f"{webs} web: {pages / SECONDS:.0f} pages a second, {each:.1f} ms of processor each; a comment {wrote:.0f} ms; "
                f"start {started:.1f} s of processor; {idle:.0f} MiB at first, {mebibytes(pids[0]):.0f} after\n"
            )
            out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
