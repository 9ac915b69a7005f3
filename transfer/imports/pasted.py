"""Recognises a post and its comments in what somebody saved of an old blog: the HTML of a page, or its text.

Nothing is certain here: the host sees what was recognised, corrects it, and only then is it stored.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from core.utils.text import one_line
from transfer.imports.pasted_order import heads_first
from transfer.imports.values import decoded, moment
from transfer.wordpress.tags import TagReader

# Each is five fields of a form (DATA_UPLOAD_MAX_NUMBER_FIELDS).
MAX_COMMENTS = 180
MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)[a-z]{0,6}\.?"
DAY = rf"(?:{MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?,? [0-9]{{4}}|[0-9]{{1,2}}(?:st|nd|rd|th)?\.? {MONTH},? [0-9]{{4}}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|[0-9]{{1,2}}\.[0-9]{{1,2}}\.[0-9]{{4}})"
TIME = r"(?:[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[ap]\.?m\.?)?)"
# "April 25, 2012, 6:25 pm", "25 April 2012 at 18:25", "2012-04-25T18:25:00"
DATE = re.compile(rf"{DAY}(?:(?:,? (?:at |@ ?|- |– |\| )?|T){TIME})?", re.IGNORECASE)
WEEKDAY = re.compile(r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? ", re.IGNORECASE)
SAYS = re.compile(r"^(.{1,80}?) (?:says|said|wrote|writes|commented)\b[ :,.…]*(?:on)?\s*(.*)$", re.IGNORECASE)
PARTED = re.compile(r"\s*(?:\||·|•|—|–|, | - )\s*$")
REPLIES_TO = re.compile(r"^(?:In reply to|Replying to|Reply to|@)\s*([^:,\n]{1,60})[:,]?\s*", re.IGNORECASE)
# Buttons and counts that are no words of anybody.
BUTTONS = re.compile(
    r"^(?:reply|reply to this|antworten|edit|delete|report|quote|share|like|permalink|link|log in to reply|\(edit\)|#?[0-9]{1,4}\.?|"
    r"[0-9]+ (?:comments?|responses?|replies|thoughts on .*)|leave a (?:reply|comment).*|comments?:?|[↓↑])\s*↓?$",
    re.IGNORECASE,
)
# Where the comments begin.
COUNT = re.compile(
    r"^(?:(?:[0-9]{1,5}|one|two|three|four|five|six|seven|eight|nine|ten|no) (?:comments?|responses?|replies|reply|thoughts?)\b.{0,150}|"
    r"comments? ?(?:\([0-9]+\))?:?|(?:comments|responses|replies) ?[:(] ?[0-9]+\)?)$",
    re.IGNORECASE,
)
POSTED = re.compile(r"^(?:(?:posted|published|written)\b|by\b)", re.IGNORECASE)
BY = re.compile(r"[0-9,|·] *by ([^|·•]{1,60}?)\s*(?:[|·•].*)?$", re.IGNORECASE)
CLOSES = re.compile(
    r"^(?:leave a (?:reply|comment)|post a comment|add a comment|your email address will not be published)",
    re.IGNORECASE,
)
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
# A blog's page has some thousands; so many are read in less than a second.
MAX_TAGS = 30_000
MAX_DATES = 3000


class TooMuch(ValueError):
    """More tags or dates than a page has: it is not read, since somebody waits for it."""


@dataclass
class FoundComment:
    """number: from 1, as shown. parent: the number of the comment that it replies to, 0 for none."""

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
    """What looks like a post and its comments in a page or a text. Raises TooMuch."""
    text = decoded(source)[0] if isinstance(source, bytes) else source
    if re.search(r"<(?:html|body|div|p|li|article)\b", text, re.IGNORECASE):
        if text.count("<") > MAX_TAGS:
            raise TooMuch
        reader = _PageReader()
        reader.read(text)
        page = reader.page()
        if page.comments:
            return page
        text = "".join(reader.all_words)
    return _from_lines(text)


def date_in(text: str) -> datetime | None:
    """The first date in a text, as people and themes write it."""
    found = DATE.search(text)
    if found is None:
        return None
    written = re.sub(r"\s+(?:at|@|-|–|\|)\s*", ", ", found[0])
    written = re.sub(r"(?i)(?<=[0-9 ])([ap])\.?m\b\.?", lambda match: f"{match[1].upper()}M", written)
    written = re.sub(r"(?<=[0-9])(?:st|nd|rd|th)\b", "", written)
    for candidate in _forms_of(written):
        if (when := moment(candidate)) is not None:
            return when
    return None


def _forms_of(written: str) -> list[str]:
    """The same date in forms that `moment` knows: with an hour of 24 or of 12, and without any."""
    day = re.match(DAY, written, re.IGNORECASE)
    clock = re.search(TIME, written[day.end() :] if day else "", re.IGNORECASE)
    if day is None:
        return [written]
    bare = re.sub(r"[.,]", " ", day[0]) if re.search("[A-Za-z]", day[0]) else day[0]
    bare = re.sub(r"(?i)\bsept\b", "Sep", bare)
    for order in ("%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y", "%Y-%m-%d", "%d.%m.%Y"):
        try:
            found = datetime.strptime(" ".join(bare.split()), order)  # noqa: DTZ007 - made aware by moment()
        except ValueError:
            continue
        return [*_with_clock(found, clock[0] if clock else ""), found.isoformat()]
    return [written]


def _with_clock(day: datetime, clock: str) -> list[str]:
    for form in ("%I:%M %p", "%I:%M%p", "%I:%M:%S %p", "%H:%M", "%H:%M:%S"):
        try:
            time = datetime.strptime(clock.strip(), form)  # noqa: DTZ007 - the time of a day
        except ValueError:
            continue
        return [day.replace(hour=time.hour, minute=time.minute, second=time.second).isoformat()]
    return []


# --- text ----------------------------------------------------------------------


def _from_lines(text: str) -> FoundPage:
    """A post, then comments that each begin with lines of a name and a date, in either order or in one."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\xa0", " ").split("\n")]
    lines = heads_first(lines, DATE, COUNT)
    dated = [number for number, line in enumerate(lines) if len(line) <= 200 and DATE.search(line)]
    if len(dated) > MAX_DATES:
        raise TooMuch
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
            page.author = one_line(behind[1])[:100] if (behind := BY.search(line)) else ""
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
    """The head of the post itself, if it has one; those of its comments; and the line where its text ends at the latest.

    The first above a line such as "3 comments" is the post's; others above that line are dates in its text. Without such a
    line, the only one that says "Posted by Martha on …" is.
    """
    none = None, heads, len(lines)
    if not heads or any(date_in(line) for line in lines[: heads[0].begin] if len(line) < 100):
        return none
    # A count right under the head ("Posted by Martha", "3 comments") is no place where comments begin.
    for number in range(heads[0].end + 1, len(lines)):
        if COUNT.match(lines[number].strip()) and any(line.strip() for line in lines[heads[0].end : number]):
            if all(COUNT.match(line.strip()) or not line.strip() for line in lines[heads[0].end : number]):
                continue
            return _own(lines, heads[0]), [head for head in heads if head.begin > number], number
    posted = [head for head in heads if POSTED.match(lines[head.end - 1].strip())]
    return (_own(lines, heads[0]), heads[1:], len(lines)) if posted == heads[:1] else none


def _own(lines: list[str], head: "_Head") -> "_Head":
    """The head of a post, with the name behind the date, too: "Posted on April 20, 2012 by Martha"."""
    if behind := BY.search(lines[head.end - 1]):
        return _Head(head.end - 1, head.end, one_line(behind[1])[:100], head.when)
    name = "" if head.name.lower() in {"posted", "published", "written"} else head.name
    return _Head(head.begin, head.end, name, head.when)


@dataclass
class _Head:
    begin: int
    end: int
    name: str
    when: datetime


def _head_at(lines: list[str], number: int) -> _Head | None:
    """Whether a line has the date of a comment, with the name in it, before it, or in the line above."""
    line = lines[number].strip()
    found = DATE.search(line) if len(line) <= 160 else None
    when = date_in(line) if found else None
    if found is None or when is None:
        return None
    rest = line[found.end() :].strip(" .,:|·#()")
    if rest and not BUTTONS.match(rest) and not SAYS.match(f"{rest} x") and len(rest) > 40:
        return None
    before = PARTED.sub("", WEEKDAY.sub("", line[: found.start()].strip(" (|·•-–—,"))).strip()
    before = re.sub(r"(?i)\b(?:on|posted|at|am)$", "", before).strip(" ,|")
    if said := SAYS.match(f"{before} "):
        before = said[1]
    if re.sub(r"(?i)^(?:posted )?by ", "", before) and not WEEKDAY.match(f"{before} "):
        name = re.sub(r"(?i)^(?:posted )?by ", "", before)
        return _Head(number, number + 1, one_line(name)[:100], when) if _is_name(name) else None
    above = number - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    if above < 0 or number - above > 2:
        return None
    name = lines[above].strip()
    if said := SAYS.match(name):
        name = said[1]
    if _is_name(name) and above > 0:
        return _Head(above, number + 1, one_line(name.rstrip(":"))[:100], when)
    return None


def _is_name(text: str) -> bool:
    """Names are short, and no sentences."""
    return (
        0 < len(text) <= 60 and len(text.split()) <= 6 and not BUTTONS.match(text) and text[-1] not in ".?!;"
    )


def _joined(lines: list[str]) -> str:
    kept = [line.strip() for line in lines if not BUTTONS.match(line.strip()) or not line.strip()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _find_parent(comment: FoundComment, earlier: list[FoundComment]) -> None:
    """ "@Per", "In reply to Per": the last comment of that name. Else the host decides."""
    said = REPLIES_TO.match(comment.text)
    if said is None:
        return
    wanted = said[1].strip().lower()
    for other in reversed(earlier):
        if other.name and (wanted == other.name.lower() or wanted.startswith(f"{other.name.lower()} ")):
            comment.parent = other.number
            if not comment.text.startswith("@"):
                comment.text = comment.text[said.end() :].strip()
            return


# --- HTML ----------------------------------------------------------------------


@dataclass
class _Open:
    """said: what words in here are said as, with all that it lies in; current: the number of the comment in which it lies."""

    tag: str
    said: str = ""
    current: int = 0


class _PageReader(TagReader):
    """Elements whose id or class says that they are comments, nested or not, and the parts inside them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[_Open] = []
        self.comments: list[FoundComment] = []
        self.words: dict[tuple[str, int], list[str]] = {}
        self.all_words: list[str] = []
        self.seen: dict[str, int] = {}
        self.silent = 0
        self.count: Counter[str] = Counter()
        self.said_in: set[int] = set()
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
        above = self.open[-1].said if self.open else ""
        return _Open(tag, above if above == "name" or not role else role, self._current())

    def _role(self, tag: str, values: dict[str, str]) -> tuple[str, int]:
        found = COMMENT_ID.match(values.get("id", ""))
        classes = values.get("class", "")
        current = self._current()
        if found or (tag in {"li", "article"} and IS_COMMENT.search(classes)):
            key = (found[1] or found[2]) if found else f"#{len(self.comments)}"
            # A theme gives the list item and the box inside it ids with the same number.
            if key not in self.seen and not (not found and current and not self._said(current)):
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

    def _said(self, number: int) -> bool:
        return number in self.said_in

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
        role = self.open[-1].said if self.open else ""
        if role or current:
            self.said_in.add(current)
            self.words.setdefault((role or "text", current), []).append(words)

    def _said_as(self, role: str, number: int) -> str:
        return "".join(self.words.get((role, number), []))

    def page(self) -> FoundPage:
        """What was found; comments without text are none."""
        title = one_line(self._said_as("title", 0)) or one_line(self._said_as("page title", 0))
        page = FoundPage(title[:200], self.times.get(0), _joined(self._said_as("body", 0).split("\n")))
        for comment in self.comments:
            number, date = comment.number, self._said_as("date", comment.number)
            name = one_line(self._said_as("name", number))
            said = SAYS.match(f"{name} ")
            comment.name = (said[1] if said else name)[:100]
            comment.written_at = self.times.get(number) or date_in(one_line(date))
            text = self._said_as("text", number)
            if comment.written_at is None:
                comment.written_at = date_in(text[:300])
            comment.text = _joined(
                [
                    line
                    for line in text.split("\n")
                    if not (DATE.fullmatch(line.strip()) or line.strip().lower() in {"says:", "says"})
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
