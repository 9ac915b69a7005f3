"""The stylesheet with the host's colour, typeface and width.

It depends on its URL alone, so it never changes.
"""

from django.db.models import TextChoices
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

ACCENT_HUE = 44
"""The hue in static/css/tokens.css."""


class Typeface(TextChoices):
    BOOK = "book", _("Book: an old-style serif")
    NEWS = "news", _("Newspaper: a sturdy serif")
    PLAIN = "plain", _("Plain: the device’s own sans serif")


class Width(TextChoices):
    NARROW = "narrow", _("Narrow: short lines")
    MEDIUM = "medium", _("Medium")
    WIDE = "wide", _("Wide: long lines, large pictures")


# The width of a column of text. Medium is in static/css/layout.css.
COLUMNS = {Width.NARROW: "34rem", Width.WIDE: "48rem"}

# Stacks of typefaces installed on devices: nothing is loaded.
STACKS = {
    Typeface.NEWS: 'Charter, "Bitstream Charter", "Sitka Text", Cambria, "Noto Serif", serif',
    Typeface.PLAIN: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Cantarell, Ubuntu, sans-serif',
}


def address_of(hue: int, typeface: str, width: str = Width.MEDIUM) -> str:
    """The stylesheet's URL; "" if all values are the defaults."""
    if hue == ACCENT_HUE and typeface == Typeface.BOOK and width == Width.MEDIUM:
        return ""
    return reverse(
        "core:stylesheet", args=[hue, typeface] if width == Width.MEDIUM else [hue, typeface, width]
    )


def stylesheet(hue: int, typeface: Typeface, width: Width = Width.MEDIUM) -> str:
    """The rules.

    They are in no layer, so they override tokens.css; the admin's stylesheet uses the same variables.
    """
    rules = f":root, html[data-theme] {{ --hue: {hue}; "
    if stack := STACKS.get(typeface):
        rules += f"--serif: {stack}; "
    if column := COLUMNS.get(width):
        rules += f"--col: {column}; "
    return rules + "}\n"
