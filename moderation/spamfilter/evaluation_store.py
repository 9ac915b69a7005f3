"""A folder instead of a site, for evaluation: training there never touches the real classifier."""

import json
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

from moderation.spamfilter.engine.classifier import PRIOR_MOST_STAKE, Learner, Lesson, Weights
from moderation.spamfilter.engine.history import PlainMemory
from moderation.spamfilter.engine.scorer import Check, Judge, Verdict

HEADER = struct.Struct("<d?iI")


class FolderSite:
    """Classifier and history in files: `known` is what scoring needs, `lessons` are the samples for further training."""

    def __init__(self, folder: Path, checks: Sequence[Check]) -> None:
        self.folder = folder
        self.learner, self.memory = Learner(), PlainMemory()
        if (folder / "known.json").exists():
            known = json.loads((folder / "known.json").read_text(encoding="utf-8"))
            prior = folder / "prior.bin"
            self.learner = Learner(
                Weights.unpack((folder / "own.bin").read_bytes()),
                Weights.unpack(prior.read_bytes(), PRIOR_MOST_STAKE) if prior.exists() else None,
                known["decisions"],
                known["spam_decisions"],
            )
            self.memory.by_mark = known["marks"]
            for sketch, is_spam in known["sketches"]:
                self.memory.remember(tuple(sketch), is_spam)
        self.judge = Judge(checks, self.learner, self.memory)
        self.new: list[Lesson] = []

    def teach(self, verdict: Verdict, is_spam: bool) -> None:
        lesson = verdict.lesson(is_spam)
        self.learner.learn(lesson)
        self.memory.add(verdict.reading, is_spam)
        self.new.append(lesson)

    def teach_prior(self, verdicts: Iterable[tuple[Verdict, bool]]) -> int:
        return self.learner.learn_prior((verdict.features, is_spam) for verdict, is_spam in verdicts)

    def save(self, refit: bool = False) -> None:
        lessons = [*self._read_lessons(), *self.new] if refit else self.new
        if refit:
            self.learner.own.refit(lessons)
        with (self.folder / "lessons.bin").open("wb" if refit else "ab") as file:
            for lesson in lessons:
                packed = lesson.pack()
                file.write(HEADER.pack(lesson.offset, lesson.is_spam, lesson.stake, len(packed)) + packed)
        self.new = []
        (self.folder / "own.bin").write_bytes(self.learner.own.pack())
        if self.learner.prior:
            (self.folder / "prior.bin").write_bytes(self.learner.prior.pack())
        known = {
            "decisions": self.learner.decisions,
            "spam_decisions": self.learner.spam_decisions,
            "marks": self.memory.by_mark,
            "sketches": self.memory.sketches,
        }
        (self.folder / "known.json").write_text(json.dumps(known), encoding="utf-8")

    def _read_lessons(self) -> list[Lesson]:
        path = self.folder / "lessons.bin"
        raw = path.read_bytes() if path.exists() else b""
        lessons, at = [], 0
        while at < len(raw):
            offset, is_spam, stake, size = HEADER.unpack_from(raw, at)
            at += HEADER.size
            lessons.append(Lesson(Lesson.unpack(raw[at : at + size]), is_spam, offset, stake))
            at += size
        return lessons

    def reset(self) -> None:
        for name in ("known.json", "own.bin", "prior.bin", "lessons.bin"):
            (self.folder / name).unlink(missing_ok=True)
