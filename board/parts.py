from django.utils.translation import gettext_lazy as _

from core.parts import Part

BOARD = Part(
    "board",
    _("Board"),
    _("A board of pictures, videos and links that members share."),
    "board:wall",
)
