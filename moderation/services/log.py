"""The public moderation log: which moderator decided what and why, without the text and without the names of those concerned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import NamedTuple, Self

from django.conf import settings
from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from core.utils.pagination import Cursor
from moderation.models import Decision, ModerationAction, Report

# Both kinds of rows are in one list; of the same moment, decisions first.
DECISION, ACT = "d", "a"


class LogCursor(NamedTuple):
    """The place behind an entry of the log."""

    kind: str
    place: Cursor

    def __str__(self) -> str:
        return f"{self.kind}{self.place}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What __str__ wrote, or None."""
        place = Cursor.read(text[1:])
        return cls(text[0], place) if place is not None and text[0] in {DECISION, ACT} else None

    def rows_before(self, kind: str) -> Q:
        if kind == self.kind:
            return self.place.rows_before("created_at")
        return Q(**{"created_at__lte" if kind == ACT else "created_at__lt": self.place.at})


@dataclass(frozen=True)
class Entry:
    """One line. `row` is a Decision or an ModerationAction; templates ask which by the two properties."""

    kind: str
    row: Decision | ModerationAction

    @property
    def place_in_time(self) -> tuple[datetime, bool, int]:
        return self.row.created_at, self.kind == DECISION, self.row.pk

    @property
    def cursor(self) -> LogCursor:
        return LogCursor(self.kind, Cursor(self.row.created_at, self.row.pk))

    @property
    def decision(self) -> Decision | None:
        return self.row if isinstance(self.row, Decision) else None

    @property
    def act(self) -> ModerationAction | None:
        return self.row if isinstance(self.row, ModerationAction) else None

    @property
    def why(self) -> str:
        """The host's reason; without one, what members had reported, or the sentence that everybody reads who is stopped by it."""
        row = self.row
        if row.text is not None:
            return row.text.title
        if isinstance(row, Decision):
            if row.action not in {Decision.Action.REMOVE, Decision.Action.SPAM}:
                return ""
            reported = "; ".join(dict.fromkeys(report.get_reason_display() for report in row.reports.all()))
            return reported or (_("no reason given") if row.action == Decision.Action.REMOVE else "")
        if row.action in {ModerationAction.Action.SUSPEND, ModerationAction.Action.BAN}:
            return _("for a reason given in a message")
        return (
            row.restriction.words
            if row.action in {ModerationAction.Action.DOMAIN, ModerationAction.Action.NETWORK}
            and row.restriction
            else ""
        )


class LogPage(NamedTuple):
    entries: list[Entry]
    older: LogCursor | None


def read_log(before: LogCursor | None = None) -> LogPage:
    """The next REVIEW_PER_PAGE entries, newest first. Three queries.

    Notes and manual trust levels are private: they are not in it.
    """
    size = settings.REVIEW_PER_PAGE
    decisions = Decision.objects.select_related("moderator", "text", "comment__post", "undone_by").order_by(
        "-created_at", "-pk"
    )
    decisions = decisions.prefetch_related(
        Prefetch("reports", Report.objects.only("decision", "reason").order_by("pk"))
    )
    acts = (
        ModerationAction.objects.exclude(action=ModerationAction.Action.LEVEL)
        .select_related("moderator", "text", "restriction")
        .order_by("-created_at", "-pk")
    )
    if before is not None:
        decisions, acts = decisions.filter(before.rows_before(DECISION)), acts.filter(before.rows_before(ACT))
    found = [
        *(Entry(DECISION, row) for row in decisions[: size + 1]),
        *(Entry(ACT, row) for row in acts[: size + 1]),
    ]
    entries = sorted(found, key=lambda entry: entry.place_in_time, reverse=True)
    shown = list(islice(entries, size))
    return LogPage(shown, shown[-1].cursor if len(entries) > size else None)
