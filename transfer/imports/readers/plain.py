"""The plain JSON format for all systems without an importer, documented in docs/import-format.md."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from transfer.imports.bundle import Bundle
from transfer.imports.json_stream import has_key, is_json, items
from transfer.imports.readers.base import Format, only_name
from transfer.imports.stream import (
    ForeignComment,
    ForeignPost,
    ForeignSubscriber,
    ForeignTag,
    ImportRefused,
    Source,
    Thing,
)
from transfer.imports.values import is_true, moment, text, texts

MARK = "long-table-import"
FORMATS = {"html", "markdown", "text"}
KINDS = {"post", "page"}
VISIBILITIES = {"public", "members", "unlisted"}
STATUSES = {"public", "held", "spam", "deleted"}
MAX_DEPTH = 200


def _name(bundle: Bundle) -> str:
    return next((name for name in bundle.matching(".json") if _is_ours(bundle.head(name))), "") or (
        bundle.names[0] if bundle.is_single and _is_ours(bundle.head(bundle.names[0])) else ""
    )


def _is_ours(head: bytes) -> bool:
    return is_json(head) and MARK.encode() in head[:2000] and has_key(head[:2000], "format")


def matches(bundle: Bundle) -> bool:
    return bool(_name(bundle))


def read(bundle: Bundle) -> Iterator[Thing]:
    name = _name(bundle) or only_name(bundle, ".json")
    version = next(items(bundle.open(name), "version"), None)
    if version != 1:
        raise ImportRefused(_("“version” must be 1, the only version so far."))
    site: Any = next(items(bundle.open(name), "site"), {})
    if not isinstance(site, dict):
        raise ImportRefused(_("“site” must be an object with “title” and “address”."))
    yield Source(link=text(site.get("address")), key=text(site.get("address")), title=text(site.get("title")))
    repairs: set[str] = set()
    for number, post in enumerate(items(bundle.open(name), "posts.item", repairs), 1):
        yield from _post(post, f"Post {number}", repairs)
    for number, one in enumerate(items(bundle.open(name), "subscribers.item"), 1):
        where = f"Subscriber {number}"
        row = _object(one, where)
        yield ForeignSubscriber(
            _text(row, "email", where, needed=True),
            moment(row.get("agreed_at")),
            moment(row.get("unsubscribed_at")),
        )


def _post(value: Any, where: str, repairs: set[str]) -> Iterator[Thing]:
    row = _object(value, where)
    losses = sorted(repairs)
    key = _text(row, "id", where, needed=True)
    status = _choice(row, "status", {"published", "draft"}, "published", where)
    published_at = _date(row, "published_at", losses) if status == "published" else None
    if status == "published" and published_at is None:
        losses.append(_("a post without a date becomes a draft"))
    addresses = texts(row.get("addresses")) or [_text(row, "address", where)]
    yield ForeignPost(
        key=key,
        title=_text(row, "title", where),
        body=_text(row, "body", where),
        body_format=_choice(row, "body_format", FORMATS, "html", where),
        summary=_text(row, "summary", where),
        slug=_text(row, "slug", where),
        kind=_choice(row, "kind", KINDS, "post", where),
        visibility=_choice(row, "visibility", VISIBILITIES, "public", where),
        is_pinned=is_true(row.get("pinned")),
        published_at=published_at,
        created_at=_date(row, "created_at", losses),
        updated_at=_date(row, "updated_at", losses),
        author=_text(row, "author", where),
        tags=[ForeignTag(tag) for tag in texts(row.get("tags"))],
        addresses=[address for address in addresses if address],
        cover=_text(row, "cover", where),
        cover_alt=_text(row, "cover_alt", where),
        comments_open=row.get("comments_open") is not False,
        is_stub=is_true(row.get("comments_only")),
        losses=losses,
    )
    yield from _comments(row.get("comments", []), key, where)


def _comments(value: Any, post: str, where: str) -> Iterator[ForeignComment]:
    """The comments. Replies are nested in “replies” or name their “parent”. Not recursive, however deep."""
    waiting = [(value, "", f"{where}, comment", 0)]
    while waiting:
        some, parent, at, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise ImportRefused(
                _("%(where)s: replies are nested more than %(depth)s deep; name the “parent” instead.")
                % {"where": where, "depth": MAX_DEPTH}
            )
        if not isinstance(some, list):
            raise ImportRefused(_("%(where)s: “comments” and “replies” must be lists.") % {"where": where})
        for number, one in enumerate(some, 1):
            here = f"{at} {number}" if depth == 0 else at
            row = _object(one, here)
            losses: list[str] = []
            comment = ForeignComment(
                key=f"{post}/{_text(row, 'id', here, needed=True)}",
                post=post,
                name=_text(row, "name", here),
                email=_text(row, "email", here),
                url=_text(row, "website", here),
                body=_text(row, "body", here),
                body_format=_choice(row, "body_format", FORMATS, "text", here),
                status=_choice(row, "status", STATUSES, "public", here),
                written_at=_date(row, "written_at", losses),
                losses=losses,
            )
            above = _text(row, "parent", here)
            comment.parent = f"{post}/{above}" if above else parent
            yield comment
            if row.get("replies"):
                waiting.append((row["replies"], comment.key, here, depth + 1))


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ImportRefused(_("%(where)s must be an object, in curly brackets.") % {"where": where})
    return value


def _text(row: dict[str, Any], name: str, where: str, *, needed: bool = False) -> str:
    value = row.get(name)
    if value is None or isinstance(value, str | int | float):
        found = text(value)
        if needed and not found:
            raise ImportRefused(_("%(where)s has no “%(name)s”.") % {"where": where, "name": name})
        return found
    raise ImportRefused(_("%(where)s: “%(name)s” must be text.") % {"where": where, "name": name})


def _choice(row: dict[str, Any], name: str, choices: set[str], default: str, where: str) -> str:
    value = _text(row, name, where) or default
    if value not in choices:
        raise ImportRefused(
            _("%(where)s: “%(name)s” must be one of: %(choices)s.")
            % {"where": where, "name": name, "choices": ", ".join(sorted(choices))}
        )
    return value


def _date(row: dict[str, Any], name: str, losses: list[str]) -> Any:
    found = moment(row.get(name))
    if row.get(name) and found is None:
        losses.append(_("an impossible date is left out"))
    return found


FORMAT = Format("json", "Plain JSON", matches, read)
