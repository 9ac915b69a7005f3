"""Reads a WordPress export (WXR 1.0 to 1.2) as a stream: one comment at a time, whatever the size of the file.

It knows the format and nothing of our models. What it cannot believe ends in a WxrError of one line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.utils import timezone

VERSIONS = {"1.0", "1.1", "1.2"}
CHUNK_BYTES = 64 * 1024
# A single text (a post with everything in it) and a single tag that are longer than this are no blog's.
MAX_TEXT_CHARACTERS = 5_000_000
MAX_TAG_BYTES = 1024 * 1024
MAX_DEPTH = 40
YEARS = range(1000, 3000)

NAMESPACES = (
    (re.compile(r"\{http://wordpress\.org/export/[^}]*/excerpt/\}"), "excerpt:"),
    (re.compile(r"\{http://wordpress\.org/export/[^}]*\}"), "wp:"),
    (re.compile(r"\{http://purl\.org/rss/1\.0/modules/content/\}"), "content:"),
    (re.compile(r"\{http://purl\.org/dc/elements/1\.1/\}"), "dc:"),
)


class WxrError(Exception):
    """The file cannot be read. One line that says what and where."""


@dataclass(slots=True)
class Blog:
    """The head of the file."""

    title: str = ""
    link: str = ""
    key: str = ""


@dataclass(slots=True)
class Author:
    number: int
    login: str
    email: str
    name: str


@dataclass(slots=True)
class WpComment:
    """A comment as it stands in the file. `item` counts the items, from 1."""

    item: int
    line: int
    number: int
    parent: int
    user: int
    name: str
    email: str
    url: str
    text: str
    approved: str
    kind: str
    written_at: datetime | None


@dataclass(slots=True)
class WpItem:
    """A post, page or attachment; its comments came before it."""

    item: int
    line: int
    number: int
    kind: str
    status: str
    title: str
    slug: str
    link: str
    author: str
    content: str
    excerpt: str
    password: str
    is_open: bool
    written_at: datetime | None
    tags: list[tuple[str, str]] = field(default_factory=list)


def _moment(gmt: str, local: str, where: str) -> datetime | None:
    """The UTC time, or the local one in the site's own time zone; None for WordPress's 0000-00-00."""
    for text, zone in ((gmt, UTC), (local, timezone.get_default_timezone())):
        text = text.strip()
        if not text or text.startswith("0000-00-00"):
            continue
        try:
            moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
        except ValueError:
            raise WxrError(f"{where}: {_shown(text)} is not a date.") from None
        if moment.year not in YEARS:
            raise WxrError(f"{where}: {_shown(text)} is not a date a blog can have.")
        return moment
    return None


def _number(text: str, name: str, line: int) -> int:
    text = text.strip()
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise WxrError(f"line {line}: {name} is {_shown(text)}, not a number.")
    return int(text)


def _shown(text: str) -> str:
    """A text from the file that fits into one line of a message."""
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return f"“{text if len(text) <= 40 else text[:39] + '…'}”"


class _Target:
    """What the parser tells: it keeps the texts of the element at hand, and hands over what is complete."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.parser: Any = None
        self.path: list[str] = []
        self.names: dict[str, str] = {}
        self.words: list[str] = []
        self.length = 0
        self.blog = Blog()
        self.head: dict[str, str] = {}
        self.is_head_done = False
        self.item: dict[str, Any] = {}
        self.item_count = 0
        self.comment: dict[str, Any] = {}
        self.author: dict[str, str] = {}

    @property
    def line(self) -> int:
        return self.parser.parser.CurrentLineNumber

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = self.names.get(tag)
        if name is None:
            if len(self.names) > 10_000:
                raise WxrError(f"line {self.line}: too many kinds of elements; this is not a WordPress export.")
            name = tag
            for pattern, short in NAMESPACES:
                name = pattern.sub(short, name)
            self.names[tag] = name
        self.path.append(name)
        if len(self.path) > MAX_DEPTH:
            raise WxrError(f"line {self.line}: elements nested {MAX_DEPTH} deep; this is not a WordPress export.")
        if len(self.path) == 1 and name != "rss":
            raise WxrError(f"line {self.line}: it begins with <{name[:40]}>, not <rss>; this is not a WordPress export.")
        self.words, self.length = [], 0
        if self.path == ["rss", "channel", "item"]:
            self.end_head()
            self.item_count += 1
            self.item = {"line": self.line, "tags": []}
        elif self.path == ["rss", "channel", "item", "wp:comment"]:
            self.comment = {"line": self.line}
        elif self.path == ["rss", "channel", "wp:author"]:
            self.author = {}
        elif self.path == ["rss", "channel", "item", "category"]:
            self.item["category"] = (attributes.get("domain", ""), attributes.get("nicename", ""))

    def data(self, words: str) -> None:
        self.length += len(words)
        if self.length > MAX_TEXT_CHARACTERS:
            raise WxrError(f"line {self.line}: a text longer than {MAX_TEXT_CHARACTERS:,} characters.")
        self.words.append(words)

    def end(self, _tag: str) -> None:
        depth, name = len(self.path), self.path[-1]
        inside = self.path[2] if depth > 2 else ""
        if depth == 3 and inside == "item":
            self.done.append(self.finished_item())
            self.item = {}
        elif depth == 4 and inside == "item":
            if name == "wp:comment":
                self.done.append(self.finished_comment())
                self.comment = {}
            elif name == "category":
                domain, nicename = self.item.pop("category")
                if domain in {"category", "post_tag", "tag"}:
                    self.item["tags"].append((self.text, nicename))
            else:
                self.item[name] = self.text
        elif depth == 5 and self.path[3] == "wp:comment":
            self.comment[name] = self.text
        elif depth == 3 and inside == "wp:author":
            self.done.append(self.finished_author())
        elif depth == 4 and inside == "wp:author":
            self.author[name] = self.text
        elif depth == 3:
            self.head.setdefault(name, self.text.strip())
        self.path.pop()
        self.words, self.length = [], 0

    def close(self) -> None:
        self.end_head()

    @property
    def text(self) -> str:
        return "".join(self.words)

    # --- what is complete

    def end_head(self) -> None:
        """Before the first item: now it must be clear what file this is."""
        if self.is_head_done:
            return
        self.is_head_done = True
        version = self.head.get("wp:wxr_version")
        if version is None:
            raise WxrError(f"line {self.line}: no wp:wxr_version before the first item; this is not a WordPress export.")
        if version not in VERSIONS:
            raise WxrError(f"it is of WXR version {_shown(version)}; this reads {', '.join(sorted(VERSIONS))}.")
        link = self.head.get("wp:base_blog_url") or self.head.get("link") or self.head.get("wp:base_site_url") or ""
        # Without scheme and closing slash: a blog that moved to https is still the same.
        key = re.sub(r"^https?://(www\.)?", "", link.lower()).strip("/ ") or self.head.get("title", "") or "unnamed"
        self.done.append(Blog(title=self.head.get("title", ""), link=link, key=key))

    def finished_author(self) -> Author:
        number = self.author.get("wp:author_id", "").strip()
        return Author(
            number=_number(number, "wp:author_id", self.line) if number else 0,
            login=self.author.get("wp:author_login", "").strip(),
            email=self.author.get("wp:author_email", "").strip(),
            name=self.author.get("wp:author_display_name", "").strip(),
        )

    def finished_item(self) -> WpItem:
        get, line = self.item.get, self.item["line"]
        kind = get("wp:post_type", "post").strip()
        number = _number(get("wp:post_id", ""), "wp:post_id", line) if kind == "post" else 0
        return WpItem(
            item=self.item_count,
            line=line,
            number=number,
            kind=kind,
            status=get("wp:status", "publish").strip(),
            title=get("title", ""),
            slug=get("wp:post_name", "").strip(),
            link=get("link", "").strip(),
            author=get("dc:creator", "").strip(),
            content=get("content:encoded", ""),
            excerpt=get("excerpt:encoded", ""),
            password=get("wp:post_password", "").strip(),
            is_open=get("wp:comment_status", "open").strip() != "closed",
            written_at=_moment(get("wp:post_date_gmt", ""), get("wp:post_date", ""), f"post {number} (line {line})") if kind == "post" else None,
            tags=self.item["tags"],
        )

    def finished_comment(self) -> WpComment:
        get, line = self.comment.get, self.comment["line"]
        number = _number(get("wp:comment_id", ""), "wp:comment_id", line)
        return WpComment(
            item=self.item_count,
            line=line,
            number=number,
            parent=_number(get("wp:comment_parent", "").strip() or "0", "wp:comment_parent", line),
            user=_number(get("wp:comment_user_id", "").strip() or "0", "wp:comment_user_id", line),
            name=get("wp:comment_author", ""),
            email=get("wp:comment_author_email", "").strip(),
            url=get("wp:comment_author_url", "").strip(),
            text=get("wp:comment_content", ""),
            approved=get("wp:comment_approved", "1").strip(),
            kind=get("wp:comment_type", "").strip(),
            written_at=_moment(get("wp:comment_date_gmt", ""), get("wp:comment_date", ""), f"comment {number} (line {line})"),
        )


def read_wxr(file: BinaryIO) -> Iterator[Blog | Author | WpComment | WpItem]:
    """Yield the head first, then authors, comments and items as they end. Raises WxrError."""
    target = _Target()
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    target.parser = parser
    fed = 0
    try:
        while chunk := file.read(CHUNK_BYTES):
            parser.feed(chunk)
            fed += len(chunk)
            if fed - max(parser.parser.CurrentByteIndex, 0) > MAX_TAG_BYTES:
                raise WxrError(f"line {target.line}: a tag longer than {MAX_TAG_BYTES:,} bytes.")
            yield from target.done
            target.done.clear()
        parser.close()
    except ParseError as error:
        raise WxrError(f"line {error.position[0]}, column {error.position[1] + 1}: not well-formed XML ({_reason(error)}).") from None
    except DefusedXmlException:
        raise WxrError(f"line {target.line}: it defines a document type or entities of its own, which WordPress never does.") from None
    except (ValueError, LookupError) as error:
        raise WxrError(f"its encoding cannot be read ({_shown(str(error))}).") from None
    yield from target.done


def _reason(error: ParseError) -> str:
    return str(error).split(": line")[0]
