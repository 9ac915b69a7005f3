"""Metadata of a page of another site, from its head."""

import html
import re

from core.utils.http_client import Page

META = re.compile(r"<meta\b([^<>]{1,3000})>", re.IGNORECASE)
TITLE = re.compile(r"<title\b[^<>]{0,200}>([^<]{1,1000})<", re.IGNORECASE)
ATTRIBUTE = re.compile(
    r"""([a-z:-]{1,20})\s{0,5}=\s{0,5}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
CHARSET = re.compile(r"charset=[\"']?([a-z0-9_-]{2,20})", re.IGNORECASE)


def page_metadata(page: Page) -> dict[str, str]:
    """Names and contents of a page's meta elements, in lowercase, and its title."""
    charset = CHARSET.search(page.headers.get("Content-Type", "")) or CHARSET.search(
        page.body[:2048].decode("ascii", "replace")
    )
    try:
        text = page.body.decode(charset[1] if charset else "utf-8", "replace")
        text = text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    except (LookupError, UnicodeError):  # "undefined" and "idna" are encodings, too
        text = page.text
    metadata: dict[str, str] = {}
    if found := TITLE.search(text):
        metadata["title"] = html.unescape(found[1])
    for meta in META.finditer(text):
        pairs = {
            name.lower(): html.unescape(double or single or bare)
            for name, double, single, bare in ATTRIBUTE.findall(meta[1])
        }
        key = (pairs.get("property") or pairs.get("name") or "").lower()
        if key and pairs.get("content"):
            metadata.setdefault(key, pairs["content"])
    return metadata
