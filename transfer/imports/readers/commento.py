"""Commento (version 1) and Comentario (version 3): pages, comments and commenters in one JSON file."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from transfer.imports.bundle import Bundle
from transfer.imports.json_stream import has_key, is_json, items
from transfer.imports.readers.base import Format, only_name
from transfer.imports.stream import ForeignComment, ForeignPost, ImportRefused, Source, Thing
from transfer.imports.values import is_true, mapping, moment, text

VERSIONS = {1, 3}


def matches(bundle: Bundle) -> bool:
    name = only_name(bundle, ".json", ".gz")
    head = bundle.head(name) if name else b""
    return is_json(head) and (
        has_key(head, "commenterHex")
        or has_key(head, "commentHex")
        or (has_key(head, "version") and has_key(head, "pageId"))
        or (has_key(head[:4000], "version", "pages") and b'"commenters"' in head)
    )


def _rows(bundle: Bundle, name: str, table: str) -> Iterator[dict[str, Any]]:
    return (mapping(row) for row in items(bundle.open(name), f"{table}.item"))


def read(bundle: Bundle) -> Iterator[Thing]:
    name = only_name(bundle, ".json", ".gz")
    version = next(items(bundle.open(name), "version"), None)
    if version not in VERSIONS:
        raise ImportRefused(
            _("Version %(version)s of its format isn’t supported; 1 and 3 are.")
            % {"version": text(version)[:20] or "none"}
        )
    commenters = {
        text(row.get("commenterHex")) or text(row.get("id")): row for row in _rows(bundle, name, "commenters")
    }
    pages = {text(row.get("id")): row for row in _rows(bundle, name, "pages")}
    seen: set[str] = set()
    first: str | None = None
    for row in _rows(bundle, name, "comments"):
        page = pages.get(text(row.get("pageId")), {})
        host = text(row.get("domain"))
        path = text(page.get("path")) or text(row.get("url")) or text(row.get("path"))
        if first is None:
            first = host
            yield Source(link=f"https://{host}" if host else "", key=host)
        # A file may contain several sites: "/about" on the second is another page than on the first.
        key = f"//{host}{path}" if path and host != first else path
        if key and key not in seen:
            seen.add(key)
            yield ForeignPost(
                key=key,
                title=text(page.get("title")) or path,
                addresses=[f"https:{key}" if key != path else path],
                comments_open=not is_true(page.get("isReadonly")),
                is_stub=True,
            )
        yield _comment(
            row, key, commenters.get(text(row.get("commenterHex")) or text(row.get("userCreated")), {})
        )


def _comment(row: dict[str, Any], post: str, by: dict[str, Any]) -> ForeignComment:
    parent = text(row.get("parentHex")) or text(row.get("parentId"))
    written = text(row.get("markdown"))
    status = "public"
    if is_true(row.get("deleted")) or is_true(row.get("isDeleted")):
        status = "deleted"
    elif (
        text(row.get("state")) in {"unapproved", "flagged"}
        or is_true(row.get("isPending"))
        or row.get("isApproved") is False
    ):
        status = "held"
    return ForeignComment(
        key=text(row.get("commentHex")) or text(row.get("id")),
        post=post,
        parent="" if parent == "root" else parent,
        name=text(row.get("authorName")) or text(by.get("name")),
        email="" if is_true(by.get("isAnonymous")) else text(by.get("email")),
        url=_address(text(by.get("link")) or text(by.get("websiteUrl"))),
        body=written or text(row.get("html")),
        body_format="markdown" if written else "html",
        status=status,
        written_at=moment(row.get("creationDate") or row.get("createdTime")),
        losses=[_("a comment that was pinned there is not pinned here")]
        if is_true(row.get("isSticky"))
        else [],
    )


def _address(link: str) -> str:
    """The URL, or "". Commento writes "undefined" if there is none."""
    return "" if link in {"undefined", "null"} else link


FORMAT = Format("commento", "Commento or Comentario", matches, read)
