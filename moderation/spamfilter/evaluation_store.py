"""A site stored in a folder, for evaluation, so that training never touches the real classifier."""

import json
import struct
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from moderation.spamfilter.engine.balance import (
    APPROVED_PERCENT,
    caution,
    choose_for_rehearsal,
    score_without,
)
from moderation.spamfilter.engine.classifier import PRIOR_MAX_DUAL, Learner, Sample, Weights
from moderation.spamfilter.engine.history import PlainHistory
from moderation.spamfilter.engine.scorer import Check, Scorer, Verdict

HEADER = struct.Struct("<d?iI")


class FolderSite:
    """Classifier and history in files: scoring needs `known`; further training needs `samples`."""

    def __init__(self, folder: Path, checks: Sequence[Check]) -> None:
        self.folder = folder
        self.learner, self.history = Learner(), PlainHistory()
        if (folder / "known.json").exists():
            known = json.loads((folder / "known.json").read_text(encoding="utf-8"))
            prior = folder / "prior.bin"
            self.learner = Learner(
                Weights.unpack((folder / "own.bin").read_bytes()),
                Weights.unpack(prior.read_bytes(), PRIOR_MAX_DUAL) if prior.exists() else None,
                known["decisions"],
                known["spam_decisions"],
                known["caution"],
            )
            self.history.by_mark = known["marks"]
            for sketch, is_spam in known["sketches"]:
                self.history.remember(tuple(sketch), is_spam)
        self.scorer = Scorer(checks, self.learner, self.history)

    @cached_property
    def samples(self) -> list[Sample]:
        """All samples of this and earlier runs, because old ones are refitted with each new one.

        Read on demand.
        """
        return self._read_samples()

    def teach(self, verdict: Verdict, is_spam: bool) -> None:
        sample = verdict.sample(is_spam)
        keys = choose_for_rehearsal(
            {number: known.is_spam for number, known in enumerate(self.samples)},
            is_spam,
            self.learner.decisions,
        )
        self.learner.learn(sample, [self.samples[key] for key in keys])
        self.history.add(verdict.analysis, is_spam)
        self.samples.append(sample)

    def teach_prior(self, verdicts: Iterable[tuple[Verdict, bool]]) -> int:
        return self.learner.learn_prior((verdict.features, is_spam) for verdict, is_spam in verdicts)

    def save(self, refit: bool = False) -> None:
        if refit:
            self.learner.own.refit(self.samples)
            genuine = [sample for sample in self.samples if not sample.is_spam and sample.offset < 0]
            self.learner.caution = caution(
                (score_without(self.learner, sample) for sample in genuine), APPROVED_PERCENT
            )
        with (self.folder / "lessons.bin").open("wb") as file:
            for sample in self.samples:
                packed = sample.pack()
                file.write(HEADER.pack(sample.offset, sample.is_spam, sample.dual, len(packed)) + packed)
        (self.folder / "own.bin").write_bytes(self.learner.own.pack())
        if self.learner.prior:
            (self.folder / "prior.bin").write_bytes(self.learner.prior.pack())
        known = {
            "decisions": self.learner.decisions,
            "spam_decisions": self.learner.spam_decisions,
            "caution": self.learner.caution,
            "marks": self.history.by_mark,
            "sketches": self.history.sketches,
        }
        (self.folder / "known.json").write_text(json.dumps(known), encoding="utf-8")

    def _read_samples(self) -> list[Sample]:
        path = self.folder / "lessons.bin"
        raw = path.read_bytes() if path.exists() else b""
        samples, at = [], 0
        while at < len(raw):
            offset, is_spam, dual, size = HEADER.unpack_from(raw, at)
            at += HEADER.size
            samples.append(Sample(Sample.unpack(raw[at : at + size]), is_spam, offset, dual))
            at += size
        return samples

    def reset(self) -> None:
        for name in ("known.json", "own.bin", "prior.bin", "lessons.bin"):
            (self.folder / name).unlink(missing_ok=True)
        self.__dict__.pop("samples", None)
