"""Decisions about an account that is merged into another (accounts/services/merging.py)."""

from accounts.models import User
from accounts.services.permissions import set_known_since
from moderation.models import ProfileReview


def keep_confirmed_spam(kept: User, other: User) -> None:
    """Keep the member unknown while a comment of either account is confirmed spam.

    If that is undone, they are known since the earlier of the two dates.
    """
    spam = ProfileReview.objects.hiding().filter(member__in=[kept, other], cause=ProfileReview.Cause.SPAM)
    before = list(spam.values_list("known_since", flat=True))
    if not before:
        return
    moments = [moment for moment in (kept.known_since, other.known_since, *before) if moment]
    spam.update(known_since=min(moments, default=None))
    for member in (kept, other):
        set_known_since(member, None)
