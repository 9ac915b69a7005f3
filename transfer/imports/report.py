"""What an import brought and what was lost, counted, and in words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

PLACES_NAMED = 5
LINES_KEPT = 500

Losses = dict[str, tuple[int, list[str]]]


def counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


@dataclass
class Report:
    posts: int = 0
    pages: int = 0
    drafts: int = 0
    comments: int = 0
    held: int = 0
    pictures: int = 0
    subscribers: int = 0
    known_posts: int = 0
    known_comments: int = 0
    known_subscribers: int = 0
    guests: set[str] = field(default_factory=set)
    # By sentence: how often, and the first places.
    losses: Losses = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    # What was left out because the database rejected it.
    failures: list[str] = field(default_factory=list)

    def lose(self, sentences: Iterable[str], place: str) -> None:
        for sentence in sentences:
            self._lose(sentence, 1, [place])

    def take_losses(self, losses: Losses) -> None:
        for sentence, (count, places) in losses.items():
            self._lose(sentence, count, places)

    def _lose(self, sentence: str, count: int, places: list[str]) -> None:
        before, named = self.losses.get(sentence, (0, []))
        more = [place for place in dict.fromkeys(places) if place not in named]
        self.losses[sentence] = (before + count, (named + more)[:PLACES_NAMED])

    def add(self, more: "Report") -> None:
        """Count in what one post brought."""
        for name, value in vars(more).items():
            if name == "losses":
                self.take_losses(value)
            elif isinstance(value, set):
                getattr(self, name).update(value)
            else:
                setattr(self, name, getattr(self, name) + value)

    @property
    def is_nothing_new(self) -> bool:
        return not (self.posts or self.pages or self.comments or self.subscribers)

    def summary(self, *, is_dry_run: bool) -> str:
        """One sentence with the figures."""
        new = [counted(self.posts, "post")]
        new += [counted(self.pages, "page")] if self.pages else []
        by = f" by {counted(len(self.guests), 'guest')}" if self.comments else ""
        held = f" ({self.held:,} awaiting review)" if self.held else ""
        new.append(f"{counted(self.comments, 'comment')}{by}{held}")
        new += [counted(self.pictures, "picture")] if self.pictures else []
        new += [counted(self.subscribers, "subscriber")] if self.subscribers else []
        known = [
            counted(number, noun)
            for number, noun in (
                (self.known_posts, "post"),
                (self.known_comments, "comment"),
                (self.known_subscribers, "subscriber"),
            )
            if number
        ]
        line = f"{', '.join(new)} {'would be imported' if is_dry_run else 'imported'}"
        drafts = (
            f"; {counted(self.drafts, 'of them is a draft', 'of them are drafts')}" if self.drafts else ""
        )
        old = f"; {' and '.join(known)} were here already" if known else ""
        return f"{'Nothing new: ' if self.is_nothing_new else ''}{line}{drafts}{old}."

    def lines(self) -> list[str]:
        """What was lost, repaired or left out, a line each."""
        lost = []
        for sentence, (count, places) in sorted(self.losses.items()):
            more = f" and {counted(count - len(places), 'more', 'more')}" if count > len(places) else ""
            lost.append(
                f"{sentence[0].upper()}{sentence[1:]}: {', '.join(f'“{place}”' for place in places)}{more}."
            )
        left = [f"Left out: {what}: {count:,}." for what, count in sorted(self.left_out.items()) if count]
        return [*lost, *self.notes, *left]

    def as_json(self, *, is_dry_run: bool) -> dict[str, Any]:
        """As it is kept (transfer.models.ImportRun.report)."""
        lines = self.lines()
        more = [f"{len(lines) - LINES_KEPT:,} more lines."] if len(lines) > LINES_KEPT else []
        return {
            "summary": self.summary(is_dry_run=is_dry_run),
            "lines": lines[:LINES_KEPT] + more,
            "failures": self.failures[:LINES_KEPT],
        }
