"""The Markdown dialect of members: CommonMark, but accidental markup stays as typed (docs/decisions/0051).

Each rule here replaces one of markdown-it's. In doubt text stays as typed: "5*3*2 m", "1986. A great year."
and ">_<" are no markup; "**this**", a list of two and "> quoted" are.
"""

import re
import unicodedata

from linkify_it import LinkifyIt
from linkify_it.main import Match
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.blockquote import blockquote
from markdown_it.rules_block.fence import fence
from markdown_it.rules_block.hr import hr
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.escape import escape
from markdown_it.rules_inline.link import link
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from core.markup.autolinks import end_of_address, end_of_host

# Scripts without spaces between words, in which emphasis may begin and end within what looks like one word.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)
_OPENS_AFTER_BRACKETS = "([{\"'“‘«‹„‚¿¡*~—–/|…"  # noqa: RUF001
_CLOSES_BEFORE = ")]}\"'”’»›“‘.,;:!?…*~—–/|"  # noqa: RUF001
_WHOLE_IN_WORD = re.compile(r"\*\*[^\s*\d][^\s*]*\*\*(?!\*)")
_ONLY_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~\s]*")
_EXCLAMATION = re.compile(r"[!?]+")
# What may come between ">" and the first word of a quotation.
_QUOTED_AFTER = "\"'*_~`[(@#¿¡…—–«»‹“„‘‚「『【（《〈"  # noqa: RUF001
_EMPTY_QUOTATION = re.compile(r"[\s>]*")
_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*[\w+#.-]*[ \t]*")
_UNDERSCORES_APART = re.compile(r"_[ \t]+_[_ \t]*")
# Backslashes that escape the next character. Others stay: "\o/", "\(^o^)/", "c:\temp\.git".
_ESCAPABLE = frozenset("\\`*_~[]<>@#$")
_ESCAPABLE_AT_START = frozenset("+-=|")
# From its first backslash: "C:\\temp\\_new", "\\\\server\\share".
_PATH = re.compile(r"(?:[^\s*_~`<>\"|\[\]()]|_(?=\w)|(?<=\\)[*_(\[]|(?<=[\\.])\*|[)\]](?=\\))+")
_DRIVE_BEFORE = re.compile(r"(?<!\w)[A-Za-z]:\Z")
_SHARE = re.compile(r"\\\\[\w.-]+\\[\w$]")
_LARGEST_LIST_NUMBER = 999


def adopt(parser: MarkdownIt) -> None:
    """Configure a parser for this dialect."""
    parser.linkify = Linkifier()
    parser.inline.ruler.at("emphasis", _emphasis)
    parser.inline.ruler.at("escape", _escape)
    parser.inline.ruler.at("link", _link)
    parser.block.ruler.at("fence", _fence, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    parser.block.ruler.at(
        "blockquote", _blockquote, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    parser.block.ruler.at("hr", _hr, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    parser.core.ruler.after("block", "lists_as_typed", _lists_as_typed)
    parser.core.ruler.after("inline", "chars_as_typed", _chars_as_typed)


class Linkifier(LinkifyIt):
    """URLs without http(s), with the same rules for their end as those with it."""

    def _create_match(self, text: str, schema: str, index: int, last_index: int) -> Match:
        host = re.compile(r"(?:https?://)?[^/?#]*", re.IGNORECASE).match(text, index, last_index)
        assert host is not None  # noqa: S101 - the pattern may be empty
        last_index = min(last_index, end_of_address(text, index, host.end()))
        return super()._create_match(text, schema, index, last_index)


def address_at(linkify: LinkifyIt, text: str, start: int) -> int:
    """The end of the URL that begins with http(s) at `start`; 0 if there is none."""
    beginning = re.compile(r"https?://[^\s/?#]*", re.IGNORECASE).match(text, start)
    if beginning is None:
        return 0
    host = beginning[0][: end_of_host(beginning[0])]
    found = linkify.match_at_start(host)
    if found is None:
        return 0
    end = start + found.last_index
    return end_of_address(text, start, end) if end == beginning.end() else end


# --- inline ---------------------------------------------------------------------------------


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Like markdown-it's, with other rules for where emphasis may begin and end."""
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    length = state.scanDelims(state.pos, True).length
    opens, closes = _flanks(state.src, state.pos, length)
    for _one in range(length):
        state.push("text", "", 0).content = marker
        state.delimiters.append(Delimiter(ord(marker), length, len(state.tokens) - 1, -1, opens, closes))
    state.pos += length
    return True


def _flanks(text: str, start: int, length: int) -> tuple[bool, bool]:
    """Whether a run of * or _ may open, and whether it may close emphasis.

    Stricter than CommonMark (6.2): nothing opens within a word of a script with spaces, after a closing
    bracket before a word ("5*(3+2)*4"), or between digits. An underscore only opens at the beginning of a
    word, so "^_^" is a face. Looser for Chinese and similar scripts, whose full stops do not keep emphasis
    from ending ("**重点。**然后").
    """
    before, after = text[start - 1 : start] or " ", text[start + length : start + length + 1] or " "
    unspaced = bool(_UNSPACED.match(before) or _UNSPACED.match(after))
    touches_before, touches_after = not before.isspace(), not after.isspace()
    opens = touches_after and (
        not _is_punctuation(after) or not touches_before or _is_punctuation(before) or unspaced
    )
    closes = touches_before and (
        not _is_punctuation(before) or not touches_after or _is_punctuation(after) or unspaced
    )
    if before.isdigit() and after.isdigit():
        return False, False
    if text[start] == "_":
        opens = opens and (
            not touches_before or before in _OPENS_AFTER_BRACKETS or (unspaced and not before.isascii())
        )
        closes = closes and (
            not touches_after or after in _CLOSES_BEFORE or (unspaced and not after.isascii())
        )
        return opens, closes and re.match(r"\.\w", text[start + length : start + length + 2]) is None
    if not unspaced and before.isalnum() and after.isalnum():
        opens = length == 2 and _WHOLE_IN_WORD.match(text, start) is not None  # "un**believ**able"
    if before in ")]}" and after.isalnum():
        opens = False
    return opens, closes


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _chars_as_typed(state: StateCore) -> None:
    """Emphasis around nothing but punctuation is a face or a file pattern: "*_*", "(*^_^*)", "*.*".

    Except "**!**".
    """
    for block in state.tokens:
        opening: dict[int, int] = {}
        children = block.children or []
        for index, child in enumerate(children):
            if child.type in {"em_open", "strong_open"}:
                opening[child.level] = index
            elif child.type in {"em_close", "strong_close"} and child.level in opening:
                inside = children[opening[child.level] + 1 : index]
                words = "".join(token.content for token in inside)
                if (
                    all(token.type == "text" for token in inside)
                    and _ONLY_PUNCTUATION.fullmatch(words)
                    and not _EXCLAMATION.fullmatch(words)
                ):
                    for token in (children[opening[child.level]], child):
                        token.type, token.tag, token.nesting, token.content = "text", "", 0, token.markup


def _escape(state: StateInline, silent: bool) -> bool:
    """A backslash escapes a character that would be markup in that place. Any other backslash stays."""
    text, place = state.src, state.pos
    if text[place] != "\\":
        return False
    if _is_path(text, place):
        path = _PATH.match(text, place, state.posMax)
        if path is None:
            return False
        if not silent:
            state.append_pending(path[0])
        state.pos = path.end()
        return True
    if text.startswith("\n", place + 1) or _has_meaning(text, place):
        return bool(escape(state, silent))
    if not silent:
        state.append_pending("\\")
    state.pos += 1
    return True


def _is_path(text: str, place: int) -> bool:
    before = text[max(place - 3, 0) : place]
    if text.startswith("\\", place + 1) and _DRIVE_BEFORE.search(before):
        return False  # escaped already: "C:\\\\temp"
    return _DRIVE_BEFORE.search(before) is not None or (
        re.match(r"[\w\\]", before[-1:]) is None and _SHARE.match(text, place) is not None
    )


def _has_meaning(text: str, place: int) -> bool:
    before, after, next_after = (
        text[max(place - 4, 0) : place],
        text[place + 1 : place + 2],
        text[place + 2 : place + 3],
    )
    if after == "_" and next_after in {"(", "/"} and (not before or before[-1] in " \n¯‾ˉ￣("):
        return False  # a shrug
    if after in _ESCAPABLE_AT_START:
        return not before.rpartition("\n")[2].strip()
    return (
        (after in _ESCAPABLE)
        or (after in {".", ")"} and before[-1:].isdigit())
        or (after == "!" and next_after == "[")
    )


def _link(state: StateInline, silent: bool) -> bool:
    """Not without a URL: "[]()" and "[this]( )" stay as typed."""
    if state.src[state.pos] != "[":
        return False
    label_end = state.md.helpers.parseLinkLabel(state, state.pos, True)
    if label_end < 0 or state.src[label_end + 1 : label_end + 2] != "(":
        return False
    opening = re.compile(r"\(\s*").match(state.src, label_end + 1)
    destination = state.md.helpers.parseLinkDestination(
        state.src, opening.end() if opening else label_end, state.posMax
    )
    return bool(destination.ok and destination.str and link(state, silent))


# --- blocks ---------------------------------------------------------------------------------


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _blockquote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    line = _line(state, start)
    if not line.startswith(">") or not (_is_quotation(line) or _is_continuation(state, start, end)):
        return False
    return bool(blockquote(state, start, end, silent))


def _is_continuation(state: StateBlock, start: int, end: int) -> bool:
    """Whether it is an empty line of a quotation, before one with text."""
    if not _EMPTY_QUOTATION.fullmatch(_line(state, start)) or start + 1 >= end:
        return False
    following = _line(state, start + 1)
    return following.startswith(">") and _is_quotation(following)


def _is_quotation(line: str) -> bool:
    """Whether a line is quoted. Not ">_<", ">:(", ">50 people" and ">w<", or a ">" with nothing after it."""
    first, second = line[1:2], line[2:3]
    if _EMPTY_QUOTATION.fullmatch(line) or first.isdigit():
        return False
    if first.isspace() or first == ">" or (first in {"-", "*", "+"} and second == " "):
        return True
    if first.isalpha():
        return second != "<"
    words = line[1:5].lstrip(_QUOTED_AFTER)
    if words != line[1:5]:
        return words[:1].isalnum()
    return not first.isascii()


def _fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Fenced code has at least one line, and names its language in one word: "~~~ yes ~~~" is text."""
    if _FENCE.fullmatch(_line(state, start)) is None or all(
        state.isEmpty(line) for line in range(start + 1, end)
    ):
        return False
    return bool(fence(state, start, end, silent))


def _hr(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Blanks to fill in ("_ _ _ _") are not a horizontal rule."""
    return not _UNDERSCORES_APART.match(_line(state, start)) and bool(hr(state, start, end, silent))


def _lists_as_typed(state: StateCore) -> None:
    """What only looks like a list becomes a paragraph again, and a list keeps its author's numbers.

    Not a list: a single item with a number ("1986. A great year.", "3. Oktober") or with * or + ("* without
    tax"), or with a digit or nothing after its dash ("- 5"); and any number of years. Within other lists
    everything is one.
    """
    out, index, depth = list[Token](), 0, 0
    while index < len(state.tokens):
        token = state.tokens[index]
        if token.type in {"ordered_list_open", "bullet_list_open"}:
            end = next(
                at
                for at in range(index, len(state.tokens))
                if state.tokens[at].level == token.level and state.tokens[at].nesting < 0
            )
            items = _simple_items(state.tokens[index + 1 : end])
            if not depth and items is not None and not _is_list(token, items):
                out += _typed(items, token.level)
                index = end + 1
                continue
            if token.type == "ordered_list_open":
                _count_as_typed(state.tokens[index : end + 1], token)
        depth += token.nesting if token.type.startswith("list_item_") else 0
        out.append(token)
        index += 1
    state.tokens = out


def _simple_items(tokens: list[Token]) -> list[tuple[str, str]] | None:
    """The marker and the text of each item; None if one has more than one paragraph."""
    items = list[tuple[str, str]]()
    for token in tokens:
        if token.type == "list_item_open":
            items.append((f"{token.info}{token.markup}", ""))
        elif token.type == "inline" and items and not items[-1][1]:
            items[-1] = items[-1][0], token.content
        elif token.type not in {"paragraph_open", "paragraph_close", "list_item_close"}:
            return None
    return items


def _is_list(opening: Token, items: list[tuple[str, str]]) -> bool:
    marker, words = items[0]
    if opening.type == "ordered_list_open":
        return len(items) > 1 and int(marker[:-1]) <= _LARGEST_LIST_NUMBER
    return len(items) > 1 or (marker == "-" and words != "" and not words[0].isdigit())


def _typed(items: list[tuple[str, str]], level: int) -> list[Token]:
    words = "\n".join(f"{marker} {words}".strip() for marker, words in items)
    inline = Token("inline", "", 0, level=level + 1, children=[], content=words, block=True)
    return [
        Token("paragraph_open", "p", 1, level=level, block=True),
        inline,
        Token("paragraph_close", "p", -1, level=level, block=True),
    ]


def _count_as_typed(tokens: list[Token], opening: Token) -> None:
    """Items out of order keep their number. Items with equal numbers are counted up."""
    expected: int | None = None
    before = ""
    for token in tokens:
        if token.type == "list_item_open" and token.level == opening.level + 1:
            number = int(token.info)
            if expected is not None and number != expected and token.info != before:
                token.attrSet("value", str(number))
                expected = number
            expected, before = (number if expected is None else expected) + 1, token.info
