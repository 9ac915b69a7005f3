"""What happens to memorials when two accounts are merged (settings.ACCOUNT_MERGE_STEPS)."""

from accounts.models import User
from memorials.models import Memorial


def keep_one_part(kept: User, other: User) -> None:
    """Remove one role of a person who would be both keepers of a memorial.

    Otherwise the row would violate a constraint, and the memorial would be dropped.
    """
    Memorial.objects.filter(host=kept, keeper=other).update(keeper=None)
    Memorial.objects.filter(host=other, keeper=kept).update(host=None)
