"""Parses a page of another site: its links, the text around them, and its webmention endpoint."""

import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from core.utils.http_client import Page
from core.utils.page_reader import PageReader, Unreadable
from core.utils.text import one_line

# The attributes in which a URL counts as a link (Webmention, 3.2.2).
LINKING = {"a": "href", "area": "href", "img": "src", "video": "src", "audio": "src", "source": "src"}
UNREAD = {"script", "style", "template", "noscript"}
AROUND = 160
LINK_HEADER = re.compile(r"<([^<>]*)>([^<]*)")
REL = re.compile(r"""\brel\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;,]+))""", re.IGNORECASE)


@dataclass(frozen=True)
class Excerpt:
    """What a page says: its title, its author if named, and the text around the link."""

    title: str
    author: str
    words: str


def bare(address: str) -> str:
    """A URL for comparison: without fragment, trailing slash and percent-encoding."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.lower()}{unquote(parts.path).rstrip('/')}?{parts.query}"


class SourceReader(PageReader):
    """Finds a link to `target`. Nothing of the page is executed, and only some text is kept."""

    def __init__(self, base: str, target: str) -> None:
        super().__init__(convert_charrefs=True)
        self.base, self.target = base, bare(target)
        self.title, self.author = "", ""
        self.text: list[str] = []
        self.found_at: int | None = None
        self._unread = 0
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the title, the author, and where the link to our page stands."""
        given = {name: value or "" for name, value in attrs}
        if tag in UNREAD:
            self._unread += 1
        elif tag == "title":
            self._in_title = True
        elif tag == "meta" and given.get("name", "").lower() == "author":
            self.author = self.author or given.get("content", "")
        elif tag in LINKING and self.found_at is None and self._leads_here(given.get(LINKING[tag], "")):
            self.found_at = sum(map(len, self.text))

    def _leads_here(self, address: str) -> bool:
        try:
            return bool(address) and bare(urljoin(self.base, address.strip())) == self.target
        except ValueError:
            return False

    def handle_endtag(self, tag: str) -> None:
        if tag in UNREAD:
            self._unread = max(0, self._unread - 1)
        elif tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        """Collect the title and the text, without what browsers do not show."""
        if self._unread:
            return
        if self._in_title:
            self.title += data
        else:
            self.text.append(f"{data} ")


def read_source(page: Page, target: str) -> Excerpt | None:
    """What the page says about the target; None if it does not link there, or can't be read."""
    reader = SourceReader(page.url, target)
    try:
        reader.read(page.text)
    except Unreadable:
        return None
    if reader.found_at is None:
        return None
    text = "".join(reader.text)
    begin = max(0, reader.found_at - AROUND)
    words = tidy(text[begin : reader.found_at + AROUND])
    return Excerpt(tidy(reader.title)[:200], tidy(reader.author)[:60], words)


def tidy(text: str) -> str:
    """On one line, without what a database can't store."""
    return one_line("".join(sign for sign in text if sign.isprintable() or sign.isspace()))


class EndpointReader(PageReader):
    """The first <link> or <a> with rel=webmention."""

    def __init__(self) -> None:
        super().__init__()
        self.endpoint: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        rel = (given.get("rel") or "").lower().split()
        if self.endpoint is None and tag in {"link", "a"} and "webmention" in rel and "href" in given:
            self.endpoint, self.is_done = given["href"] or "", True


def find_endpoint(page: Page) -> str | None:
    """The endpoint of a page (Webmention, 3.1.2): from its headers first, then from the document.

    None without one.
    """
    for header in page.headers.get_all("Link") or []:
        for address, rest in LINK_HEADER.findall(header):
            rel = REL.search(rest)
            names = next(filter(None, rel.groups()), "").lower().split() if rel else []
            if "webmention" in names:
                return _joined(page, address)
    if "html" not in page.headers.get("Content-Type", "").lower():
        return None
    reader = EndpointReader()
    with suppress(Unreadable):
        reader.read(page.text)
    return None if reader.endpoint is None else _joined(page, reader.endpoint)


def _joined(page: Page, address: str) -> str | None:
    try:
        return urljoin(page.url, address.strip())
    except ValueError:
        return None
