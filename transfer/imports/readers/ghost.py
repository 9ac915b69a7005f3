"""Ghost (Settings, Import/Export): one JSON file with its tables.

It may be in a zip with content/images and members.csv.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from transfer.imports.bundle import Bundle
from transfer.imports.json_stream import has_key, is_json, items
from transfer.imports.readers.base import Format
from transfer.imports.readers.ghost_documents import html_of
from transfer.imports.readers.tables import subscribers_of
from transfer.imports.stream import (
    ForeignAuthor,
    ForeignComment,
    ForeignPost,
    ForeignSubscriber,
    ForeignTag,
    ImportRefused,
    LeftOut,
    Source,
    Thing,
)
from transfer.imports.values import is_false, is_true, mapping, moment, text

# Ghost's placeholder for the site's URL.
HERE = "__GHOST_URL__"
PLACES = ("db.item.data", "data")


def _name(bundle: Bundle) -> str:
    names = bundle.names if bundle.is_single else bundle.matching(".json")
    return next((name for name in names if _is_ghost(bundle.head(name))), "")


def _is_ghost(head: bytes) -> bool:
    return is_json(head) and (
        (has_key(head[:2000], "db") and b'"data"' in head)
        or (has_key(head, "meta", "data") and has_key(head, "exported_on"))
        or (has_key(head, "posts") and (has_key(head, "mobiledoc") or has_key(head, "lexical")))
    )


def matches(bundle: Bundle) -> bool:
    return bool(_name(bundle))


class _Export:
    """The tables of the file. Each is read from the start of the file, so that none is kept in memory."""

    def __init__(self, bundle: Bundle, name: str) -> None:
        self.bundle, self.name = bundle, name
        self.place = next(
            (place for place in PLACES if next(self._rows(place, "posts"), None) is not None), ""
        )
        if not self.place:
            raise ImportRefused(_("There are no posts in it. Export the content of your Ghost site again."))
        self.tags = {
            text(row.get("id")): ForeignTag(
                text(row.get("name")), text(row.get("slug")), text(row.get("description"))
            )
            for row in self.rows("tags")
        }
        self.tags_of, self.authors_of = (
            self._ordered("posts_tags", "tag_id"),
            self._ordered("posts_authors", "author_id"),
        )
        self.people = {text(row.get("id")) for row in self.rows("users")}
        self.metas = {text(row.get("post_id")): row for row in self.rows("posts_meta")}

    def _rows(self, place: str, table: str) -> Iterator[dict[str, Any]]:
        found = items(self.bundle.open(self.name), f"{place}.{table}.item")
        return (row for row in found if isinstance(row, dict))

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        return self._rows(self.place, table)

    def _ordered(self, table: str, column: str) -> dict[str, list[str]]:
        found: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for row in self.rows(table):
            order = row.get("sort_order")
            place = order if isinstance(order, int) else 0
            found[text(row.get("post_id"))].append((place, text(row.get(column))))
        return {
            post: [key for _order, key in sorted(rows, key=lambda pair: pair[0])]
            for post, rows in found.items()
        }


def read(bundle: Bundle) -> Iterator[Thing]:
    export = _Export(bundle, _name(bundle))
    settings = {text(row.get("key")): text(row.get("value")) for row in export.rows("settings")}
    title = settings.get("title", "") or next((text(row.get("email")) for row in export.rows("users")), "")
    yield Source(link=settings.get("url", ""), key=settings.get("url") or title, title=title)
    for row in export.rows("users"):
        yield ForeignAuthor(text(row.get("id")), text(row.get("name")), text(row.get("email")))
    for row in export.rows("posts"):
        yield from _post(export, row)
    yield from _comments(export)
    for name in bundle.matching(".csv"):
        yield from subscribers_of(bundle, name)


def _post(export: _Export, row: dict[str, Any]) -> Iterator[Thing]:
    key, slug = text(row.get("id")), text(row.get("slug"))
    meta = export.metas.get(key, {})
    losses: list[str] = []
    visibility = text(row.get("visibility")) or "public"
    is_email = is_true(meta.get("email_only")) or is_true(row.get("email_only"))
    published_at = _published_at(row, visibility, losses, is_email=is_email)
    wanted = [export.tags[tag] for tag in export.tags_of.get(key, []) if tag in export.tags]
    if len(shown := [tag for tag in wanted if not tag.name.startswith("#")]) < len(wanted):
        yield LeftOut(_("internal tags"), len(wanted) - len(shown))
    authors = export.authors_of.get(key) or [text(row.get("author_id"))]
    if len(authors) > 1:
        losses.append(_("only the first of several authors is kept"))
    if text(meta.get("feature_image_caption")).strip():
        losses.append(_("captions of cover pictures are left out"))
    body, body_losses = html_of(row)
    yield ForeignPost(
        key=key,
        title=text(row.get("title")),
        body=body.replace(HERE, ""),
        summary=text(row.get("custom_excerpt"))
        or text(meta.get("meta_description"))
        or text(row.get("meta_description")),
        slug=slug,
        kind="page" if is_true(row.get("page")) or text(row.get("type")) == "page" else "post",
        visibility="public" if visibility == "public" else "members",
        is_pinned=is_true(row.get("featured")),
        published_at=published_at,
        created_at=moment(row.get("created_at")),
        updated_at=moment(row.get("updated_at")),
        author=authors[0] if authors[0] in export.people else "",
        tags=shown,
        addresses=[f"/{slug}/"] if slug else [],
        cover=(text(row.get("feature_image")) or text(row.get("image"))).replace(HERE, ""),
        cover_alt=text(meta.get("feature_image_alt")),
        losses=losses + body_losses,
    )


def _published_at(
    row: dict[str, Any], visibility: str, losses: list[str], *, is_email: bool
) -> datetime | None:
    """The date, or None for a draft and for what must not become public.

    is_email: it is sent by email only.
    """
    status, published_at = text(row.get("status")), moment(row.get("published_at"))
    if status == "sent" or (is_email and status in {"published", "scheduled"}):
        losses.append(_("an email-only post becomes a draft"))
    elif status in {"published", "scheduled"}:
        if visibility not in {"public", "members"}:
            losses.append(_("a post for paying members becomes a draft"))
        elif published_at is None:
            losses.append(_("a published post without a readable date becomes a draft"))
        else:
            return published_at
    return None


def _comments(export: _Export) -> Iterator[Thing]:
    """Comments with their authors, who are members and may be subscribers as well."""
    members = {}
    for row in export.rows("members"):
        members[text(row.get("id"))] = (text(row.get("name")), text(row.get("email")))
        if is_false(row.get("subscribed")) or is_true(row.get("email_disabled")):
            yield LeftOut(_("subscribers who get no emails"))
        else:
            yield ForeignSubscriber(text(row.get("email")), moment(row.get("created_at")))
    for row in export.rows("comments"):
        name, email = members.get(text(row.get("member_id")), ("", ""))
        author = mapping(row.get("member"))
        yield ForeignComment(
            key=text(row.get("id")),
            post=text(row.get("post_id")),
            parent=text(row.get("in_reply_to_id")) or text(row.get("parent_id")),
            name=name or text(author.get("name")),
            email=email,
            body=text(row.get("html")),
            status={"published": "public", "hidden": "held"}.get(text(row.get("status")), "deleted"),
            written_at=moment(row.get("created_at")),
        )


FORMAT = Format("ghost", "Ghost", matches, read)
