"""The edit history of comments, with the differences between versions."""

from dataclasses import dataclass

from django.conf import settings

from comments.models import Comment, CommentRevision
from core.utils.comparison import Comparison, Piece


@dataclass(frozen=True)
class Change:
    """One edit of a comment: the text before it, and the differences."""

    revision: CommentRevision
    pieces: list[Piece]


@dataclass(frozen=True)
class History:
    """A page of a comment's edits, newest first. `older_key` leads to the next page; 0 on the last."""

    changes: list[Change]
    older_key: int

    @property
    def first_version(self) -> CommentRevision | None:
        """The text before the first edit; None if there are older pages or no edits."""
        return self.changes[-1].revision if self.changes and not self.older_key else None


def read_history(comment: Comment, *, with_unmarked: bool, key: int = 0) -> History:
    """A page of CHANGES_PER_PAGE edits, from the one before the revision `key` on (0: from the newest).

    with_unmarked: include those of the first minutes, which readers do not see. At most two queries.
    """
    revisions = comment.revisions.order_by("-pk").select_related("edited_by")
    if not with_unmarked:
        revisions = revisions.filter(is_marked=True)
    if key:
        revisions = revisions.filter(pk__lte=key)
    rows = list(revisions[: settings.CHANGES_PER_PAGE + 1 + bool(key)])
    later = rows.pop(0).body if key and rows and rows[0].pk == key else comment.body
    shown, comparison, changes = rows[: settings.CHANGES_PER_PAGE], Comparison(), []
    for revision in shown:
        changes.append(Change(revision, comparison.pieces(revision.body, later)))
        later = revision.body
    return History(changes, older_key=shown[-1].pk if len(rows) > len(shown) else 0)
