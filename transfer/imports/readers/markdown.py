"""A folder or zip of Markdown files with front matter: Hugo, Jekyll, Eleventy, Astro, Zola and others."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from transfer.imports import front_matter
from transfer.imports.bundle import Bundle
from transfer.imports.readers.base import Format
from transfer.imports.readers.markdown_links import Links
from transfer.imports.readers.markdown_site import POST_FOLDERS, Site, name_and_day, stem_of, tags_in
from transfer.imports.readers.markdown_status import is_draft, visibility_of, why_private
from transfer.imports.shortcodes import plain_markdown, without_shortcodes
from transfer.imports.stream import ForeignComment, ForeignPost, ForeignTag, LeftOut, Source, Thing
from transfer.imports.values import decoded, is_false, is_true, mapping, moment, rows, text

ENDINGS = (".md", ".markdown", ".mdown", ".mdx")
OTHER_ENDINGS = (".org", ".adoc", ".asciidoc", ".rst", ".textile")
# Posts as HTML with front matter, as Jekyll's importers produce.
HTML_ENDINGS = (".html", ".htm")
# Files of a repository that are not posts, unless they have front matter.
ABOUT = {"readme", "license", "contributing", "changelog", "code_of_conduct", "security"}
SUMMARIES = ("summary", "description", "excerpt", "subtitle")
COVERS = (
    "cover",
    "image",
    "featured_image",
    "feature_image",
    "featuredimage",
    "thumbnail",
    "hero",
    "banner",
    "images",
    "img",
    "header",
)


# One comment per file, as Staticman stores them.
STORED_COMMENT = re.compile(r"_?data/comments/.+\.(?:ya?ml|json)", re.IGNORECASE)
MAX_TEXT_BYTES = 5_000_000


def matches(bundle: Bundle) -> bool:
    return next(bundle.matching(*ENDINGS), None) is not None or any(
        _is_html_post(bundle, name) for name in bundle.matching(*HTML_ENDINGS)
    )


def read(bundle: Bundle) -> Iterator[Thing]:
    site = Site.of(bundle)
    cascades, links = list(_cascades(bundle, site)), Links(bundle, site)
    if others := [name for name in bundle.matching(*OTHER_ENDINGS) if not site.is_machinery(name)]:
        yield LeftOut(_("texts that are not Markdown (.adoc, .org, .rst and others)"), len(others))
    if stored := sum(bool(STORED_COMMENT.fullmatch(site.path_of(name))) for name in bundle.names):
        yield LeftOut(_("comments in files of their own (Staticman)"), stored)
    yield Source(link=site.address, key=site.address or site.title or bundle.name, title=site.title)
    for name in [*bundle.matching(*ENDINGS), *_html_posts(bundle)]:
        raw, is_guessed = decoded(bundle.read(name, MAX_TEXT_BYTES))
        values, body, is_whole = front_matter.split(raw)
        stem = stem_of(PurePosixPath(name))
        if values is None and stem.lower() in ABOUT:
            continue
        if site.is_machinery(name):
            yield LeftOut(_("files of themes and layouts"))
            continue
        if stem == "_index":
            yield LeftOut(_("section pages (_index.md)"))
            continue
        if values is None and site.is_jekyll:  # Jekyll copies such a file unchanged
            yield LeftOut(_("files without front matter"))
            continue
        losses = (
            [_("some characters were not valid UTF-8 and are read as Windows-1252")] if is_guessed else []
        )
        if not is_whole:
            losses.append(_("damaged front matter is read line by line"))
        if values is None:
            values = {"draft": True}
            losses.append(_("a file without front matter becomes a draft"))
        yield _post(site, links, name, _cascaded(cascades, site.path_of(name)) | values, body, losses)
        yield from _comments(site.path_of(name), values)


def _html_posts(bundle: Bundle) -> Iterator[str]:
    return (name for name in bundle.matching(*HTML_ENDINGS) if _is_html_post(bundle, name))


def _is_html_post(bundle: Bundle, name: str) -> bool:
    folders = set(PurePosixPath(name).parts[:-1])
    return bool(folders & (POST_FOLDERS | {"content"})) and bundle.head(name).lstrip().startswith(b"---")


def _comments(post: str, values: dict[str, Any]) -> Iterator[Thing]:
    """Comments in the front matter, as Jekyll's importer for WordPress writes them."""
    for place, row in enumerate(rows(values.get("comments"))):
        yield ForeignComment(
            key=f"{post}/{text(row.get('id')) or place}",
            post=post,
            name=text(row.get("author")),
            email=text(row.get("author_email")),
            url=text(row.get("author_url")),
            body=text(row.get("content")),
            written_at=_utc(row.get("date_gmt")) or moment(row.get("date")),
        )


def _utc(value: Any) -> datetime | None:
    """A UTC time without a time zone, or with the zone of the local time next to it."""
    found = moment(value)
    return found.replace(tzinfo=UTC) if found and not isinstance(value, datetime) else found


def _cascades(bundle: Bundle, site: Site) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Hugo's cascades to the pages below a section: (folder, path pattern or "", values), outer ones first.

    They may mark pages as drafts, or as not rendered.
    """
    heads = [name for name in bundle.matching(*ENDINGS) if stem_of(PurePosixPath(name)) == "_index"]
    for name in sorted(heads, key=lambda name: len(PurePosixPath(name).parts)):
        values, _body, _is_whole = front_matter.split(decoded(bundle.read(name, MAX_TEXT_BYTES))[0])
        given = (values or {}).get("cascade")
        folder = PurePosixPath(site.path_of(name)).parent.as_posix()
        for one in given if isinstance(given, list) else [given]:
            handed = mapping(one)
            target = mapping(handed.get("_target") or handed.get("target"))
            defaults = {key: value for key, value in handed.items() if key not in {"_target", "target"}}
            if defaults and text(target.get("kind")) in {"", "page"}:
                yield "" if folder == "." else f"{folder}/", text(target.get("path")), defaults


def _cascaded(cascades: list[tuple[str, str, dict[str, Any]]], path: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for folder, pattern, handed in cascades:
        wanted = pattern.strip("{}").replace("**", "*")
        if path.startswith(folder) and (
            not wanted or fnmatch(f"/{path}", wanted) or fnmatch(f"/{path.rpartition('.')[0]}", wanted)
        ):
            values |= handed
    return values


def _post(
    site: Site, links: Links, name: str, values: dict[str, Any], body: str, losses: list[str]
) -> ForeignPost:
    """The post of a file. values: its front matter, whose names differ between Jekyll, Hugo, Zola and others."""
    params = mapping(values.get("params")) | mapping(values.get("extra"))
    values = {**params, **values}
    path = PurePosixPath(site.path_of(name))
    bare, day = name_and_day(path)
    written_at = moment(values.get("date") or values.get("pubdate") or values.get("published_at")) or moment(
        day
    )
    if values.get("date") and moment(values["date"]) is None:
        losses.append(_("an impossible date is left out"))
    out_at = moment(values.get("publishdate")) or written_at
    is_page = site.is_page(name, values, has_date=written_at is not None)
    body, title = _without_title(body, text(values.get("title")))
    is_html = name.endswith(HTML_ENDINGS)
    folder = path.parent.as_posix() if path.parent.as_posix() != "." else ""
    body, body_losses = _body(links, body, folder, is_html=is_html)
    author, has_more = _author(values)
    if has_more:
        losses.append(_("only the first of several authors is kept"))
    slug = text(values.get("slug")) or bare
    return ForeignPost(
        key=site.path_of(name),
        title=title or bare.replace("-", " ").replace("_", " ").capitalize(),
        body=body,
        body_format="html" if is_html else "markdown",
        summary=next(filter(None, (text(values.get(name)) for name in SUMMARIES)), ""),
        slug=slug,
        kind="page" if is_page else "post",
        visibility=visibility_of(values),
        is_pinned=is_true(values.get("pinned")) or is_true(values.get("sticky")),
        published_at=_published_at(site, name, values, out_at, is_page, losses),
        created_at=written_at,
        updated_at=moment(values.get("lastmod") or values.get("updated") or values.get("last_modified_at")),
        author=author,
        tags=_tags(values),
        addresses=site.addresses(name, values, slug, bare, written_at),
        cover=_cover(values),
        cover_alt=_cover_alt(values),
        folder=folder,
        comments_open=not is_false(values.get("comments")),
        losses=losses + body_losses,
    )


def _published_at(
    site: Site, name: str, values: dict[str, Any], out_at: datetime | None, is_page: bool, losses: list[str]
) -> datetime | None:
    if is_draft(values) or site.is_draft(name):
        return None
    if reason := why_private(values, out_at, site.now):
        losses.append(reason)
        return None
    if out_at is None and not is_page:
        losses.append(_("a post without a date becomes a draft"))
    elif out_at is None:
        return site.now
    return out_at


def _body(links: Links, body: str, folder: str, *, is_html: bool) -> tuple[str, list[str]]:
    """The text without syntax that only its generator knows, and the losses."""
    body, losses = without_shortcodes(body, lambda place: links.address_of(place, folder))
    if not is_html:
        body = plain_markdown(body, lambda source: links.of_files(source, folder))
    return body, losses


def _without_title(body: str, title: str) -> tuple[str, str]:
    """The text without a first heading that repeats the title, or that is the only title."""
    found = re.match(r"\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|\Z)", body)
    if found and (not title or found[1].strip().lower() == title.strip().lower()):
        return body[found.end() :], title or found[1].strip()
    return body, title


def _author(values: dict[str, Any]) -> tuple[str, bool]:
    """The author, and whether there were others too."""
    author = values.get("author") or values.get("authors")
    has_more = isinstance(author, list) and len(author) > 1
    if isinstance(author, list) and author:
        author = author[0]
    named = mapping(author)
    name = text(named.get("name")) or text(named.get("display_name")) if named else text(author)
    return name, has_more


def _tags(values: dict[str, Any]) -> list[ForeignTag]:
    taxonomies = mapping(values.get("taxonomies"))
    found = [
        tag
        for name in ("tags", "tag", "categories", "category", "series")
        for tag in tags_in(values.get(name) or taxonomies.get(name), is_plural=name in {"tags", "categories"})
    ]
    return [ForeignTag(tag) for tag in dict.fromkeys(found)]


def _cover(values: dict[str, Any]) -> str:
    for name in COVERS:
        value = values.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict):
            value = (
                value.get("image")
                or value.get("overlay_image")
                or value.get("src")
                or value.get("path")
                or value.get("url")
            )
        if address := text(value).strip():
            return address
    return ""


def _cover_alt(values: dict[str, Any]) -> str:
    beside = next((mapping(values[name]) for name in COVERS if isinstance(values.get(name), dict)), {})
    return text(beside.get("alt")) or text(values.get("image_alt")) or text(values.get("cover_alt"))


FORMAT = Format("markdown", "Markdown files (Hugo, Jekyll)", matches, read)
