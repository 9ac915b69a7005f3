"""Recognises a post and its comments in a saved page of an old blog: its HTML or its text.

Nothing is certain here, so the host reviews and corrects the result before it is stored.
"""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.utils.text import one_line
from transfer.imports.pasted_dates import DATE, date_in
from transfer.imports.pasted_order import heads_first
from transfer.imports.pasted_words import (
    BEFORE_NAME,
    BUTTONS,
    BY,
    CLOSES,
    COUNT,
    POSTED,
    REPLIES_TO,
    SAYS_ALONE,
    who_said,
    without_ends,
)
from transfer.imports.values import decoded, moment
from transfer.wordpress.tags import TagReader

# Each has five form fields (DATA_UPLOAD_MAX_NUMBER_FIELDS).
MAX_COMMENTS = 180
COMMENT_ID = re.compile(r"^(?:li-|div-)?comment-([0-9]+)$|^c([0-9]{6,})$")
IS_COMMENT = re.compile(r"(?:^|\s)(?:comment|h-cite|comment-wrap)(?:\s|$)")
NAME_CLASS = re.compile(r"(?:^|\s)(?:fn|p-author|comment-author|comment__author|author|user)(?:\s|$)")
DATE_CLASS = re.compile(
    r"(?:^|\s)(?:comment-date|comment-time|comment-meta|commentmetadata|comment-metadata|comment__date|datetime)(?:\s|$)"
)
TITLE_CLASS = re.compile(r"(?:^|\s)(?:entry-title|post-title|p-name)(?:\s|$)")
BODY_CLASS = re.compile(r"(?:^|\s)(?:entry-content|post-body|post-content|e-content|entry)(?:\s|$)")
BREAKING = {
    "p",
    "div",
    "br",
    "dd",
    "dl",
    "dt",
    "li",
    "blockquote",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "article",
    "section",
    "footer",
    "header",
    "ul",
    "ol",
    "pre",
}
SILENT = {"noscript", "form", "button", "select", "textarea", "svg", "nav", "template"}
VOID = {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr"}

MAX_DEPTH = 300
# A page of a blog has some thousands. This many are parsed in less than a second.
MAX_TAGS = 30_000
MAX_DATES = 3000


class PageTooLarge(ValueError):
    """More tags or dates than a page has. It is not parsed, since someone is waiting for the response."""


@dataclass
class FoundComment:
    """number: from 1, as shown. parent: the number of the comment it replies to, or 0."""

    number: int
    parent: int = 0
    name: str = ""
    written_at: datetime | None = None
    text: str = ""


@dataclass
class FoundPage:
    title: str = ""
    written_at: datetime | None = None
    text: str = ""
    comments: list[FoundComment] = field(default_factory=list)
    author: str = ""
    is_cut: bool = False


def recognise_page(source: str | bytes) -> FoundPage:
    """The recognised post and comments of a page or text. Raises PageTooLarge."""
    text = decoded(source)[0] if isinstance(source, bytes) else source
    if re.search(r"<(?:html|body|div|p|li|article)\b", text, re.IGNORECASE):
        if text.count("<") > MAX_TAGS:
            raise PageTooLarge
        reader = _PageReader()
        reader.read(text)
        page = reader.page()
        if sum(bool(one.name) for one in page.comments) * 2 > len(page.comments):
            return page
        return _better(page, _from_lines("".join(reader.all_words)))
    return _from_lines(text)


def _better(page: FoundPage, by_lines: FoundPage) -> FoundPage:
    """The post as the elements of the page say, with the comments by lines (some are in definition lists)."""
    if page.comments and len(by_lines.comments) < len(page.comments):
        return page
    return replace(
        by_lines,
        title=page.title or by_lines.title,
        written_at=page.written_at or by_lines.written_at,
        text=page.text or by_lines.text,
    )


# --- text ----------------------------------------------------------------------


def _from_lines(text: str) -> FoundPage:
    """A post, then comments that each start with a name and a date, in either order, on one line or two."""
    lines = [line.rstrip() for line in re.sub("[\xa0\u202f]", " ", text.replace("\r\n", "\n")).split("\n")]
    lines = heads_first(lines, DATE, COUNT)
    dated = [number for number, line in enumerate(lines) if len(line) <= 200 and DATE.search(line)]
    if len(dated) > MAX_DATES:
        raise PageTooLarge
    heads = [head for number in dated if (head := _head_at(lines, number)) is not None]
    page = FoundPage()
    own, heads, latest = _heads_parted(lines, heads)
    first = min(heads[0].begin if heads else len(lines), latest)
    if own is not None:
        page.written_at, page.author = own.when, own.name
    before = [
        line for number, line in enumerate(lines[:first]) if not (own and own.begin <= number < own.end)
    ]
    page.title = next((one_line(line)[:200] for line in before if line.strip()), "")
    body = before[before.index(next(line for line in before if line.strip())) + 1 :] if page.title else []
    for line in body[:4] if own is None else []:
        if (when := date_in(line)) is not None and len(line) < 100:
            page.written_at = when
            page.author = _author_in(line)
            body.remove(line)
            break
    page.text = _joined([line for line in body if not COUNT.match(line.strip())])
    for place, head in enumerate(heads[:MAX_COMMENTS]):
        end = heads[place + 1].begin if place + 1 < len(heads) else len(lines)
        inside = lines[head.end : end]
        closing = next(
            (number for number, line in enumerate(inside) if CLOSES.match(line.strip())), len(inside)
        )
        comment = FoundComment(len(page.comments) + 1, 0, head.name, head.when, _joined(inside[:closing]))
        _find_parent(comment, page.comments)
        page.comments.append(comment)
    page.is_cut = len(heads) > MAX_COMMENTS
    return page


def _heads_parted(lines: list[str], heads: "list[_Head]") -> "tuple[_Head | None, list[_Head], int]":
    """The post's own header if any, those of the comments, and the latest line at which its text ends.

    The first header above a line such as "3 comments" is the post's; other dates above that line are in its
    text. Without such a line, only one such as "Posted by Martha on …" is the post's.
    """
    none = None, heads, len(lines)
    if not heads or any(date_in(line) for line in lines[: heads[0].begin] if len(line) < 100):
        return none
    # A count right under the header ("Posted by Martha", "3 comments") does not mark the start of the
    # comments.
    for number in range(heads[0].end + 1, len(lines)):
        if COUNT.match(lines[number].strip()) and any(line.strip() for line in lines[heads[0].end : number]):
            if all(COUNT.match(line.strip()) or not line.strip() for line in lines[heads[0].end : number]):
                continue
            return _own(lines, heads[0]), [head for head in heads if head.begin > number], number
    posted = [head for head in heads if POSTED.match(lines[head.end - 1].strip())]
    return (_own(lines, heads[0]), heads[1:], len(lines)) if posted == heads[:1] else none


def _own(lines: list[str], head: "_Head") -> "_Head":
    """The header of a post, also with the name after the date: "Posted on April 20, 2012 by Martha"."""
    if author := _author_in(lines[head.end - 1]):
        return _Head(head.end - 1, head.end, author, head.when)
    name = "" if head.name.lower() in {"posted", "published", "written"} else head.name
    return _Head(head.begin, head.end, name, head.when)


@dataclass
class _Head:
    begin: int
    end: int
    name: str
    when: datetime


def _head_at(lines: list[str], number: int) -> _Head | None:
    """The header of a comment on this line.

    It has the date; the name is in it, before the date, or on the line above.
    """
    line = lines[number].strip()
    found = DATE.search(line) if len(line) <= 160 else None
    when = date_in(line) if found else None
    if found is None or when is None:
        return None
    rest = line[found.end() :].strip(" .,:|·#()")
    if rest and not BUTTONS.match(rest) and not who_said(f"{rest} ") and len(rest) > 40:
        return None
    before = without_ends(line[: found.start()])
    name = BEFORE_NAME.sub("", who_said(f"{before} ") or before).strip(" ,")
    if not name and (name := who_said(f"{rest} ") or _named_behind(rest)):
        return _Head(number, number + 1, one_line(name)[:100], when)
    if name:
        return _Head(number, number + 1, one_line(name)[:100], when) if _is_name(name) else None
    if rest and not BUTTONS.match(rest) and (len(rest.split()) > 2 or line[: found.start()].strip(" (")):
        return None  # a sentence with a date: "On May 1, 2012 I bake"
    above = number - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    if above < 0 or number - above > 2:
        return None
    name = lines[above].strip()
    name = who_said(f"{name} ") or name
    if _is_name(name) and above > 0:
        return _Head(above, number + 1, one_line(name.rstrip(":"))[:100], when)
    return None


def _author_in(line: str) -> str:
    """The author of a post in a line with its date: before or after the date."""
    found = BY.search(DATE.sub(" ", line))
    return without_ends(one_line(found[1]))[:100] if found else ""


def _named_behind(rest: str) -> str:
    found = BY.match(rest)
    return found[1] if found and _is_name(found[1]) else ""


def _is_name(text: str) -> bool:
    """Whether it could be a name: short and not a sentence."""
    return (
        0 < len(text) <= 60 and len(text.split()) <= 6 and not BUTTONS.match(text) and text[-1] not in ".?!;"
    )


def _joined(lines: list[str]) -> str:
    kept = [line.strip() for line in lines if not BUTTONS.match(line.strip()) or not line.strip()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _find_parent(comment: FoundComment, earlier: list[FoundComment]) -> None:
    """For "@Per" or "In reply to Per", the last comment by that name. Otherwise the host decides."""
    reference = REPLIES_TO.match(comment.text)
    if reference is None:
        return
    wanted = reference[1].strip().lower()
    for other in reversed(earlier):
        if other.name and (wanted == other.name.lower() or wanted.startswith(f"{other.name.lower()} ")):
            comment.parent = other.number
            if not comment.text.startswith("@"):
                comment.text = comment.text[reference.end() :].strip()
            return


# --- HTML ----------------------------------------------------------------------


@dataclass
class _Open:
    """role: the role of the text in it ("name", "date", …); current: the number of the comment around it."""

    tag: str
    role: str = ""
    current: int = 0


class _PageReader(TagReader):
    """Finds elements whose id or class suggests comments, nested or not, and the parts inside them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[_Open] = []
        self.comments: list[FoundComment] = []
        self.words: dict[tuple[str, int], list[str]] = {}
        self.all_words: list[str] = []
        self.seen: dict[str, int] = {}
        self.silent = 0
        self.count: Counter[str] = Counter()
        self.with_text: set[int] = set()
        self.times: dict[int, datetime] = {}

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in BREAKING:
            self._say("\n")
        if tag == "time" and (when := moment(attributes.get("datetime", ""))) is not None:
            self.times.setdefault(self._current(), when)
        if tag in VOID or len(self.open) >= MAX_DEPTH:
            return
        if tag in SILENT:
            self.silent += 1
        self.count[tag] += 1
        self.open.append(self._inside(tag, *self._role(tag, attributes)))

    def _inside(self, tag: str, role: str, number: int) -> _Open:
        if role == "comment":
            return _Open(tag, "", number)
        above = self.open[-1].role if self.open else ""
        return _Open(tag, above if above == "name" or not role else role, self._current())

    def _role(self, tag: str, values: dict[str, str]) -> tuple[str, int]:
        found = COMMENT_ID.match(values.get("id", ""))
        classes = values.get("class", "")
        current = self._current()
        if found or (tag in {"li", "article"} and IS_COMMENT.search(classes)):
            key = (found[1] or found[2]) if found else f"#{len(self.comments)}"
            # Themes give the list item and the box inside it ids with the same number.
            if key not in self.seen and not (not found and current and not self._has_text(current)):
                self.seen[key] = len(self.comments) + 1
                self.comments.append(FoundComment(len(self.comments) + 1, current))
            return "comment", self.seen.get(key, current)
        if current:
            if NAME_CLASS.search(classes) or tag == "cite":
                return "name", current
            return ("date", current) if DATE_CLASS.search(classes) or tag == "time" else ("", 0)
        if TITLE_CLASS.search(classes) or tag == "h1":
            return "title", 0
        return ("body", 0) if BODY_CLASS.search(classes) else ("page title", 0) if tag == "title" else ("", 0)

    def _has_text(self, number: int) -> bool:
        return number in self.with_text

    def _current(self) -> int:
        return self.open[-1].current if self.open else 0

    def closed(self, tag: str) -> None:
        if not self.count[tag]:
            return
        while self.open:
            ended = self.open.pop()
            self.count[ended.tag] -= 1
            self.silent -= ended.tag in SILENT
            if ended.tag == tag:
                break
        if tag in BREAKING:
            self._say("\n")

    def text(self, words: str) -> None:
        self._say(" ".join(words.split("\n")))

    def _say(self, words: str) -> None:
        if self.silent > 0:
            return
        self.all_words.append(words)
        current = self._current()
        role = self.open[-1].role if self.open else ""
        if role or current:
            self.with_text.add(current)
            self.words.setdefault((role or "text", current), []).append(words)

    def _text_of(self, role: str, number: int) -> str:
        return "".join(self.words.get((role, number), []))

    def page(self) -> FoundPage:
        """The result. Comments without text are left out."""
        title = one_line(self._text_of("title", 0)) or one_line(self._text_of("page title", 0))
        page = FoundPage(title[:200], self.times.get(0), _joined(self._text_of("body", 0).split("\n")))
        for comment in self.comments:
            number, date = comment.number, self._text_of("date", comment.number)
            name = one_line(self._text_of("name", number))
            comment.name = (who_said(f"{name} ") or name)[:100]
            comment.written_at = self.times.get(number) or date_in(one_line(date))
            text = self._text_of("text", number)
            if comment.written_at is None:
                comment.written_at = date_in(text[:300])
            comment.text = _joined(
                [
                    line
                    for line in text.split("\n")
                    if not line.strip()
                    or not (DATE.fullmatch(line.strip()) or SAYS_ALONE.match(line.strip()))
                ]
            )
        kept = [one for one in self.comments if one.text]
        page.is_cut = len(kept) > MAX_COMMENTS
        numbers = {one.number: place for place, one in enumerate(kept[:MAX_COMMENTS], 1)}
        for one in kept[:MAX_COMMENTS]:
            one.parent = numbers.get(one.parent, 0)
            one.number = numbers[one.number]
        page.comments = kept[:MAX_COMMENTS]
        return page
