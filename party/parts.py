from django.utils.translation import gettext_lazy as _

from core.parts import Part

PARTY = Part(
    "party",
    _("Party mode"),
    _(
        "On birthdays and days with events the site dresses up: bunting, a hat, and confetti once per visit. You choose the look for each day; members can turn it off for themselves."
    ),
)
