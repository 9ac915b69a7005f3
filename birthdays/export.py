"""What this app exports about a member (accounts/services/export.py). Wishes are comments."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.export import Part, Row
from birthdays.models import Birthday


def _birthdays(member: User) -> Iterator[Row]:
    for birthday in Birthday.objects.filter(member=member).select_related("post").order_by("year"):
        yield {"year": birthday.year, "address": birthday.post.get_canonical_url()}


PARTS = [
    Part(
        "birthdays",
        _("Your birthday pages"),
        _birthdays,
        {"year": _("Year"), "address": _("Address")},
        frozenset({"birthdays.Birthday.member"}),
    )
]
