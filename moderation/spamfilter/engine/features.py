"""The classifier's features of a comment: hashed words, word pairs, character n-grams, and its shape."""

import math
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from moderation.spamfilter.engine.hosts import ENDINGS
from moderation.spamfilter.engine.text import TextAnalysis
from moderation.spamfilter.engine.wordlists import ALIASES, COMMON

BITS = 16
SIZE = 1 << BITS
# Values are stored as integers in this unit.
VALUE_UNIT = 1 << 10
MAX_VALUE = 32_767

MAX_WORDS = 600
MAX_PIECES = 2500
SHAPE_VALUE = 0.6
MAX_LENGTH, MAX_LINKS, FOURTHS = 8, 3, 4
SIGNS = ("!", "!!", "?", ":")


@dataclass(frozen=True)
class Features:
    """A comment's features: values by index, and the index of each word, to report which words counted."""

    values: dict[int, int]
    words: dict[str, tuple[int, float]]
    # Without length, links and reasons: comparable with comments on other sites.
    said: dict[int, int]


def _place(name: str) -> int:
    return zlib.crc32(name.encode("utf-8", "replace")) & (SIZE - 1)


def _whole(values: dict[int, float]) -> dict[int, int]:
    return {
        place: max(-MAX_VALUE, min(MAX_VALUE, whole))
        for place, value in values.items()
        if (whole := round(value * VALUE_UNIT))
    }


def features_of(analysis: TextAnalysis, codes: Iterable[tuple[str, float]]) -> Features:
    """Words, word pairs and n-grams of 3 to 5 characters, each group normalised; the shape; the reasons.

    codes: the reason codes and their weights, so that a site can learn how far to trust each.
    """
    words = analysis.words
    if len(words) > MAX_WORDS:
        words = words[: MAX_WORDS // 2] + words[-MAX_WORDS // 2 :]
    words = [ALIASES.get(word, word) for word in words]
    values: dict[int, float] = {}
    known: dict[str, tuple[int, float]] = {}

    def add(names: Iterable[str], prefix: str, weight: float) -> None:
        counts = Counter(names)
        if not counts:
            return
        scaled = {name: 1.0 + math.log(count) for name, count in counts.items()}
        norm = math.sqrt(sum(value * value for value in scaled.values()))
        for name, value in scaled.items():
            place = _place(prefix + name)
            values[place] = values.get(place, 0.0) + weight * value / norm
            if prefix == "w":
                known[name] = (place, weight * value / norm)

    add(words, "w", 1.0)
    add((f"{one} {two}" for one, two in zip(["^", *words], [*words, "$"], strict=True)), "b", 0.5)
    line = f" {' '.join(words)} "
    if len(line) > MAX_PIECES // 3:
        half = MAX_PIECES // 6
        line = f"{line[:half]} {line[-half:]}"
    add(
        (line[start : start + length] for length in (3, 4, 5) for start in range(len(line) - length + 1)),
        "c",
        1.0,
    )
    values_by_bucket = _whole(values)
    for name in _shape(analysis):
        values[_place(f"s{name}")] = values.get(_place(f"s{name}"), 0.0) + SHAPE_VALUE
    for code, weight in codes:
        values[_place(f"r{code}")] = values.get(_place(f"r{code}"), 0.0) + 0.5 * min(1.5, abs(weight) / 2)
    values[_place("always")] = values.get(_place("always"), 0.0) + 0.5
    return Features(_whole(values), known, values_by_bucket)


def _shape(analysis: TextAnalysis) -> list[str]:
    text = analysis.text
    names = [
        f"length {min(MAX_LENGTH, int(math.log2(len(analysis.words) + 1)))}",
        f"links {min(MAX_LINKS, len(analysis.addresses))}",
    ]
    for host in analysis.hosts[:20]:
        names += [f"host {host}", f"ending {host.rpartition('.')[2]}"]
    letters = sum(sign.isalpha() for sign in text)
    if letters > 4:
        names.append(f"capitals {int(FOURTHS * sum(sign.isupper() for sign in text) / letters)}")
    names += [sign for sign in SIGNS if sign in text]
    if any(sign.isdigit() for sign in text):
        names.append("digit")
    if not analysis.given.isascii():
        if any("\u2190" <= sign < "\u2c00" or sign >= "\U0001f000" for sign in analysis.given):
            names.append("emoji")
        if any("\u2c00" <= sign < "\U0001f000" or "\u0100" <= sign < "\u2000" for sign in text):
            names.append("other letters")
    return names


# The indices of the shape, as far as they can be enumerated: samples are stored without names.
SHAPE_PLACES = frozenset(
    [
        *(_place(f"slength {number}") for number in range(MAX_LENGTH + 1)),
        *(_place(f"slinks {number}") for number in range(MAX_LINKS + 1)),
        *(_place(f"scapitals {number}") for number in range(FOURTHS + 1)),
        *(_place(f"s{sign}") for sign in (*SIGNS, "digit", "emoji", "other letters")),
        *(_place(f"sending {ending}") for ending in ENDINGS),
    ]
)


def shape_in(values: dict[int, int]) -> dict[int, int]:
    """The shape among a comment's or a sample's features.

    Words that share an index with it by collision count less than the shape does.
    """
    least = round(SHAPE_VALUE * VALUE_UNIT)
    return {place: values[place] for place in SHAPE_PLACES & values.keys() if values[place] >= least}


def is_informative(word: str) -> bool:
    """Whether a word is informative for a moderator; "of" and "1" are not."""
    return (
        word not in COMMON and any(sign.isalpha() for sign in word) and (len(word) > 3 or not word.isascii())
    )
