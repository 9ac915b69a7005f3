"""Folding of long texts: about the first two paragraphs are shown, the rest is behind "Read more".

It works on Markdown's tokens, before there is HTML, so no tag is ever cut. A text can be split between
top-level blocks; a paragraph that is too long is split at the end of a sentence or line outside of emphasis
and links.
"""

import re
from collections.abc import Iterator
from copy import copy
from itertools import accumulate

from markdown_it.token import Token

# Shorter texts are not folded.
FOLD_ABOVE_WORDS = 250
# How many words are shown. A block that begins before is shown whole unless it is much longer.
SHOWN_WORDS = 120
MAX_SHOWN_WORDS = 180
# Fewer words are not worth a click.
MIN_FOLDED_WORDS = 60

# Chinese and Japanese are written without spaces: each character counts as a word.
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")
# "e.g. this" and "Dr. Who" do not end a sentence.
_SENTENCE_END = re.compile(r"(?<=\w\w)(?<!\b[DMS][rst])[.!?…]+[\"'”’»)\]]*(?:\s+|$)|[。！？]+[」』）”’]*")  # noqa: RUF001

Block = list[Token]


def count_words(text: str) -> int:
    return sum(1 for _word in _WORD.finditer(text))


def fold(tokens: list[Token]) -> tuple[list[Token], list[Token], int]:
    """Divide the tokens of a text into two parts. Returns them and the number of words in the second.

    Short texts have no second part.
    """
    blocks = list(_blocks(tokens))
    counts = [count_words(" ".join(_texts(block))) for block in blocks]
    total = sum(counts)
    if total <= FOLD_ABOVE_WORDS:
        return tokens, [], 0
    shown, before, after = 0, list[Block](), list[Block]()
    for index, block in enumerate(blocks):
        if shown >= SHOWN_WORDS:
            after = blocks[index:]
            break
        if shown + counts[index] > MAX_SHOWN_WORDS:
            halves = _part(block, SHOWN_WORDS - shown)
            if halves:
                before.append(halves[0])
                shown += count_words(" ".join(_texts(halves[0])))
                after = [halves[1], *blocks[index + 1 :]]
                break
            if shown >= SHOWN_WORDS // 2:
                after = blocks[index:]
                break
        before.append(block)
        shown += counts[index]
    if total - shown < MIN_FOLDED_WORDS:
        return tokens, [], 0
    return _flat(before), _flat(after), total - shown


def _blocks(tokens: list[Token]) -> Iterator[Block]:
    """Top-level blocks: each paragraph, and each list or quotation with its contents."""
    start = 0
    for index, depth in enumerate(accumulate(token.nesting for token in tokens)):
        if depth == 0:
            yield tokens[start : index + 1]
            start = index + 1


def _flat(blocks: list[Block]) -> list[Token]:
    return [token for block in blocks for token in block]


def _texts(block: Block) -> Iterator[str]:
    for token in block:
        if token.type == "inline":
            yield "".join(_text_of(child) for child in token.children or [])
        elif token.nesting == 0:
            yield token.content


def _text_of(child: Token) -> str:
    return " " if child.type in {"softbreak", "hardbreak"} else child.content


def _part(block: Block, wanted: int) -> tuple[Block, Block] | None:
    """Split a paragraph in two, the first of about `wanted` words.

    None if it is not a paragraph, or cannot be split near there.
    """
    if [token.type for token in block] != ["paragraph_open", "inline", "paragraph_close"]:
        return None
    opening, inline, closing = block
    children = inline.children or []
    best: tuple[int, int, int] | None = None
    for words, index, offset in _places(children):
        distance = abs(words - wanted)
        if best is None or distance < best[0]:
            best = distance, index, offset
        elif distance > best[0]:
            break  # the word count only grows from here
    if best is None or best[0] > SHOWN_WORDS // 2:
        return None
    _distance, index, offset = best
    first, second = children[:index], children[index + 1 :]
    if offset:
        first.append(_with_text(children[index], children[index].content[:offset].rstrip()))
        second.insert(0, _with_text(children[index], children[index].content[offset:]))
    while second and not _text_of(second[0]).strip() and second[0].nesting == 0:
        del second[0]
    if not second:
        return None
    halves = []
    for part in (first, second):
        half = copy(inline)
        half.children, half.content = part, "".join(map(_text_of, part))
        halves.append([copy(opening), half, copy(closing)])
    return halves[0], halves[1]


def _places(children: list[Token]) -> Iterator[tuple[int, int, int]]:
    """Where a paragraph may be split: words before, child, and position in its text (0: line break)."""
    words = depth = 0
    for index, child in enumerate(children):
        depth += child.nesting
        if depth == 0 and child.type in {"softbreak", "hardbreak"}:
            yield words, index, 0
        elif depth == 0 and child.type == "text":
            done = 0
            for end in _SENTENCE_END.finditer(child.content):
                words += count_words(child.content[done : end.end()])
                done = end.end()
                yield words, index, done
            words += count_words(child.content[done:])
        else:
            words += count_words(child.content)


def _with_text(token: Token, text: str) -> Token:
    changed = copy(token)
    changed.content = text
    return changed
