"""The only places that declare HTML to be safe."""

import json
import re
from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def trusted(clean_html: str) -> SafeString:
    """HTML that this package sanitised before it was stored, ready for a template."""
    return mark_safe(clean_html)  # noqa: S308 - the stored result of render_markdown or clean_post_html


def assembled(pieces: Iterable[str]) -> SafeString:
    """Join pieces of a page that templates rendered."""
    return mark_safe("".join(pieces))  # noqa: S308 - each piece was escaped by its template


def with_attribute(element: str, name: str, value: str) -> SafeString:
    """An element rendered by Django, with another attribute."""
    tag = re.match(r"<\w+", element)
    if tag is None:
        return mark_safe(element)  # noqa: S308 - as Django wrote it
    return format_html('{} {}="{}"{}', mark_safe(tag[0]), name, value, mark_safe(element[tag.end() :]))  # noqa: S308


def json_ld(data: object) -> SafeString:
    """Structured data (schema.org) as a script element. Nothing in the data can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    text = (
        text.replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - < > & are escaped above
