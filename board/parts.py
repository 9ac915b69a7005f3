from django.utils.translation import gettext_lazy as _

from core.parts import Part

BOARD = Part(
    "board",
    _("Board"),
    _("A wall of pictures, videos and links that members bring along."),
    "board:wall",
)
