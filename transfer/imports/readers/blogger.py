"""Blogger: its settings backup (Atom, kinds as categories), and feed.atom of Google Takeout (since 2018)."""

import re
from collections.abc import Iterator

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from transfer.imports.bundle import Bundle
from transfer.imports.readers.base import Format
from transfer.imports.stream import (
    ForeignAuthor,
    ForeignComment,
    ForeignPost,
    ForeignTag,
    LeftOut,
    Source,
    Thing,
)
from transfer.imports.values import moment, path_in
from transfer.imports.xml_stream import Element, elements

ATOM = "http://www.w3.org/2005/Atom"
KIND = "http://schemas.google.com/g/2005#kind"
# A picture with a caption: a table with two cells.
CAPTIONED = re.compile(
    r"<table\b[^<>]*\bclass=[\"'][^\"']*\btr-caption-container\b[^<>]*>(?P<picture>(?:(?!</?table\b).){0,2000}?)"
    r"<td\b[^<>]*\bclass=[\"']tr-caption[\"'][^<>]*>(?P<caption>(?:(?!</?table\b).){0,2000}?)</td>\s*</tr>\s*(?:</tbody>\s*)?</table>",
    re.DOTALL | re.IGNORECASE,
)
CELLS = re.compile(r"</?(?:tbody|tr|td)\b[^<>]*>", re.IGNORECASE)
# A thumbnail that links to the full-size picture.
IN_FULL = re.compile(
    r"<a\b[^<>]{0,2000}\bhref=[\"'](?P<whole>https?://[^\"'<>]{1,2000}/(?P<name>[^\"'/<>]{1,300}))[\"'][^<>]{0,2000}>\s*"
    r"<img\b(?P<before>[^<>]{0,2000}?)\bsrc=[\"']https?://[^\"'<>]{1,2000}/(?P=name)[\"'](?P<after>[^<>]{0,2000})>\s*</a>",
    re.IGNORECASE,
)
# The same with other file names, as Windows Live Writer produced. It is recognised by the host of the
# pictures.
IN_FULL_ELSEWHERE = re.compile(
    r"<a\b[^<>]{0,2000}\bhref=[\"'](?P<whole>https?://[\w.-]{1,100}\.(?:blogspot|googleusercontent|ggpht)\.com/[^\"'<>]{1,2000}/s\d+(?:-h)?/[^\"'/<>]{1,300})[\"'][^<>]{0,2000}>\s*"
    r"<img\b(?P<before>[^<>]{0,2000}?)\bsrc=[\"']https?://[\w.-]{1,100}\.(?:blogspot|googleusercontent|ggpht)\.com/[^\"'<>]{1,2000}[\"'](?P<after>[^<>]{0,2000})>\s*</a>",
    re.IGNORECASE | re.ASCII,
)
MORE = re.compile(r"<a\s+name=[\"']more[\"']\s*/?>(?:\s*</a>)?", re.IGNORECASE)
# Entries of the template and the settings, which are not content.
SILENT = {"template", "settings", "layout", "theme"}


def _names(bundle: Bundle) -> list[str]:
    names = bundle.names if bundle.is_single else list(bundle.matching(".xml", ".atom"))
    return [name for name in names if _is_blogger(bundle.head(name))]


def _is_blogger(head: bytes) -> bool:
    return b"<feed" in head and (
        b"schemas.google.com/blogger/" in head
        or b"blogger.com,1999:blog-" in head
        or b"schemas.google.com/blogger#" in head
    )


def matches(bundle: Bundle) -> bool:
    return bool(_names(bundle))


def read(bundle: Bundle) -> Iterator[Thing]:
    for name in _names(bundle):
        yield from _read(bundle, name)


def _read(bundle: Bundle, name: str) -> Iterator[Thing]:
    title, key, link = "", "", ""
    has_source = False
    for element in elements(bundle.open(name)):
        match element.bare_name:
            case "title":
                title = element.text
            case "id":
                key = element.text
            case "link" if element.attribute("rel") == "alternate":
                link = element.attribute("href")
            case "entry":
                if not has_source:
                    has_source = True
                    yield Source(link=link, key=key.removesuffix(".archive"), title=title)
                yield from _entry(element)
    if not has_source:
        yield Source(link=link, key=key, title=title)


def _kind(entry: Element) -> str:
    """post, page, comment, template …; in the old format, the last part of a category."""
    if term := entry.text_at("type"):
        return term.lower()
    for category in entry.all("category"):
        if category.attribute("scheme") == KIND:
            return category.attribute("term").rpartition("#")[2].lower()
    return ""


def _number(identifier: str) -> str:
    """ "post-123" of "tag:blogger.com,1999:blog-1.post-123"."""
    return identifier.rpartition(".")[2] or identifier


def _is_draft(entry: Element) -> bool:
    status, published_at = entry.text_at("status").upper(), moment(entry.text_at("published"))
    if status == "SCHEDULED" and published_at is not None and published_at > timezone.now():
        return False
    return entry.text_at("control", "draft").lower() in {"yes", "true", "1"} or bool(
        status and status != "LIVE"
    )


def _html(body: str) -> str:
    """The HTML of a post, with Blogger's peculiarities normalised."""

    def figure(found: re.Match[str]) -> str:
        caption = f"<figcaption>{found['caption'].strip()}</figcaption>" if found["caption"].strip() else ""
        return f"<figure>{CELLS.sub('', found['picture'])}{caption}</figure>"

    def whole(found: re.Match[str]) -> str:
        # In old posts, "s1600-h" is a page that shows the picture.
        address = re.sub(r"/(s\d+)-h/(?=[^/]+$)", r"/\1/", found["whole"])
        return f'<img{found["before"]}src="{address}"{found["after"]}>'

    body = IN_FULL.sub(whole, MORE.sub("<!--more-->", body))
    return CAPTIONED.sub(figure, IN_FULL_ELSEWHERE.sub(whole, body))


def _link(entry: Element, rel: str) -> str:
    return next((one.attribute("href") for one in entry.all("link") if one.attribute("rel") == rel), "")


def _entry(entry: Element) -> Iterator[Thing]:
    kind = _kind(entry)
    if kind == "comment":
        yield from _comment(entry)
    elif kind in {"post", "page"}:
        author = entry.child("author")
        name = author.text_at("name") if author else ""
        email = author.text_at("email") if author else ""
        yield ForeignAuthor(name, name, "" if "noreply" in email else email)
        yield _post(entry, kind, name)
    elif kind not in SILENT:
        yield LeftOut(_("entries of the kind %(kind)s") % {"kind": kind[:30] or "none"})


def _post(entry: Element, kind: str, author: str) -> ForeignPost:
    losses = sorted(entry.repairs)
    published_at = moment(entry.text_at("published"))
    status = entry.text_at("status").upper()
    if published_at is None and not _is_draft(entry):
        losses.append(_("a post without a readable date becomes a draft"))
    if status and status not in {"LIVE", "DRAFT"} and _is_draft(entry):
        losses.append(_("a post that was not public there becomes a draft"))
    # The current URL, and the one that an old template used.
    addresses = [one for one in (entry.text_at("filename"), _link(entry, "alternate")) if one]
    path = path_in(addresses[0]) if addresses else ""
    name = path.rpartition("/")[2].removesuffix(".html")
    return ForeignPost(
        key=_number(entry.text_at("id")),
        title=entry.text_at("title"),
        body=_html(entry.text_at("content") or entry.text_at("summary")) + _recording(entry),
        summary=entry.text_at("metaDescription"),
        slug=name,
        kind=kind,
        published_at=None if _is_draft(entry) else published_at,
        created_at=moment(entry.text_at("created")) or published_at,
        updated_at=moment(entry.text_at("updated")),
        author=author,
        tags=_tags(entry),
        addresses=addresses,
        losses=losses,
    )


def _recording(entry: Element) -> str:
    """The recording that a podcast names outside the text."""
    address = _link(entry, "enclosure")
    return format_html('<p><a href="{}">{}</a></p>', address, _("Recording")) if address else ""


def _tags(entry: Element) -> list[ForeignTag]:
    found = [
        category.attribute("term")
        for category in entry.all("category")
        if category.attribute("scheme") != KIND and "schemas.google.com" not in category.attribute("term")
    ]
    return [ForeignTag(term) for term in dict.fromkeys(found) if term]


def _comment(entry: Element) -> Iterator[Thing]:
    reply = entry.child("in-reply-to")
    post = entry.text_at("parent") or (reply.attribute("ref") if reply else "")
    if not post:
        yield LeftOut(_("comments that don’t name a post"))
        return
    author = entry.child("author")
    email = author.text_at("email") if author else ""
    related = _link(entry, "related")
    parent = entry.text_at("inReplyTo") or (f"post-{related.rpartition('/')[2]}" if related else "")
    status = entry.text_at("status").upper()
    if any(one.attribute("name") == "blogger.contentRemoved" for one in entry.all("extendedProperty")):
        status = "REMOVED"  # the text is only a sentence that says so
    yield ForeignComment(
        key=_number(entry.text_at("id")),
        post=_number(post),
        parent=_number(parent) if parent else "",
        name=author.text_at("name") if author else "",
        email="" if "noreply" in email else email,
        url=author.text_at("uri") if author else "",
        body=entry.text_at("content"),
        status={"SPAM_COMMENT": "spam", "GHOSTED": "spam", "PENDING_COMMENT": "held", "PENDING": "held"}.get(
            status, "public" if not status or status == "LIVE" else "deleted"
        ),
        written_at=moment(entry.text_at("published")),
        losses=sorted(entry.repairs),
    )


FORMAT = Format("blogger", "Blogger", matches, read)
