from django.utils.translation import gettext_lazy as _

from core.parts import Part

BIRTHDAYS = Part(
    "birthdays",
    _("Birthdays"),
    _("A calendar of the birthdays that members share, with wishes."),
    "birthdays:birthday-list",
    "birthdays.services.calendar.on_home",
)
