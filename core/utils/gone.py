"""A row that a request has read may be deleted before it writes: by the worker that empties the trash, say."""

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError

# What databases say of a row that points to none: SQLite by name, PostgreSQL by number.
POINTS_TO_NOTHING = {"SQLITE_CONSTRAINT_FOREIGNKEY", "23503"}
# PostgreSQL says the same of a row that could not be deleted, as another one has come to point to it meanwhile.
IS_POINTED_TO = "update or delete"


def says_gone(error: BaseException) -> bool:
    """Whether a row that the code counts on is not there: it is not found again, or what points to it cannot be stored."""
    if isinstance(error, ObjectDoesNotExist):
        return True
    cause = error.__cause__ if isinstance(error, IntegrityError) else None
    if str(cause).startswith(IS_POINTED_TO):
        return False
    return not POINTS_TO_NOTHING.isdisjoint(
        {getattr(cause, "sqlite_errorname", ""), getattr(cause, "sqlstate", "")}
    )
