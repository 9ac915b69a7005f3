"""`make bench`: how processing time grows with texts made to be slow to process (tests/slow_inputs.py).

Each text is processed at one length and at four times that length. Linear processing takes four times as
long; quadratic processing takes sixteen times as long. Factors of twelve and more are listed, and the exit
status is then 1.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

from tests.bench import say

TIMES, MOST = 4, 10


def seconds(act: Callable[[], object]) -> float:
    """Return the fastest of three runs, because other load only ever adds time."""
    took = []
    for _ in range(3):
        began = time.process_time()
        with suppress(Exception):  # invalid input is refused: only the time matters here
            act()
        took.append(time.process_time() - began)
    return min(took)


def main() -> int:
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.utils.module_loading import import_string  # noqa: PLC0415

    from accounts.services.link_verification import BackLinks  # noqa: PLC0415
    from core.utils.comparison import Comparison  # noqa: PLC0415
    from moderation.spamfilter.engine.classifier import Learner  # noqa: PLC0415
    from moderation.spamfilter.engine.history import PlainHistory  # noqa: PLC0415
    from moderation.spamfilter.engine.scorer import Scorer  # noqa: PLC0415
    from moderation.spamfilter.engine.text import Material  # noqa: PLC0415
    from notifications.inbound.html_text import text_of_html  # noqa: PLC0415
    from notifications.inbound.parse import read_incoming  # noqa: PLC0415
    from notifications.inbound.strip_quotes import cut  # noqa: PLC0415
    from tests import slow_inputs  # noqa: PLC0415

    scorer = Scorer([import_string(path) for path in settings.SPAM_CHECKS], Learner(), PlainHistory())

    def judged(piece: str, length: int) -> object:
        return scorer.score(Material(slow_inputs.repeated(piece, length)))

    def mail(kind: str, length: int) -> object:
        return cut(read_incoming(slow_inputs.mail(kind, length)).text, ["reply+", "hello@table.example"])

    def page(piece: str, length: int) -> object:
        return BackLinks("https://ada.example/", lambda url: True).find(slow_inputs.repeated(piece, length))

    def compared(marks: str, length: int) -> object:
        return Comparison().pieces(*(slow_inputs.repeated(f"{{}}{mark} ", length) for mark in marks))

    readers: list[tuple[str, Callable[[str, int], object], Iterable[str], int]] = [
        ("spam filter", judged, slow_inputs.TEXTS, 5_000),
        ("HTML of a reply by email", lambda piece, length: text_of_html(slow_inputs.repeated(piece, length)), slow_inputs.HTML, 25_000),
        ("a reply by email", mail, slow_inputs.MAIL, 250_000),
        ("a page that may link back", page, slow_inputs.PAGES, 250_000),
        ("changes of a comment", compared, ["xy"], 5_000),
    ]  # fmt: skip
    say("reader | text | length | ms | times four: ms | growth")
    too_much = []
    for name, read, pieces, length in readers:
        for piece in pieces:
            short, long = (seconds(partial(read, piece, size)) for size in (length, TIMES * length))
            growth = long / max(short, 0.0005)  # too fast to be compared
            say(f"{name} | {piece!a} | {length:,} | {short * 1000:.1f} | {long * 1000:.1f} | {growth:.1f}")
            if growth > MOST:
                too_much.append(
                    f"{name}, {piece!a}: {growth:.1f} times the time for {TIMES} times the length"
                )
    say("\n".join(too_much) or "None grows faster than its text.")
    return 1 if too_much else 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    sys.exit(main())
