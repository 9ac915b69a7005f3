"""Converts WordPress's text with HTML: to Markdown for comments, to HTML for posts.

Both keep all text. What cannot be kept (scripts, external pictures, shortcodes) is listed in `losses`.
"""

import html
import re
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from django.utils.translation import gettext as _

from core.markup.comments import BARE_LINK_TLDS
from core.markup.posts import clean_post_html


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


# Anything else between < and > is not markup but typed text, such as <3 or <name>.
HTML_TAGS = _set(
    """a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink blockquote body br button canvas caption center
    cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame
    frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map mark marquee math menu meta
    meter nav nobr noscript object ol optgroup option output p param path picture pre progress q rp rt ruby s samp script section select small
    source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video
    wbr"""
)
MUTED = {"script", "style"}
MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~", "strike": "~~"}
BREAKING = _set(
    """address article aside body caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header html
    legend main menu nav p section summary table tbody tfoot thead tr"""
)
# Dropped silently: there is no visible difference.
PLAIN_BOXES = _set(
    "article aside body col colgroup div footer header html main nav p section span tbody td tfoot th thead tr wbr"
)
PLAYERS = _set("applet audio embed frame iframe object source track video")
# Nobody nests deeper by hand, and the renderer omits what is nested too deeply.
DEEPEST_BOXES = 8

# No "<" in a tag: so each try ends at the next one, and reading stays linear whatever is left open.
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[\s/](?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)?)>")
ATTRIBUTE = re.compile(r"([^\s=/\"'>]++)(?:\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]++)))?")
DYNAMIC_BLOCK = re.compile(r"\s*wp:([\w/-]+)(?=[\s{]|/)[^\0]*/\s*\Z")
PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
# A line longer than any screen shows in one, and the line break after it.
LONG_LINE = re.compile(r"^([^\n]{90,})\n(?=[^\n])", re.MULTILINE)
ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"\\]+|(?<![\w@.-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:"
    + "|".join(BARE_LINK_TLDS)
    + r")/[^\s<>\"\\]*",
    re.IGNORECASE,
)
TRAILING = ".,;:!?'*_~]}"
# Characters with a meaning in Markdown: _ and ~ only where they can mean something, < only before a letter.
SIGNS = re.compile(r"[\\`*\[\]]|(?<![^\W_])_|_(?![^\W_])|~(?=~)|(?<=~)~|<(?=[A-Za-z/!?])")
LINE_STARTS = re.compile(r"^(?:(>)|([-+=#])(?=[-+=#\s]|$)|(\d{1,9})(?=[.)](?:\s|$)))")
UNSAFE_IN_ADDRESS = re.compile(r"[\x00-\x20\"<>\\^`{|}()]")
SHORTCODE = re.compile(r"(?<!\[)\[(/?)([a-z][a-z0-9_-]*)((?:[\s=][^\[\]]*)?)\](?!\])", re.IGNORECASE)
# A sign above U+FFFF as some programs write it: two references that mean nothing alone.
SURROGATES = re.compile(
    r"&#x(d[89ab][0-9a-f]{2});&#x(d[c-f][0-9a-f]{2});|&#(5[56][0-9]{3});&#(5[67][0-9]{3});", re.IGNORECASE
)
KNOWN_SHORTCODES = _set(
    "audio caption code embed gallery googlemaps playlist slideshow sourcecode video vimeo wp_caption youtube"
)


def _one_sign(match: re.Match[str]) -> str:
    high, low = (int(match[1], 16), int(match[2], 16)) if match[1] else (int(match[3]), int(match[4]))
    is_pair = 0xD800 <= high < 0xDC00 <= low < 0xE000
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00) if is_pair else match[0]


class Words(NamedTuple):
    """Converted text, and a description of what was lost."""

    text: str
    losses: set[str]


def web_address(url: str, base: str = "") -> str:
    """The address made absolute and safe to write down, or "" when it does not lead to the web.

    "" too for what leads nowhere but within its page: joined to the blog's address it would be its front page.
    """
    url = "".join(url.split())
    if not url or url.startswith("#"):
        return ""
    try:
        url = urljoin(base, url)
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return ""
    except ValueError:
        return ""
    return UNSAFE_IN_ADDRESS.sub(lambda match: quote(match[0]), url)


class _Tags:
    """Distinguishes markup from text that looks like it, and drops scripts.

    Not html.parser: that loses text after a lone "<!--", and takes minutes over some hundred kilobytes of "<a <a <a".
    """

    def __init__(self, base: str = "") -> None:
        self.base = base
        self.losses: set[str] = set()

    def read(self, source: str) -> None:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
        done = here = 0
        last_comment_end = source.rfind("-->")
        while (here := source.find("<", here)) >= 0:
            if source.startswith("<!--", here) and here < last_comment_end:
                self._words(source[done:here])
                done = source.find("-->", here) + 3
                self.commented(source[here + 4 : done - 3])
                here = done
                continue
            match = TAG.match(source, here)
            if match is None or (name := match[2].lower()) not in HTML_TAGS:
                here += 1
                continue
            self._words(source[done:here])
            here = done = match.end()
            if match[1]:
                self.closed(name)
            elif name in MUTED:
                self.losses.add("a script or style sheet was left out")
                end = re.compile(f"</{name}[^>]*>", re.IGNORECASE).search(source, here)
                here = done = end.end() if end else len(source)
            else:
                self.opened(
                    name,
                    {
                        each[1].lower(): html.unescape(each[2] or each[3] or each[4] or "")
                        for each in ATTRIBUTE.finditer(match[3])
                    },
                )
        self._words(source[done:])

    def _words(self, source: str) -> None:
        if source:
            self.text(html.unescape(SURROGATES.sub(_one_sign, source)))

    def commented(self, comment: str) -> None:
        """An HTML comment: nothing that anybody reads."""

    def text(self, words: str) -> None:
        raise NotImplementedError

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def closed(self, tag: str) -> None:
        raise NotImplementedError

    def lose_tag(self, tag: str) -> None:
        if tag not in PLAIN_BOXES:
            self.losses.add(f"the <{tag}> tag was dropped; its text was kept")

    def lose_player(self, tag: str, attributes: dict[str, str]) -> str:
        """Note that something embedded goes; returns its address."""
        address = web_address(attributes.get("src") or attributes.get("data") or "", self.base)
        if tag not in {"source", "track"} or address:
            self.losses.add("an embed became a link" if address else f"the embedded <{tag}> was left out")
        return address


# --- comments ------------------------------------------------------------------


class _Box:
    """A part of the text that is being written: the whole, a quotation, a list or an item."""

    def __init__(self, kind: str, number: int = 0) -> None:
        self.kind = kind
        self.number = number
        self.lines: list[str] = []

    def add(self, lines: list[str]) -> None:
        is_list_in_list = self.kind == "item" and lines[0].startswith("- ")
        if self.lines and self.kind != "list" and not is_list_in_list:
            self.lines.append("")
        self.lines += lines


class _Markdown(_Tags):
    def __init__(self, base: str = "") -> None:
        super().__init__(base)
        self.boxes = [_Box("whole")]
        # The paragraph: ["text", text], ["raw", Markdown], ["open", mark] or ["close", mark].
        self.tokens: list[list[str]] = []
        self.marks: list[str] = []
        self.code: list[str] | None = None
        self.code_tag = ""
        self.label: list[str] | None = None
        self.href = ""
        self.after_break = False

    def result(self) -> str:
        if self.code is not None:
            self._end_code()
        self._end_link()
        self._end_boxes(0)
        return "\n".join(self.boxes[0].lines).strip("\n")

    # --- input

    def text(self, words: str) -> None:
        if self.code is not None:
            self.code.append(words)
            return
        if self.label is not None:
            self.label.append(" ".join(words.split("\n")))
            return
        if self.after_break:
            self.after_break = False
            words = words[1:] if words.startswith("\n") else words
        first, *others = PARAGRAPHS.split(words)
        self._say(first)
        for part in others:
            self._end_paragraph()
            self._say(part)

    def _say(self, words: str, kind: str = "text") -> None:
        if not words or (not self.tokens and not words.strip()):
            return
        if self.boxes[-1].kind == "list":
            self.boxes.append(_Box("item", 0))
        if not self.tokens:
            self.tokens = [["open", mark] for mark in self.marks]
        self.tokens.append([kind, words])

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        self.after_break = False
        if self.code is not None:
            if tag == "br":
                self.code.append("\n")
            return
        if tag == "br":
            self.text("\n")
            self.after_break = True
        elif tag == "a":
            self._end_link()
            self.href, self.label = attributes.get("href", ""), []
        elif tag in {"code", "pre", "kbd", "samp", "tt"}:
            self.code, self.code_tag = [], tag
        elif tag in MARKS:
            if self.label is None and MARKS[tag] not in self.marks:
                self.marks.append(MARKS[tag])
                if self.tokens:
                    self.tokens.append(["open", MARKS[tag]])
        elif tag in {"blockquote", "ul", "ol", "li"}:
            self._open_box(tag, attributes)
        elif tag == "hr":
            self._end_paragraph()
            self._block(["---"])
        elif tag == "img":
            self.losses.add("a picture became a link")
            self._link(web_address(attributes.get("src", ""), self.base), attributes.get("alt", "").strip())
        elif tag in PLAYERS:
            self._link(self.lose_player(tag, attributes), "")
        elif tag == "q":
            self.text("“")
        else:
            self._leave_out(tag)

    def closed(self, tag: str) -> None:
        if self.code is not None:
            if tag == self.code_tag:
                self._end_code()
        elif tag == "a":
            self._end_link()
        elif tag in MARKS:
            if self.label is None and MARKS[tag] in self.marks:
                self.marks.remove(MARKS[tag])
                if self.tokens:
                    self.tokens.append(["close", MARKS[tag]])
        elif tag in {"blockquote", "ul", "ol", "li"}:
            self._end_paragraph()
            kind = {"blockquote": "quote", "li": "item"}.get(tag, "list")
            open_boxes = [index for index, box in enumerate(self.boxes) if box.kind == kind]
            if open_boxes:
                self._end_boxes(open_boxes[-1])
        elif tag == "q":
            self.text("”")
        elif tag in BREAKING:
            self._end_paragraph()

    def _leave_out(self, tag: str) -> None:
        self.lose_tag(tag)
        if tag in {"td", "th"}:
            self.text(" ")
        elif tag in BREAKING:
            self._end_paragraph()

    # --- boxes

    def _open_box(self, tag: str, attributes: dict[str, str]) -> None:
        self._end_paragraph()
        if tag == "li":
            lists = [index for index, box in enumerate(self.boxes) if box.kind == "list"]
            if not lists:
                self.boxes.append(_Box("list"))
            else:
                self._end_boxes(lists[-1] + 1)
            number = self.boxes[-1].number
            self.boxes[-1].number += 1 if number else 0
            self.boxes.append(_Box("item", number))
        elif len(self.boxes) > DEEPEST_BOXES:
            self.losses.add("very deeply nested markup was flattened")
        elif tag == "blockquote":
            if self.boxes[-1].kind == "list":
                self.boxes.append(_Box("item", 0))
            self.boxes.append(_Box("quote"))
        else:
            if self.boxes[-1].kind == "list":
                self.boxes.append(_Box("item", 0))
            start = attributes.get("start", "")
            self.boxes.append(
                _Box(
                    "list",
                    0 if tag == "ul" else max(1, int(start)) if re.fullmatch("[0-9]{1,6}", start) else 1,
                )
            )

    def _end_boxes(self, keep: int) -> None:
        """Close boxes until only `keep` of them, at least the whole, are left."""
        self._end_paragraph()
        while len(self.boxes) > max(keep, 1):
            box = self.boxes.pop()
            lines = box.lines
            if not lines:
                continue
            if box.kind == "quote":
                lines = [f"> {line}".rstrip() for line in lines]
            elif box.kind == "item":
                marker = f"{box.number}. " if box.number else "- "
                lines = [marker + lines[0], *(" " * len(marker) + line if line else "" for line in lines[1:])]
            self.boxes[-1].add(lines)

    def _block(self, lines: list[str]) -> None:
        if self.boxes[-1].kind == "list":
            self.boxes.append(_Box("item", 0))
        self.boxes[-1].add(lines)

    # --- inside a paragraph

    def _end_code(self) -> None:
        words, tag = "".join(self.code or []), self.code_tag
        self.code, self.code_tag = None, ""
        if not words.strip():
            self.text(words)
            return
        longest = max((len(run) for run in re.findall("`+", words)), default=0)
        if self.label is not None:
            self.label.append(" ".join(words.split()))
        elif tag == "pre" or "\n" in words.strip("\n"):
            self._end_paragraph()
            fence = "`" * max(3, longest + 1)
            self._block([fence, *words.strip("\n").split("\n"), fence])
        else:
            words, fence = words.strip("\n"), "`" * (longest + 1)
            pad = " " if words[0] in "` " or words[-1] in "` " else ""
            self._say(fence + pad + words + pad + fence, "raw")

    def _end_link(self) -> None:
        if self.label is None:
            return
        label, self.label = " ".join("".join(self.label).split()), None
        address = web_address(self.href, self.base)
        if not address and self.href:
            self.losses.add("a link that is not a web address was left out; its text was kept")
        self._link(address, label)

    def _link(self, address: str, label: str) -> None:
        if self.label is not None:
            self.label.append(label or address)
        elif not address:
            self.text(label)
        elif not label or web_address(label) == address:
            self._say(f"<{address}>", "raw")
        else:
            self._say(f"[{SIGNS.sub(_escaped, label)}](<{address}>)", "raw")

    def _end_paragraph(self) -> None:
        if not self.tokens:
            return
        tokens, self.tokens = self.tokens + [["close", mark] for mark in reversed(self.marks)], []
        lines = [line.strip(" \t") for line in _paragraph(tokens).split("\n")]
        lines = [line for line in lines if line]
        if lines:
            self._block(lines)


def _escaped(match: re.Match[str]) -> str:
    return "\\" + match[0]


def _escape(words: str, at_line_start: bool) -> str:
    """Text of one line as Markdown that renders as just this text. Addresses stay addresses."""
    out, done = [], 0
    for match in ADDRESS.finditer(words):
        address = _without_punctuation(match[0])
        end = match.start() + len(address)
        if SIGNS.search(address):
            address = web_address(address if address.lower().startswith("http") else f"http://{address}")
            if not address:
                continue
            address = f"<{address}>"
        out += [SIGNS.sub(_escaped, words[done : match.start()]), address]
        done = end
    out.append(SIGNS.sub(_escaped, words[done:]))
    line = "".join(out)
    if at_line_start:
        line = line.lstrip(" \t")
        line = LINE_STARTS.sub(lambda match: f"{match[3]}\\" if match[3] else "\\" + match[0], line)
    return line


def _without_punctuation(address: str) -> str:
    """What a sentence puts behind an address does not belong to it; a bracket does, if it was opened there."""
    end, surplus = len(address), address.count(")") - address.count("(")
    while end and (address[end - 1] in TRAILING or (address[end - 1] == ")" and surplus > 0)):
        surplus -= address[end - 1] == ")"
        end -= 1
    return address[:end]


def _paragraph(tokens: list[list[str]]) -> str:
    tokens = _settle_marks(tokens)
    out, at_line_start = [], True
    for kind, value in tokens:
        if kind != "text":
            out.append(value)
            at_line_start = False
            continue
        for number, line in enumerate(value.split("\n")):
            if number:
                out.append("\n")
                at_line_start = True
            out.append(_escape(line, at_line_start))
            at_line_start = at_line_start and not line.strip(" \t")
    return "".join(out)


def _settle_marks(tokens: list[list[str]]) -> list[list[str]]:
    """Move white space out of marks, and drop marks that Markdown would not recognise in their position."""
    out: list[list[str]] = []
    pending = ""  # white space inside an opening mark or before a closing one
    for kind, value in tokens:
        if kind == "text":
            value, pending = pending + value, ""
            if out and out[-1][0] == "open" and value[:1].isspace():
                space = value[: len(value) - len(value.lstrip())]
                place = len(out)
                while place and out[place - 1][0] == "open":
                    place -= 1
                out.insert(place, ["text", space])
                value = value[len(space) :]
            if value:
                out.append(["text", value])
        elif kind == "close":
            if out and out[-1][0] == "text" and out[-1][1] != (stripped := out[-1][1].rstrip()):
                pending = out[-1][1][len(stripped) :] + pending
                out[-1][1] = stripped
                if not stripped:
                    out.pop()
            opened = next(
                (index for index in range(len(out) - 1, -1, -1) if out[index] == ["open", value]), None
            )
            if opened is None:
                continue
            if all(token[0] in {"open", "close"} for token in out[opened:]):
                del out[opened]
            else:
                out.append([kind, value])
        else:
            if pending:
                out.append(["text", pending])
                pending = ""
            out.append([kind, value])
    if pending:
        out.append(["text", pending])
    return _readable_marks(out)


def _readable_marks(tokens: list[list[str]]) -> list[list[str]]:
    stack: list[int] = []
    dropped: set[int] = set()
    for index, (kind, value) in enumerate(tokens):
        if kind == "open":
            stack.append(index)
        elif kind == "close":
            matching = [place for place in stack if tokens[place][1] == value]
            if not matching:
                dropped.add(index)
                continue
            opened = matching[-1]
            # Marks that are closed crosswise: the inner ones go.
            dropped.update(stack[stack.index(opened) + 1 :])
            del stack[stack.index(opened) :]
            outside_left, inside_left = _sign(tokens, opened, -1), _sign(tokens, opened, +1)
            inside_right, outside_right = _sign(tokens, index, -1), _sign(tokens, index, +1)
            if (
                (opened and tokens[opened - 1][0] == "close")
                or (not inside_left.isalnum() and outside_left.isalnum())
                or (not inside_right.isalnum() and outside_right.isalnum())
            ):
                dropped.update({opened, index})
    dropped.update(stack)
    return [token for index, token in enumerate(tokens) if index not in dropped]


def _sign(tokens: list[list[str]], index: int, step: int) -> str:
    """The character next to a mark, skipping marks; a blank at the end."""
    index += step
    while 0 <= index < len(tokens) and tokens[index][0] in {"open", "close"}:
        index += step
    if not 0 <= index < len(tokens):
        return " "
    return tokens[index][1][0 if step > 0 else -1]


def part_long_lines(source: str) -> str:
    """In a comment without empty lines, add one after each line that is too long to be a single line.

    Many people separate paragraphs by a single line break. WordPress shows such a comment as one block; five
    thousand characters of it are hard to read. Short lines (a greeting, a signature) stay together.
    """
    source = source.replace("\r\n", "\n")
    if PARAGRAPHS.search(source.strip()) or "<pre" in source:
        return source
    return LONG_LINE.sub("\\1\n\n", source)


def to_markdown(source: str, base: str = "") -> Words:
    """The text of a WordPress comment (HTML, line breaks as typed) as the Markdown that members write here."""
    writer = _Markdown(base)
    writer.read(part_long_lines(source))
    return Words(writer.result(), writer.losses)


# --- posts ---------------------------------------------------------------------

SAME_TAG = {
    "h1": "h2",
    "h5": "h4",
    "h6": "h4",
    "b": "strong",
    "i": "em",
    "del": "s",
    "strike": "s",
    "ins": "u",
    "kbd": "code",
    "samp": "code",
    "tt": "code",
}
TABLE_PARTS = {"caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
POST_BOXES = {
    "blockquote",
    "ul",
    "ol",
    "li",
    "pre",
    "h2",
    "h3",
    "h4",
    "figure",
    "figcaption",
    "table",
} | TABLE_PARTS
POST_MARKS = {"strong", "em", "s", "u", "sub", "sup", "code", "a"}
HOLD_WORDS_THEMSELVES = {"li", "h2", "h3", "h4", "figure", "figcaption", "pre", "caption", "th", "td"}
# What ends, within its table, where one of these begins: closing tags are optional (HTML, 13.1.2.4).
CELLS = {"th", "td", "caption"}
ENDED_BY = {"th": CELLS, "td": CELLS, "caption": CELLS, "tr": CELLS | {"tr"}} | dict.fromkeys(
    ("thead", "tbody", "tfoot"), CELLS | {"tr", "thead", "tbody", "tfoot"}
)
SPAN = re.compile("[1-9][0-9]{0,2}")
SCOPES = {"row", "col", "rowgroup", "colgroup"}
CAPTION = re.compile(
    r"(?<!\[)\[(?P<name>wp_caption|caption)(?P<attributes>(?:\s(?:[^\[\]\"'“”″]|\"[^\"]{0,4000}+\"|'[^']{0,4000}+'|[“”″][^“”″]{0,4000}+[“”″]){0,1000}+)?)\]"
    r"(?P<inside>(?:(?!\[(?:wp_)?caption\b)[^\0]){0,20000}?)\[/(?P=name)\]",
    re.IGNORECASE,
)
CAPTION_WORDS = re.compile(
    r"\scaption\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|[“”″]([^“”″]*)[“”″]|([^\s\"'“”″]+))", re.IGNORECASE
)
PICTURE_AND_WORDS = re.compile(
    r"\s*((?:<a\s[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?)(.*)", re.IGNORECASE | re.DOTALL
)
CODE_TAG = re.compile(r"<(/?)(pre|code)\b", re.IGNORECASE)
VALUE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|[”″“]([^”″“]*)[”″“])")
# Parts of shortcodes that people read; of the others those that look like a sentence.
READ_VALUES = _set("alt author caption cite content description heading label name quote subtitle text title")


class _PostHtml(_Tags):
    def __init__(self, base: str, has_blocks: bool) -> None:
        super().__init__(base)
        self.line_breaks = not has_blocks
        self.out: list[str] = []
        self.boxes: list[str] = []
        self.in_paragraph = False
        # Open marks as (tag, opening tag); the first `live` of them are written in the current paragraph.
        self.marks: list[tuple[str, str]] = []
        self.live = 0
        self.breaks = ""
        self.after_break = False
        self.pictures: list[str] = []
        self.shortcodes: set[str] = set()

    def result(self) -> str:
        self._end_paragraph()
        self.out += [f"</{box}>" for box in reversed(self.boxes)]
        return "".join(self.out)

    # --- input

    def commented(self, comment: str) -> None:
        if block := DYNAMIC_BLOCK.match(comment):
            self.losses.add(f"the dynamic block {block[1]} was left out")

    def text(self, words: str) -> None:
        if "pre" in self.boxes:
            self.out.append(html.escape(words, quote=False))
            return
        if not any(mark == "code" for mark, _opening in self.marks):
            words = SHORTCODE.sub(self._without_shortcode, words)
        if self.after_break and words.startswith("\n"):
            words = words[1:]
        self.after_break = False
        first, *others = PARAGRAPHS.split(words) if self.line_breaks else [words]
        self._lines(first)
        for part in others:
            if self.boxes and self.boxes[-1] in HOLD_WORDS_THEMSELVES:
                self._lines(f"\n{part}")
            else:
                self._end_paragraph()
                self._lines(part)

    def _lines(self, words: str) -> None:
        for number, line in enumerate(words.split("\n")):
            if number:
                if self.line_breaks:
                    self.breaks = "<br>"
                else:
                    self._inline(" ")
            bare = line.strip()
            if (
                re.fullmatch(r"https?://\S+", bare)
                and not any(mark == "a" for mark, _opening in self.marks)
                and web_address(bare)
            ):
                self._link(web_address(bare), bare)
            else:
                self._inline(html.escape(line, quote=False))

    def _without_shortcode(self, match: re.Match[str]) -> str:
        closing, name, rest = match[1], match[2].lower(), match[3]
        if name not in KNOWN_SHORTCODES and "=" not in rest and not (closing and name in self.shortcodes):
            return match[0]
        self.shortcodes.add(name)
        self.losses.add(f"the shortcode [{name}] was left out; its text and links were kept")
        addresses = "".join(f"\n{address}\n" for address in re.findall(r"https?://[^\s\"'”″<>]+", rest))
        values = (
            (match[1].lower(), (match[2] or match[3] or match[4] or "").strip())
            for match in VALUE.finditer(rest)
        )
        words = [
            value
            for key, value in values
            if "://" not in value and (key in READ_VALUES or re.search(r"[^\W\d_]\s+[^\W\d_]", value))
        ]
        return (f" {' '.join(filter(None, words))} " if any(words) else "") + addresses

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        self.after_break = False
        if "pre" in self.boxes:
            if tag == "br":
                self.out.append("\n")
            return
        if tag == "br":
            self.breaks += "<br>"
            self.after_break = True
        elif tag == "hr":
            self._end_paragraph()
            self.out.append("<hr>")
        elif tag == "img":
            self._picture(attributes)
        elif tag in PLAYERS:
            if address := self.lose_player(tag, attributes):
                self._link(address, address)
        elif (same := SAME_TAG.get(tag, tag)) in POST_MARKS:
            opening = f"<{same}>"
            if same == "a":
                self._close_mark("a")
                href = attributes.get("href", "")
                address = href if href.lower().startswith("mailto:") else web_address(href, self.base)
                if not address:
                    if href:
                        self.losses.add("a link that is not a web address was left out; its text was kept")
                    return
                opening = f'<a href="{html.escape(address)}">'
            if all(mark != same for mark, _opening in self.marks):
                self.marks.append((same, opening))
        elif same in POST_BOXES and (same not in TABLE_PARTS or "table" in self.boxes):
            self._end_paragraph()
            if same in TABLE_PARTS:
                self._end_parts(same)
            if (
                same == "li"
                and "li" in self.boxes
                and not {"ul", "ol"} & set(self.boxes[_last(self.boxes, "li") :])
            ):
                self._end_box("li")
            if len(self.boxes) > DEEPEST_BOXES * 2:
                self.losses.add("very deeply nested markup was flattened")
                return
            self.boxes.append(same)
            self.out.append(f"<{same}{_kept_attributes(same, attributes)}>")
        else:
            self.lose_tag(tag)
            if tag in {"td", "th"}:
                self._inline(" ")
            elif tag in BREAKING:
                self._end_paragraph()
                self._part_lines()
            elif tag == "q":
                self._inline("“")

    def closed(self, tag: str) -> None:
        same = SAME_TAG.get(tag, tag)
        if "pre" in self.boxes and same != "pre":
            return
        if same in POST_MARKS:
            self._close_mark(same)
        elif same in POST_BOXES:
            self._end_paragraph()
            if same in self.boxes:
                self._end_box(same)
        elif tag == "q":
            self._inline("”")
        elif tag in BREAKING:
            self._end_paragraph()
            self._part_lines()

    # --- what goes out

    def _part_lines(self) -> None:
        """In an element that contains text directly, a paragraph becomes a line."""
        if (
            self.boxes
            and self.boxes[-1] in HOLD_WORDS_THEMSELVES
            and not self.out[-1].startswith(f"<{self.boxes[-1]}")
        ):
            self.breaks = "<br>"

    def _end_parts(self, part: str) -> None:
        """End the parts of the innermost table that a new one ends."""
        parts = self.boxes[_last(self.boxes, "table") + 1 :]
        for place, box in enumerate(parts):
            if box in ENDED_BY[part]:
                for _part in parts[place:]:
                    self.out.append(f"</{self.boxes.pop()}>")
                return

    def _end_box(self, tag: str) -> None:
        while (box := self.boxes.pop()) != tag:
            self.out.append(f"</{box}>")
        self.out.append(f"</{tag}>")

    def _inline(self, fragment: str) -> None:
        holds = bool(self.boxes) and self.boxes[-1] in HOLD_WORDS_THEMSELVES
        if not fragment or (not fragment.strip() and not (self.in_paragraph or holds)):
            return
        if not fragment.strip() and self.breaks:
            return
        if not (self.in_paragraph or holds):
            self.out.append("<p>")
            self.in_paragraph = True
            self.breaks = ""
        if self.breaks:
            self.out.append(self.breaks)
            self.breaks = ""
        while self.live < len(self.marks):
            self.out.append(self.marks[self.live][1])
            self.live += 1
        self.out.append(fragment)

    def _link(self, address: str, label: str) -> None:
        self._inline(f'<a href="{html.escape(address)}">{html.escape(label, quote=False)}</a>')

    def _picture(self, attributes: dict[str, str]) -> None:
        address = web_address(attributes.get("src", ""), self.base)
        alt = attributes.get("alt", "").strip()
        own = clean_post_html(
            f'<img src="{html.escape(attributes.get("src", ""))}" alt="{html.escape(alt)}">'
        )
        if own:
            self._inline(own)
            return
        self.losses.add(
            "a picture on another site became a link"
            if address
            else "a picture without an address was left out"
        )
        links = [opening for mark, opening in self.marks if mark == "a"]
        if not address:
            self._inline(html.escape(alt, quote=False))
        elif not links:
            self._link(address, alt or address)
        else:
            self._inline(html.escape(alt, quote=False) or _("Picture"))
            if f'"{html.escape(address)}"' not in links[-1]:
                self.pictures.append(address)

    def _close_mark(self, tag: str) -> None:
        places = [index for index, (mark, _opening) in enumerate(self.marks) if mark == tag]
        if not places:
            return
        while self.live > places[-1]:
            self.live -= 1
            self.out.append(f"</{self.marks[self.live][0]}>")
        del self.marks[places[-1]]
        if tag == "a":
            for address in self.pictures:
                self._inline(" ")
                self._link(address, _("Picture"))
            self.pictures = []

    def _end_paragraph(self) -> None:
        while self.live:
            self.live -= 1
            self.out.append(f"</{self.marks[self.live][0]}>")
        if self.in_paragraph:
            self.out.append("</p>\n")
            self.in_paragraph = False
        self.breaks = ""


def _kept_attributes(tag: str, attributes: dict[str, str]) -> str:
    start, scope = attributes.get("start", ""), attributes.get("scope", "").lower()
    if tag == "ol" and start.isascii() and start.isdigit():
        return f' start="{start}"'
    if tag not in {"th", "td"}:
        return ""
    spans = "".join(
        f' {name}="{attributes[name]}"'
        for name in ("colspan", "rowspan")
        if SPAN.fullmatch(attributes.get(name, ""))
    )
    return spans + (f' scope="{scope}"' if tag == "th" and scope in SCOPES else "")


def _with_captions(source: str) -> str:
    """Captions of pictures, written as shortcodes, as HTML; in its old form the text is an attribute. Not inside code."""
    if "caption" not in source.lower():
        return source
    out, done, depth = list[str](), 0, 0
    for tag in CODE_TAG.finditer(source):
        if not tag[1]:
            if not depth:
                out.append(CAPTION.sub(_figure, source[done : tag.start()]))
                done = tag.start()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                out.append(source[done : tag.end()])
                done = tag.end()
    out.append(source[done:] if depth else CAPTION.sub(_figure, source[done:]))
    return "".join(out)


def _figure(match: re.Match[str]) -> str:
    inside, words = match["inside"], CAPTION_WORDS.search(match["attributes"])
    if words:
        said = next(filter(None, words.groups()), "")
    elif picture := PICTURE_AND_WORDS.fullmatch(inside):
        inside, said = picture[1], picture[2]
    else:
        said = ""
    caption = f"<figcaption>{said.strip()}</figcaption>" if said.strip() else ""
    return f"\n\n<figure>{inside.strip()}{caption}</figure>\n\n"


def _last(boxes: list[str], tag: str) -> int:
    return len(boxes) - 1 - boxes[::-1].index(tag)


def to_post_html(source: str, base: str = "") -> Words:
    """The content of a WordPress post (blank lines are paragraphs, unless it is made of blocks) as the HTML of ours."""
    writer = _PostHtml(base, has_blocks="<!-- wp:" in source)
    writer.read(_with_captions(source.replace("\r\n", "\n")))
    return Words(clean_post_html(writer.result()), writer.losses)
