"""What becomes of memorials when two accounts of one person are merged (settings.ACCOUNT_MERGE_STEPS)."""

from accounts.models import User
from memorials.models import Memorial


def keep_one_part(kept: User, other: User) -> None:
    """Who is both keepers of a memorial is one of them from now on. Otherwise the row is refused, and with it the memorial is gone."""
    Memorial.objects.filter(host=kept, keeper=other).update(keeper=None)
    Memorial.objects.filter(host=other, keeper=kept).update(host=None)
