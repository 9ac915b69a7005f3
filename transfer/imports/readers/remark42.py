"""Remark42 (`backup -s SITE`): a line with users and pages, then one line per comment, gzipped."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from transfer.imports.addresses import page_of
from transfer.imports.bundle import Bundle
from transfer.imports.json_stream import has_key, is_json, objects
from transfer.imports.readers.base import Format, only_name
from transfer.imports.stream import ForeignComment, ForeignPost, LeftOut, Source, Thing
from transfer.imports.values import is_true, mapping, moment, rows, text

SIGN = re.compile(r":[a-z][a-z0-9_+-]{1,40}:")


def matches(bundle: Bundle) -> bool:
    name = only_name(bundle, ".json", ".jsonl", ".gz")
    head = bundle.head(name) if name else b""
    return is_json(head) and (
        has_key(head, "locator", "user", "score")
        or (has_key(head[:200], "version") and has_key(head, "locator"))
        or (
            has_key(head, "version", "users", "posts")
            and b'"commenters"' not in head
            and b'"read_only"' in head
        )
    )


def read(bundle: Bundle) -> Iterator[Thing]:
    name = only_name(bundle, ".json", ".jsonl", ".gz")
    closed: set[str] = set()
    pages: dict[tuple[str, str], str] = {}
    repairs: set[str] = set()
    site = ""
    for value in objects(bundle.open(name), repairs):
        row = mapping(value)
        if "locator" not in row:
            if not {"version", "users", "posts"} & row.keys():
                yield LeftOut(_("comments that don’t name a post"))
            closed |= {
                text(one.get("url")) for one in rows(row.get("posts")) if is_true(one.get("read_only"))
            }
            continue
        locator = mapping(row["locator"])
        address = text(locator.get("url"))
        if not site:
            site = text(locator.get("site")) or "remark"
            yield Source(link=_origin(address), key=site)
        # "?utm_source=mail" is the same page, and so is "http:" instead of "https:".
        page = page_of(address) if page_of(address) != ("", "") else ("", address)
        if page not in pages:
            pages[page] = address
            yield ForeignPost(
                key=address,
                title=text(row.get("title")) or address,
                addresses=[address],
                comments_open=address not in closed,
                is_stub=True,
                losses=sorted(repairs),
            )
        yield _comment(row, pages[page])


def _origin(address: str) -> str:
    """The site of a page. Not the page itself, which would be taken for the front page, without redirects."""
    found = re.match(r"https?://[^/?#]+", address)
    return found[0] if found else ""


def _comment(row: dict[str, Any], address: str) -> ForeignComment:
    user, parent = mapping(row.get("user")), text(row.get("pid"))
    written = text(row.get("orig"))
    # In the original text an emoji is ":smile:"; it is only converted in the HTML.
    shown = text(row.get("text"))
    if shown and any(sign not in shown for sign in SIGN.findall(written)):
        written = ""
    return ForeignComment(
        key=text(row.get("id")),
        post=address,
        parent="" if parent == "root" else parent,  # as its Commento importer writes it
        name=text(user.get("name")),
        email=text(user.get("email")),
        body=written or shown,
        body_format="markdown" if written else "html",
        status="deleted" if is_true(row.get("delete")) else "public",
        written_at=moment(row.get("time")),
        losses=[_("a comment that was pinned there is not pinned here")] if is_true(row.get("pin")) else [],
    )


FORMAT = Format("remark42", "Remark42", matches, read)
