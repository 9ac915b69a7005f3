"""Detects rows that were deleted between being read and written, for example when the trash was emptied."""

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError

# Foreign key violations: SQLite's name, PostgreSQL's code.
POINTS_TO_NOTHING = {"SQLITE_CONSTRAINT_FOREIGNKEY", "23503"}
# PostgreSQL uses the same code if a row could not be deleted because another one now refers to it.
IS_POINTED_TO = "update or delete"


def is_row_gone(error: BaseException) -> bool:
    """Whether the error says that an expected row is gone: not found, or the target of a foreign key."""
    if isinstance(error, ObjectDoesNotExist):
        return True
    cause = error.__cause__ if isinstance(error, IntegrityError) else None
    if str(cause).startswith(IS_POINTED_TO):
        return False
    return not POINTS_TO_NOTHING.isdisjoint(
        {getattr(cause, "sqlite_errorname", ""), getattr(cause, "sqlstate", "")}
    )
