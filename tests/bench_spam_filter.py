"""The cost of the spam filter: scoring and learning a comment, at first, after many samples, and at worst.

`python -m tests.bench_spam_filter`. Milliseconds of processor time; uses no database.
"""

import os
import time
from collections.abc import Callable

from tests.bench import say

MOST = 20_000


def spent(work: Callable[[], object], rounds: int = 5) -> float:
    """Return the fastest of some rounds."""
    least = float("inf")
    for _round in range(rounds):
        began = time.process_time()
        work()
        least = min(least, 1000 * (time.process_time() - began))
    return least


def main() -> None:
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from moderation.spamfilter.engine.classifier import Learner  # noqa: PLC0415
    from moderation.spamfilter.engine.history import PlainHistory  # noqa: PLC0415
    from moderation.spamfilter.engine.scorer import Scorer  # noqa: PLC0415
    from moderation.spamfilter.engine.text import Material  # noqa: PLC0415
    from moderation.spamfilter.training import checks  # noqa: PLC0415
    from tests.moderation import texts  # noqa: PLC0415
    from tests.slow_inputs import TEXTS, repeated  # noqa: PLC0415

    scorer = Scorer(checks(), Learner(), PlainHistory())
    ordinary = [
        Material(text, author_name=name, author_url=url)
        for text, name, url in (*texts.A_TALK, *texts.KIND_READERS, *texts.BOT_PRAISE)
    ]
    ordinary += [Material(text) for text in texts.ADVERTISING]
    hostile = {ascii(piece): Material(repeated(piece, MOST)) for piece in TEXTS}

    def scored(materials: list[Material]) -> list[float]:
        return sorted(spent(lambda one=one: scorer.score(one)) for one in materials)

    def row(name: str) -> None:
        times, worst = scored(ordinary), scored(list(hostile.values()))
        say(
            f"{name:20}{times[len(times) // 2]:11.2f}{times[-1]:10.2f}{worst[-1]:16.1f}{worst[-1] / times[len(times) // 2]:19.0f}"
        )

    say("                    ordinary: p50   longest   worst of hostile   worst to p50")
    row("the first day")
    samples = [
        (scorer.score(one), number % 2 == 0) for number, one in enumerate([*ordinary, *hostile.values()])
    ]
    taught = [
        spent(lambda verdict=verdict, is_spam=is_spam: scorer.learner.learn(verdict.sample(is_spam)), 1)
        for verdict, is_spam in samples
    ]
    for verdict, is_spam in samples:
        scorer.history.add(verdict.analysis, is_spam)
    row(f"after {len(samples)} samples")
    say(
        f"a sample: p50 {sorted(taught)[len(taught) // 2]:.2f}, longest {max(taught):.1f}; kept in {len(scorer.learner.own.pack()) / 1024:.0f} kB"
    )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main()
