"""What this app exports about a member (accounts/services/export.py). Gifts are not linked to members."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.export import Part, Row
from giving.models import Pledge, money


def _pledge(member: User) -> Iterator[Row]:
    for pledge in Pledge.objects.filter(member=member):
        yield {
            "amount": money(pledge.amount, pledge.currency),
            "since": pledge.since,
            "thanked": pledge.is_thanked,
        }


PARTS = [
    Part(
        "pledge",
        _("Your pledge"),
        _pledge,
        {"amount": _("Monthly amount"), "since": _("Since"), "thanked": _("Thanked by name")},
        frozenset({"giving.Pledge.member"}),
    )
]
