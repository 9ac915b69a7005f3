"""Slugs in any script.

Latin letters lose their accents ("Straße" is strasse). Other scripts stay as they are: browsers show them,
and the server sends them percent-encoded (RFC 3987). Django's slugify drops the vowels of Hindi and Thai,
which are marks and no "word characters" for Python.
"""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.urls.converters import StringConverter
from django.utils.translation import gettext_lazy as _

# Latin letters that NFKD does not decompose.
LATIN = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ł": "l",
        "ħ": "h",
        "ĸ": "k",
        "ŋ": "n",
        "ŧ": "t",
        "ə": "e",
    }
)
LATIN_WITH_MARKS = re.compile("([a-z])[\u0300-\u036f]+")
# The maximum length of slugs made here.
MAX_CHARACTERS = 120
QUOTES = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a"


def make_slug(text: str, *, fold: bool = True) -> str:
    """The text as a slug; "" if nothing is left of it. fold: remove accents from Latin letters."""
    text = unicodedata.normalize(
        "NFKC", "".join("-" if _parts_words(char) else char for char in text)
    ).lower()
    if fold:
        text = LATIN_WITH_MARKS.sub(r"\1", unicodedata.normalize("NFKD", text.translate(LATIN)))
    text = unicodedata.normalize("NFC", text)
    return re.sub(r"-+", "-", "".join(filter(is_slug_char, text))).strip("-_")


def _parts_words(char: str) -> bool:
    """Whether a character separates words: spaces and non-ASCII punctuation.

    That of ASCII is dropped, as in Django.
    """
    return char.isspace() or (
        not char.isascii() and char not in QUOTES and unicodedata.category(char)[0] in "PZ"
    )


def is_slug_char(char: str) -> bool:
    """Whether a slug may contain it: letters, digits and marks of any script, "-" and "_"."""
    return char in "-_" or unicodedata.category(char)[0] in "LNM"


def validate_slug(slug: str) -> None:
    if not all(map(is_slug_char, slug)):
        raise ValidationError(_("Use letters, numbers, hyphens and underscores only."), code="invalid")


class SlugFormField(forms.CharField):
    """A slug as typed, normalised (NFC) like those in URLs."""

    default_validators = [validate_slug]

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFC", super().to_python(value) or "")


class SlugField(models.SlugField):
    """Django's SlugField for every script."""

    default_validators = [validate_slug]

    def deconstruct(self) -> Any:
        """Migrations use Django's field: the column is the same."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.SlugField", args, kwargs

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return models.CharField.formfield(self, **{"form_class": SlugFormField, **kwargs})


class SlugConverter(StringConverter):
    """A slug in a URL, normalised (NFC). An invalid one is simply not found."""

    def to_python(self, value: str) -> str:
        return unicodedata.normalize("NFC", value)


class PageSlugConverter(SlugConverter):
    """For a URL that consists of nothing but a slug: anything else does not match."""

    def to_python(self, value: str) -> str:
        slug = super().to_python(value)
        if len(slug) > MAX_CHARACTERS or not all(map(is_slug_char, slug)):
            raise ValueError(slug)
        return slug
