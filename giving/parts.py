from django.utils.translation import gettext_lazy as _

from core.parts import Part

GIVING = Part(
    "giving",
    _("Giving"),
    _("A page that says what this site costs, what it has received, and how to give."),
    "giving:giving",
)
