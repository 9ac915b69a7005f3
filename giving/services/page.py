"""The contents of the giving page."""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from giving.models import Gift, GivingSettings, Pledge, Way, money

MAX_THANKED = 100
# How many pledges are read, oldest first, since this reader may not see some of the members.
PLEDGES_LOOKED_AT = 300


@dataclass(frozen=True)
class Overview:
    """Amounts are text in the site's currency.

    reached: percent of this month's costs, None if these are not set.
    """

    costs: str
    came_in: str
    pledged: str
    reached: int | None
    ways: list[Way]
    thanked_members: list[User]
    thanked_names: list[str]


def overview(settings: GivingSettings, reader: User | AnonymousUser) -> Overview:
    """The current month; thanks for the last twelve. Six queries."""
    currency, cost = settings.currency, settings.monthly_cost
    came_in = Gift.objects.of_month().total(currency)
    pledged = Pledge.objects.total(currency)
    today = timezone.localdate()
    year_ago = today.replace(year=today.year - 1, day=1)
    names = Gift.objects.thanked().filter(received_on__gte=year_ago).values_list("thank_as", flat=True)
    return Overview(
        costs=money(cost, currency) if cost else "",
        came_in=money(came_in, currency),
        pledged=money(pledged, currency) if pledged else "",
        reached=min(int(max(came_in, Decimal(0)) / cost * 100), 100) if cost else None,
        ways=list(Way.objects.all()),
        thanked_members=_thanked_members(reader),
        thanked_names=list(dict.fromkeys(names[:MAX_THANKED])),
    )


def pledge_in_another(pledge: Pledge | None, currency: str) -> str:
    """What was pledged in the currency that the site had before; "" if it was pledged in this one."""
    return money(pledge.amount, pledge.currency) if pledge and pledge.currency != currency else ""


def _thanked_members(reader: User | AnonymousUser) -> list[User]:
    """Members with pledges, the earliest first.

    The pledges are read in index order, and only their members are loaded.
    """
    pledges = Pledge.objects.filter(is_thanked=True).order_by("since", "pk")
    keys = list(pledges.values_list("pk", flat=True)[:PLEDGES_LOOKED_AT])
    shown = User.objects.listed_for(reader).in_bulk(keys)
    return [shown[pk] for pk in keys if pk in shown][:MAX_THANKED]
