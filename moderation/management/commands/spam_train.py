import csv
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moderation.management.evaluation import site_for_measuring
from moderation.services.learning import teach_from_decisions
from moderation.spamfilter import fitting, training
from moderation.spamfilter.engine.classifier import Learner
from moderation.spamfilter.engine.history import NoHistory
from moderation.spamfilter.engine.scorer import Scorer, Verdict
from moderation.spamfilter.engine.text import Material

Row = tuple[str, bool]


class Command(BaseCommand):
    help = "Trains the spam filter with CSV files that have the columns CONTENT and CLASS (1 for spam, 0 for not spam). Without --prior, rows count like decisions of this site's moderators."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE.csv", type=Path)
        parser.add_argument(
            "--prior",
            action="store_true",
            help="treat the rows as data of other sites: a weak prior that fades with this site's own decisions",
        )
        parser.add_argument(
            "--reset",
            action="store_true",
            help="first delete everything learned; decisions and comments are kept",
        )
        parser.add_argument(
            "--from-decisions", action="store_true", help="learn again from all decisions in the log"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (options["files"] or options["reset"] or options["from_decisions"]):
            raise CommandError("Name a file, or give --reset or --from-decisions.")
        rows = [row for path in options["files"] for row in rows_of(path)]
        if options["reset"] or options["from_decisions"]:
            self.reset()
        if options["from_decisions"]:
            self.stderr.write(f"Learned from {teach_from_decisions()} decisions.")
        if rows:
            self.learn(rows, is_prior=options["prior"])
            self.stderr.write(f"Learned from {len(rows)} comments.")

    def reset(self) -> None:
        if bench := site_for_measuring():
            bench.reset()
        else:
            training.forget_everything()

    def learn(self, rows: list[Row], *, is_prior: bool) -> None:
        bench = site_for_measuring()
        # Files are often sorted by class. A classifier that sees one class first learns little from it.
        random.Random(len(rows)).shuffle(rows)  # noqa: S311
        if is_prior:
            fresh = Scorer(training.checks(), Learner(), NoHistory())
            verdicts = ((fresh.score(Material(text=text)), is_spam) for text, is_spam in rows)
            if bench:
                bench.teach_prior(verdicts)
                bench.save()
            else:
                training.teach_prior(verdicts)
        elif bench:
            for text, is_spam in rows:
                bench.teach(bench.scorer.score(Material(text=text)), is_spam)
            bench.save(refit=True)
        else:
            training.teach_many(self._verdicts(rows))
            fitting.settle()

    def _verdicts(self, rows: list[Row]) -> Iterator[tuple[Verdict, bool]]:
        scorer = training.current_scorer()
        for text, is_spam in rows:
            yield scorer.score(Material(text=text)), is_spam


def rows_of(path: Path) -> list[Row]:
    """The text and class of each row. Rows without a class are skipped. Raises CommandError."""
    # The limit applies to the whole process, and other code relies on it (imports of subscribers).
    limit = csv.field_size_limit(sys.maxsize)
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            reader = csv.DictReader(file)
            if not {"CONTENT", "CLASS"} <= set(reader.fieldnames or []):
                raise CommandError(f"{path}: the first line must name the columns CONTENT and CLASS.")
            return [
                (row["CONTENT"] or "", row["CLASS"].strip() == "1")
                for row in reader
                if (row["CLASS"] or "").strip() in {"0", "1"}
            ]
    except (OSError, csv.Error) as error:
        raise CommandError(f"{path}: {error}") from None
    finally:
        csv.field_size_limit(limit)
