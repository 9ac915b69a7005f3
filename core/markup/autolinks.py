"""Finds the end of a URL in running text.

A URL is usually part of a sentence, in any script: the full stop, the closing quotation mark and the bracket
belong to the sentence, not to the URL. Letters of every script belong to a URL, and so do balanced brackets,
as in Wikipedia's. Based on the "extended autolink path validation" of GitHub Flavored Markdown (6.9),
twitter-text and linkify-it.
"""

import re
import unicodedata

_BRACKETS = {"(": ")", "[": "]", "{": "}"}
# Never part of a URL. Paired characters (quotation marks, brackets) are recognised by their category.
_ENDS = frozenset(
    '<>"`\\'
    "…—、。〃।॥؟۔።፧"  # noqa: RUF001
    "។៕၊။།༎"  # scripts without a space after a sentence
    "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
# The closing bracket is not searched for further, so the time stays linear.
_LONGEST_IN_BRACKETS = 300
_PAIRED = frozenset({"Ps", "Pe", "Pi", "Pf"})
# Part of a URL, but not at its end.
_NOT_LAST = frozenset("?!.,:;*_~'|")
_ENTITY_AT_END = re.compile(r"&#?[A-Za-z0-9]{1,31};\Z")
_MARKERS_BEFORE = re.compile(r"(\*+|_+|~+|')\Z")
# No top-level domain begins in Latin letters and continues in these: "https://a.example然后",
# "https://a.example에서".
_UNSPACED = re.compile(
    "(?<=[A-Za-z0-9])[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3131-\u318e\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)


def end_of_host(host: str) -> int:
    """The length of the host (with what precedes it), if text of a script without spaces follows directly."""
    words = _UNSPACED.search(host, host.rfind(".") + 1)
    return words.start() if words else len(host)


def end_of_address(text: str, start: int, path: int) -> int:
    """The end of the URL that begins at `start`, with its path, query or fragment at `path`."""
    if text[path : path + 1] not in {"/", "?", "#"}:
        return path
    limit = len(text)
    if markers := _MARKERS_BEFORE.search(text[max(start - 3, 0) : start]):
        marker = re.escape(markers[1])
        closing = re.compile(rf"{marker}(?!\w)" if markers[1] in {"_", "'"} else marker).search(text, path)
        limit = closing.start() if closing else limit
    return _without_last_chars(text, path, _first_end(text, path, limit))


def _first_end(text: str, path: int, limit: int) -> int:
    """The position of the first character that cannot be in the URL, or the first unbalanced bracket."""
    end, open_brackets = path, list[tuple[str, int]]()
    while end < limit and not _ends(text, end):
        char = text[end]
        if char in _BRACKETS:
            open_brackets.append((_BRACKETS[char], end))
        elif char in {")", "]", "}"}:
            if not open_brackets or open_brackets[-1][0] != char:
                break
            open_brackets.pop()
        if open_brackets and end - open_brackets[0][1] > _LONGEST_IN_BRACKETS:
            break
        end += 1
    return open_brackets[0][1] if open_brackets else end


def _ends(text: str, place: int) -> bool:
    char = text[place]
    if char.isascii():
        return char in _ENDS or char <= " " or char == "\x7f"
    category = unicodedata.category(char)
    if char == "’" or char in "\u200c\u200d":  # an apostrophe, and Persian's joiners, within a word
        return not text[place + 1 : place + 2].isalpha()
    is_full_width = "\uff00" <= char <= "\uffef" and category[0] in "PS"
    return char in _ENDS or category in _PAIRED or category[0] in "ZC" or is_full_width


def _without_last_chars(text: str, path: int, end: int) -> int:
    while end > path:
        char = text[end - 1]
        if char == ";" and (entity := _ENTITY_AT_END.search(text, max(path, end - 34), end)):
            end = entity.start()
        elif char in _NOT_LAST or (not char.isascii() and unicodedata.category(char)[0] == "P"):
            end -= 1
        else:
            break
    return end
