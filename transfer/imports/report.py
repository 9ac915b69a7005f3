"""The report of an import: what was imported and lost, as counts and sentences."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.utils.punctuation import grouped, marks, with_commas, with_semicolons

PLACES_NAMED = 5
LINES_KEPT = 500
POSTS_NAMED = 20

Losses = dict[str, tuple[int, list[str]]]


def counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def loss_in_words(sentence: str, places: list[str], count: int) -> str:
    """A loss, its first places, and how many more there are."""
    values = {"what": sentence[0].upper() + sentence[1:], "places": with_commas(places)}
    if (more := count - len(places)) <= 0:
        return _("%(what)s: %(places)s.") % values
    return ngettext(
        "%(what)s: %(places)s and %(count)s more.", "%(what)s: %(places)s and %(count)s more.", more
    ) % (values | {"count": grouped(more)})


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
    # By sentence: the count, and the first places.
    losses: Losses = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    # The ids of posts that are new or got comments, in file order.
    touched: list[int] = field(default_factory=list)
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
        """Add the results of one post."""
        for name, value in vars(more).items():
            if name == "losses":
                self.take_losses(value)
            elif isinstance(value, set):
                getattr(self, name).update(value)
            else:
                setattr(self, name, getattr(self, name) + value)

    def summary(self, *, is_dry_run: bool) -> str:
        """One sentence with the counts, without zeros."""
        if not (new := self._new()):
            if known := self._known():
                return _("Nothing new: %(known)s.") % {"known": known}
            return _("Nothing would be imported.") if is_dry_run else _("Nothing was imported.")
        sentence = _("%(new)s would be imported") if is_dry_run else _("%(new)s imported")
        words = f"{sentence % {'new': get_text_list(new, _('and'))}}{self._drafts(len(new) == 1)}"
        return with_semicolons(filter(None, [words, self._known()])) + marks().stop

    def _new(self) -> list[str]:
        held = _(" (%(count)s awaiting review)") % {"count": grouped(self.held)} if self.held else ""
        by = _(" by %(guests)s") % {"guests": _guests(len(self.guests))} if self.guests else ""
        return [
            words
            for number, words in (
                (self.posts, _posts(self.posts)),
                (self.pages, _pages(self.pages)),
                (self.comments, f"{_comments(self.comments)}{by}{held}"),
                (self.pictures, _pictures(self.pictures)),
                (self.subscribers, _subscribers(self.subscribers)),
            )
            if number
        ]

    def _known(self) -> str:
        known = [
            words
            for number, words in (
                (self.known_posts, _posts(self.known_posts)),
                (self.known_comments, _comments(self.known_comments)),
                (self.known_subscribers, _subscribers(self.known_subscribers)),
            )
            if number
        ]
        total = self.known_posts + self.known_comments + self.known_subscribers
        things = {"things": get_text_list(known, _("and"))}
        return (
            ngettext("%(things)s was already here", "%(things)s were already here", total) % things
            if known
            else ""
        )

    def _drafts(self, is_alone: bool) -> str:
        """How many of the posts and pages are drafts. is_alone: the sentence names nothing else."""
        if not self.drafts:
            return ""
        if self.posts + self.pages == 1:
            alone = _(", as a draft")
            return (
                alone
                if is_alone
                else _(", the page as a draft")
                if self.pages
                else _(", the post as a draft")
            )
        count = {"count": grouped(self.drafts)}
        if is_alone:
            words = ngettext(", %(count)s of them as a draft", ", %(count)s of them as drafts", self.drafts)
        elif self.pages:
            words = ngettext(
                ", %(count)s of the posts and pages as a draft",
                ", %(count)s of the posts and pages as drafts",
                self.drafts,
            )
        else:
            words = ngettext(
                ", %(count)s of the posts as a draft", ", %(count)s of the posts as drafts", self.drafts
            )
        return words % count

    def lines(self) -> list[str]:
        """One line for each loss, repair or omission."""
        lost = []
        for sentence, (count, places) in sorted(self.losses.items()):
            lost.append(loss_in_words(sentence, [f"“{place}”" for place in places], count))
        left = [
            _("Left out: %(what)s: %(count)s.") % {"what": what, "count": grouped(count)}
            for what, count in sorted(self.left_out.items())
            if count
        ]
        return [*lost, *self.notes, *left]

    def as_json(self, *, is_dry_run: bool) -> dict[str, Any]:
        """The stored form (transfer.models.ImportRun.report)."""
        lines = self.lines()
        over = len(lines) - LINES_KEPT
        more = (
            [ngettext("%(count)s more line.", "%(count)s more lines.", over) % {"count": grouped(over)}]
            if over > 0
            else []
        )
        return {
            "summary": self.summary(is_dry_run=is_dry_run),
            "lines": lines[:LINES_KEPT] + more,
            "failures": self.failures[:LINES_KEPT],
            "posts": self.touched[:POSTS_NAMED],
            "more_posts": max(0, len(self.touched) - POSTS_NAMED),
        }


# --- counts


def _posts(count: int) -> str:
    return ngettext("%(count)s post", "%(count)s posts", count) % {"count": grouped(count)}


def _pages(count: int) -> str:
    return ngettext("%(count)s page", "%(count)s pages", count) % {"count": grouped(count)}


def _comments(count: int) -> str:
    return ngettext("%(count)s comment", "%(count)s comments", count) % {"count": grouped(count)}


def _guests(count: int) -> str:
    return ngettext("%(count)s guest", "%(count)s guests", count) % {"count": grouped(count)}


def _pictures(count: int) -> str:
    return ngettext("%(count)s picture", "%(count)s pictures", count) % {"count": grouped(count)}


def _subscribers(count: int) -> str:
    return ngettext("%(count)s subscriber", "%(count)s subscribers", count) % {"count": grouped(count)}
