"""Finds links in HTML, and shortens their labels."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

LINK_LABEL_CHARACTERS = 60


def _is_web_address(url: str) -> bool:
    """Whether it is an absolute http(s) URL with a host. "//evil.example" only looks like a path."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def tidy_address(url: str) -> str:
    """A URL for display: no scheme, no "www.", no bare slash at the end, not longer than a line.

    The host is always complete, and in its ASCII form, so that the label cannot show another host than the
    link's.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower().removeprefix("www.")
    path = unquote(parts.path, errors="strict") if _decodes(parts.path) else parts.path
    rest = (
        path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    )
    rest = "".join(char for char in rest if char.isprintable())
    room = max(LINK_LABEL_CHARACTERS - len(host), 12)
    if rest == "/":
        rest = ""
    return host + (rest if len(rest) <= room else rest[: room - 1] + "…")


def _decodes(path: str) -> bool:
    try:
        unquote(path, errors="strict")
    except UnicodeDecodeError:
        return False
    return True


@dataclass(frozen=True)
class Link:
    """A link's absolute target, and its label."""

    url: str
    label: str

    @property
    def shows_target(self) -> bool:
        """Whether the label is the URL, perhaps decoded or shortened after the host."""
        label, *wholes = (_bare(text) for text in (self.label, self.url, unquote(self.url)))
        begin = label.removesuffix("…")
        return any(
            label == whole or (begin != label and "/" in begin and whole.startswith(begin))
            for whole in wholes
        )


def _bare(address: str) -> str:
    return re.sub(
        r"^(?:https?://|mailto:)?(?:www\.)?", "", address.strip(), flags=re.IGNORECASE
    ).removesuffix("/")


class _LinkFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[Link] = []
        self._open: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._open = (dict(attrs).get("href") or "", [])

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open:
            if not self._open[0].startswith("/"):
                self.links.append(Link(url=self._open[0], label=" ".join("".join(self._open[1]).split())))
            self._open = None


def links_in(clean_html: str) -> list[Link]:
    """Links to other sites in our own HTML, in order. Links to members are not included."""
    finder = _LinkFinder()
    finder.feed(clean_html)
    finder.close()
    return finder.links
