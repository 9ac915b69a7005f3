"""Substack (Settings, Export): a zip with posts.csv, the posts as HTML, and subscriber lists."""

import json
import re
from collections.abc import Iterator
from html import escape, unescape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from django.utils.html import format_html
from django.utils.translation import gettext as _

from transfer.imports.bundle import Bundle
from transfer.imports.readers.base import Format
from transfer.imports.readers.tables import rows_of, subscribers_of
from transfer.imports.stream import ForeignPost, LeftOut, Source, Thing
from transfer.imports.values import decoded, is_true, mapping, moment, rows, text

# A footnote reference in the text; and the footnote, whose number links back.
NOTE = re.compile(
    r'<a\b[^<>]*class="footnote-anchor"[^<>]*href="#footnote-([1-9][0-9]{0,3})"[^<>]*>[^<]*</a>'
)
NOTE_TEXT = re.compile(
    r'<div class="footnote"[^<>]*>\s*<a\b[^<>]*(?:id="footnote-|href="#footnote-anchor-)([1-9][0-9]{0,3})"[^<>]*>[^<]*</a>'
    r'\s*<div class="footnote-content">((?:(?!<div class="footnote").){0,20000}?)</div>\s*</div>',
    re.DOTALL,
)
# Embedded elements that are rendered from their attributes: empty, or with rendered content.
PART = re.compile(
    r'<div class="([\w -]{1,80})"(?:\s+data-component-name="[^"<>]{0,80}")?\s+data-attrs="([^"]{1,100000})"[^<>]*>\s*'
    r'(?:<a class="embedded-post"(?:(?!</a>|<a ).){0,20000}?</a>\s*)?</div>',
    re.DOTALL,
)
# A callout or pull quote in its own box.
QUOTED = re.compile(
    r'<div class="(?:pullquote|callout-block)"[^<>]*>((?:(?!</?div\b).){0,20000}?)</div>', re.DOTALL
)
ONLY_PAID = {"only_paid", "founding"}
FREE = {"everyone", "only_free"}


def _table(bundle: Bundle) -> str:
    return next((name for name in bundle.names if PurePosixPath(name).name == "posts.csv"), "")


def matches(bundle: Bundle) -> bool:
    name = _table(bundle)
    return bool(name) and b"post_id" in bundle.head(name)[:2000]


def read(bundle: Bundle) -> Iterator[Thing]:
    table = _table(bundle)
    # "posts/123.on-bread.html" is the text of the row with the post_id "123.on-bread".
    texts = {PurePosixPath(name).stem: name for name in bundle.matching(".html")}
    yield Source(key="substack")
    for row in rows_of(bundle.read(table)):
        yield from _post(bundle, row, texts)
    for name in bundle.matching(".csv"):
        if name != table and "email" in PurePosixPath(name).name:
            yield from subscribers_of(bundle, name)


def _post(bundle: Bundle, row: dict[str, str], texts: dict[str, str]) -> Iterator[Thing]:
    """The post of a row, and what is left out of it. texts: the names of the HTML files, by stem."""
    key = row.get("post_id", "")
    number, _dot, slug = key.partition(".")
    losses: list[str] = []
    recording = row.get("podcast_url", "").strip()
    if recording:
        losses.append(_("a recording becomes a link"))
    elif row.get("type") in {"thread", "podcast"}:
        yield LeftOut(_("recordings and chats (%(row)s); their texts are kept") % {"row": row["type"]})
    name = texts.get(key) or next((texts[stem] for stem in texts if stem.partition(".")[0] == number), "")
    body = _body(bundle, name, losses)
    if recording:
        body += format_html('<p><a href="{}">{}</a></p>', recording, _("Recording"))
    audience = row.get("audience") or "everyone"
    published_at = moment(row.get("post_date")) if is_true(row.get("is_published")) else None
    if published_at is not None and (why := _why_draft(row, body, audience)):
        published_at = None
        losses.append(why)
    yield ForeignPost(
        key=number or key,
        title=row.get("title", ""),
        body=body,
        summary=row.get("subtitle", ""),
        slug=slug,
        kind="page" if row.get("type") == "page" else "post",
        visibility="members" if audience == "only_free" else "public",
        published_at=published_at,
        created_at=moment(row.get("post_date")),
        addresses=[f"/p/{slug}"] if slug else [],
        losses=losses,
    )


def _body(bundle: Bundle, name: str, losses: list[str]) -> str:
    """The text of a post from its file, which may be missing."""
    if not name:
        losses.append(_("the text of a post is not in the export"))
        return ""
    body, is_guessed = decoded(bundle.read(name))
    body = PART.sub(
        lambda found: _part(found, losses), QUOTED.sub(r"<blockquote>\1</blockquote>", _with_notes(body))
    )
    if is_guessed:
        losses.append(_("some characters were not valid UTF-8 and are read as Windows-1252"))
    return body


def _why_draft(row: dict[str, str], body: str, audience: str) -> str:
    """Why a published post becomes a draft here, or nothing."""
    if row.get("type") == "adhoc_email":
        return _("an email-only post becomes a draft")
    if not body:
        return _("a post without text becomes a draft")
    if audience in ONLY_PAID:
        return _("a post for paying subscribers becomes a draft")
    if audience not in FREE:
        return _("a post for readers of an unknown kind becomes a draft")
    return ""


def _with_notes(body: str) -> str:
    """Footnotes in our form at the end of the text."""
    notes = dict(NOTE_TEXT.findall(body))
    if not notes:
        return body

    def refer(found: re.Match[str]) -> str:
        number = found[1]
        return (
            f'<sup class="fnref" id="fnref-{number}"><a href="#fn-{number}">{number}</a></sup>'
            if number in notes
            else found[0]
        )

    items = "".join(
        f'<li id="fn-{number}">{note} <a href="#fnref-{number}">↩</a></li>' for number, note in notes.items()
    )
    rest = NOTE_TEXT.sub("", NOTE.sub(refer, body))
    return f'{rest}<section class="footnotes"><ol>{items}</ol></section>'


def _part(found: re.Match[str], losses: list[str]) -> str:
    try:
        part = mapping(json.loads(unescape(found[2])))
    except (ValueError, RecursionError):
        part = {}
    if found[1] == "image-gallery-embed" and (gallery := _gallery(mapping(part.get("gallery")))):
        return gallery
    if formula := text(part.get("persistentExpression")):
        return f'<pre><code class="language-latex">{escape(formula)}</code></pre>'
    address = text(part.get("canonical_url")) or text(part.get("url"))
    address = address or _address_elsewhere(part)
    if content := text(part.get("full_text")) or (text(part.get("text")) if part.get("authorHandle") else ""):
        written = f"<blockquote><p>{escape(content)}</p></blockquote>"
        return written + (f'<p><a href="{escape(address)}">{escape(address)}</a></p>' if address else "")
    if not address or "%%" in address:  # a placeholder of Substack
        losses.append(_("a part without text or address is left out (%(part)s)") % {"part": found[1]})
        return ""
    label = text(part.get("title")) or text(part.get("name")) or address
    return f'<p><a href="{escape(address)}">{escape(label)}</a></p>'


def _address_elsewhere(part: dict[str, Any]) -> str:
    """The URL of an element that only has the id of its content."""
    if number := text(part.get("instagram_id")):
        return f"https://www.instagram.com/p/{quote(number)}/"
    handle, number = text(part.get("authorHandle")), text(part.get("postId"))
    if handle and number:
        return f"https://bsky.app/profile/{quote(handle)}/post/{quote(number)}"
    return text(part.get("base_url"))


def _gallery(gallery: dict[str, object]) -> str:
    pictures = "".join(
        f'<figure><img src="{escape(text(one.get("src")))}" alt="{escape(text(one.get("alt")))}"></figure>'
        for one in rows(gallery.get("images"))
    )
    caption = text(gallery.get("caption")).strip()
    return pictures + (f"<p>{escape(caption)}</p>" if caption else "")


FORMAT = Format("substack", "Substack", matches, read)
