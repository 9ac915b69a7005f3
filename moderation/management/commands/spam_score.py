import json
import math
import sys
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandParser

from core.utils.reasons import reason_sentence
from moderation.management.evaluation import site_for_measuring
from moderation.spamfilter import training
from moderation.spamfilter.engine.scorer import Verdict
from moderation.spamfilter.engine.text import Material


class Command(BaseCommand):
    help = "Scores comments: JSON lines {text: …} in, {score, decision, reasons} out, in the same order. Learns nothing without --learn."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--learn",
            action="store_true",
            help="a line {learn: 0 or 1} teaches the decision about the comment of the line before",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        answers = Answers()
        for line in utf8(sys.stdin):
            if not line.strip():
                continue
            entry = json.loads(line)
            if options["learn"] and "learn" in entry:
                answers.learn(bool(entry["learn"]))
                answer: dict[str, Any] = {"ok": True}
            else:
                answer = as_json(answers.score(material_of(entry)))
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
        answers.close()


def utf8(stream: TextIO) -> TextIO:
    """The stream decoded as UTF-8, whatever the locale is. Invalid bytes are replaced."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", errors="replace")
    return stream


class Answers:
    """One run, with the site's own classifier or the one in the evaluation folder."""

    def __init__(self) -> None:
        self.bench = site_for_measuring()
        self.scorer = self.bench.scorer if self.bench else training.current_scorer()
        self.last: Verdict | None = None
        self.has_learned = False

    def score(self, material: Material) -> Verdict:
        self.last = self.scorer.score(material)
        return self.last

    def learn(self, is_spam: bool) -> None:
        if self.last is None:
            return
        self.has_learned = True
        if self.bench:
            self.bench.teach(self.last, is_spam)
        else:
            training.teach(training.keep_assessment(self.last), self.last, is_spam)
            self.scorer = training.current_scorer()

    def close(self) -> None:
        if self.bench and self.has_learned:
            self.bench.save()


def material_of(entry: dict[str, Any]) -> Material:
    """A comment from a line of JSON. Unknown keys and invalid values are ignored."""

    def text(name: str) -> str:
        value = entry.get(name)
        return value if isinstance(value, str) else ""

    def number(name: str) -> float | None:
        value = entry.get(name)
        return (
            float(value)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
            else None
        )

    level = number("trust_level")
    return Material(
        text=text("text"),
        author_name=text("author_name"),
        author_url=text("author_url"),
        post_title=text("post_title"),
        first_post=entry["first_post"] if isinstance(entry.get("first_post"), bool) else None,
        trust_level=int(level) if level is not None else None,
        seconds_to_submit=number("seconds_to_submit"),
        honeypot=text("honeypot"),
    )


def as_json(verdict: Verdict) -> dict[str, Any]:
    reasons = [
        {"code": signal.code, "text": reason_sentence(signal.reason), "weight": round(signal.weight, 3)}
        for signal in verdict.signals
    ]
    return {"score": round(verdict.score, 6), "decision": verdict.outcome, "reasons": reasons}
