"""Converts the text of WordPress comments to the Markdown that members write here."""

import re

from django.utils.translation import gettext as _

from core.markup.comments import BARE_LINK_TLDS
from transfer.wordpress.embeds import smiley
from transfer.wordpress.tags import (
    BREAKING,
    DEEPEST_BOXES,
    PARAGRAPHS,
    PLAYERS,
    TagReader,
    Words,
    web_address,
)

MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~", "strike": "~~"}
# A line that is too wide for any screen, and the line break after it.
LONG_LINE = re.compile(r"^([^\n]{90,})\n(?=[^\n])", re.MULTILINE)
ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"\\]+|(?<![\w@.-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:"
    + "|".join(BARE_LINK_TLDS)
    + r")/[^\s<>\"\\]*",
    re.IGNORECASE,
)
TRAILING = ".,;:!?'*_~]}"
# Characters with a meaning in Markdown: _ and ~ only where they can have one, < only before a letter.
SIGNS = re.compile(r"[\\`*\[\]]|(?<![^\W_])_|_(?![^\W_])|~(?=~)|(?<=~)~|<(?=[A-Za-z/!?])")
LINE_STARTS = re.compile(r"^(?:(>)|([-+=#])(?=[-+=#\s]|$)|(\d{1,9})(?=[.)](?:\s|$)))")


class _Box:
    """A block being written: the whole text, a quotation, a list or an item."""

    def __init__(self, kind: str, number: int = 0) -> None:
        self.kind = kind
        self.number = number
        self.lines: list[str] = []

    def add(self, lines: list[str]) -> None:
        is_list_in_list = self.kind == "item" and lines[0].startswith("- ")
        if self.lines and self.kind != "list" and not is_list_in_list:
            self.lines.append("")
        self.lines += lines


class _Markdown(TagReader):
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
        elif tag == "img" and (sign := smiley(attributes)):
            self.text(sign)
        elif tag == "img":
            self.losses.add(_("a picture becomes a link"))
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

    # --- blocks

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
            self.losses.add(_("very deeply nested markup is flattened"))
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
        """Close blocks until only `keep` of them, at least the whole text, are open."""
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
            self.losses.add(_("a link that is not a web address is left out; its text is kept"))
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
    """Escape text on one line so that it renders literally. URLs stay URLs."""
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
    """Strip punctuation after a URL that belongs to the sentence. A bracket opened in the URL stays."""
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
            # For marks that overlap, the inner ones are dropped.
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
    """The character next to a mark, skipping marks; a space at the end."""
    index += step
    while 0 <= index < len(tokens) and tokens[index][0] in {"open", "close"}:
        index += step
    if not 0 <= index < len(tokens):
        return " "
    return tokens[index][1][0 if step > 0 else -1]


def part_long_lines(source: str) -> str:
    """If a comment has no empty lines, add one after each line that is too long to be a single line.

    Many people separate paragraphs by a single line break. WordPress shows such a comment as one block, and
    five thousand characters of it are hard to read. Short lines (a greeting, a signature) stay together.
    """
    source = source.replace("\r\n", "\n")
    if PARAGRAPHS.search(source.strip()) or "<pre" in source:
        return source
    return LONG_LINE.sub("\\1\n\n", source)


def to_markdown(source: str, base: str = "") -> Words:
    """The text of a WordPress comment (HTML, line breaks as typed) as our Markdown."""
    writer = _Markdown(base)
    writer.read(part_long_lines(source))
    return Words(writer.result(), writer.losses)
