"""Template tags used by every app."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.template import Library
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from core.markup import code, contents, highlight, plain, safe
from core.parts import blocks_on_home
from core.utils import dates
from core.utils.languages import foreign_language
from core.utils.punctuation import marks

register = Library()


@lru_cache(maxsize=256)
def _icon(name: str, sprite: str) -> SafeString:
    return format_html('<svg class="i" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name)


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of static/icons.svg. Hidden from screen readers: put a label beside it."""
    return _icon(name, static("icons.svg"))


@register.filter
def as_lang(code: str) -> str:
    """A lang attribute for a text in this language; "" if it is the page's language or unknown."""
    foreign = foreign_language(code)
    return format_html(' lang="{}"', foreign) if foreign else ""


@register.simple_tag
def comma() -> str:
    """The separator of a list that is not part of a translated sentence."""
    return marks().comma


@register.simple_tag
def space() -> str:
    """The space after a name that is not part of a translated sentence."""
    return marks().space


@register.simple_tag
def full_stop() -> str:
    return marks().stop


class ShownPost(NamedTuple):
    html: SafeString
    contents: list[contents.Heading]


@register.filter
def isolated(text: str) -> SafeString:
    """Isolate a user's text within a sentence, so that punctuation after it stays in place."""
    return format_html("<bdi>{}</bdi>", text)


@register.filter
def displayed(clean_html: str) -> ShownPost:
    """The stored HTML of a post as its page shows it, with its table of contents."""
    marked, headings = contents.with_contents(clean_html)
    return ShownPost(safe.trusted(code.with_colours(marked)), headings)


@register.filter
def trusted_html(clean_html: str) -> SafeString:
    """HTML that core.markup.comments made when it was stored."""
    return safe.trusted(clean_html)


@register.filter
def dead_links(clean_html: str, marked: Sequence[str] = ()) -> SafeString:
    """HTML from core.markup.comments, without clickable links, and with these words highlighted."""
    return highlight.without_links(clean_html, marked)


@register.filter
def with_marks(text: str, marked: Sequence[str]) -> SafeString:
    """Plain text with these words and hosts highlighted."""
    return highlight.with_marks(text, marked)


@register.filter
def before_stop(text: str) -> str:
    """A time that is followed by a full stop."""
    return dates.before_stop(text)


@register.filter
def excerpt(some_html: str, characters: int = 200) -> str:
    return plain.excerpt(some_html, characters)


@register.filter
def plain_text(some_html: str) -> str:
    return plain.plain_text(some_html)


@register.simple_tag(takes_context=True)
def parts_on_home(context: dict[str, Any]) -> SafeString:
    """What the parts of the community show on the home page (core/parts.py)."""
    request = context["request"]
    return safe.assembled(
        render_to_string(template, values | {"user": request.user}, request)
        for template, values in blocks_on_home(request.user)
    )


@register.filter
def as_json_ld(data: object) -> SafeString:
    return safe.json_ld(data)


@register.filter
def labelled_cells(row: Sequence[str], headers: Sequence[dict[str, Any]]) -> list[str]:
    """The cells of a row in an admin list, labelled with their column heading, except the checkbox."""
    return [
        cell
        if "action-checkbox" in cell[:40]
        else safe.with_attribute(cell, "data-label", capfirst(str(header["text"])))
        for cell, header in zip(row, headers, strict=False)
    ]
