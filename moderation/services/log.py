"""The public moderation log: which moderator decided what and why.

It contains neither the text nor the names of those concerned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from core.utils.pagination import Cursor
from core.utils.punctuation import with_semicolons
from moderation.models import Decision, DiscussionAction, ModerationAction, Report

# Rows of all kinds are merged into one list. At the same time, decisions come first.
DECISION, ACT, DISCUSSION = "d", "a", "t"
RANK = {DECISION: 2, ACT: 1, DISCUSSION: 0}


class LogCursor(NamedTuple):
    """The position after an entry of the log."""

    kind: str
    place: Cursor

    def __str__(self) -> str:
        return f"{self.kind}{self.place}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Parse the output of __str__, or return None."""
        place = Cursor.read(text[1:])
        return cls(text[0], place) if place is not None and text[0] in RANK else None

    def rows_before(self, kind: str) -> Q:
        """The condition for rows of this kind that come after the cursor on the page."""
        if kind == self.kind:
            return self.place.rows_before("created_at")
        comes_after = RANK[kind] < RANK[self.kind]
        return Q(**{"created_at__lte" if comes_after else "created_at__lt": self.place.at})


@dataclass(frozen=True)
class Entry:
    """One entry. Templates use the three properties to find out its kind."""

    kind: str
    row: Decision | ModerationAction | DiscussionAction

    @property
    def sort_key(self) -> tuple[datetime, int, int]:
        """Newest first; at the same time in the order of RANK."""
        return self.row.created_at, RANK[self.kind], self.row.pk

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
    def discussion(self) -> DiscussionAction | None:
        return self.row if isinstance(self.row, DiscussionAction) else None

    @property
    def why(self) -> str:
        """The host's removal reason; else what members reported, or the message of a restriction."""
        row = self.row
        if isinstance(row, DiscussionAction):
            return ""
        if row.text is not None:
            return row.text.title
        if isinstance(row, Decision):
            if row.action not in {Decision.Action.REMOVE, Decision.Action.SPAM}:
                return ""
            reported = with_semicolons(
                dict.fromkeys(report.get_reason_display() for report in row.reports.all())
            )
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
    """Entries of the log, and where older ones begin."""

    entries: list[Entry]
    older: LogCursor | None


def read_log(before: LogCursor | None = None) -> LogPage:
    """The next REVIEW_PER_PAGE entries, newest first. Four queries.

    Notes and trust overrides are private and not included.
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
    discussions = DiscussionAction.objects.select_related("moderator", "post").order_by("-created_at", "-pk")
    found: list[Entry] = []
    for kind, rows in ((DECISION, decisions), (ACT, acts), (DISCUSSION, discussions)):
        there: QuerySet[Any] = rows if before is None else rows.filter(before.rows_before(kind))
        found += [Entry(kind, row) for row in there[: size + 1]]
    entries = sorted(found, key=lambda entry: entry.sort_key, reverse=True)
    shown = list(islice(entries, size))
    return LogPage(shown, shown[-1].cursor if len(entries) > size else None)
