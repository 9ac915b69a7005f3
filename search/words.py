"""Turns text into the words of the index: without case, accents and endings.

It is done here for every database: PostgreSQL has dictionaries for some languages only and does not fold
accents by itself, FTS5 only knows English, and neither finds a word in Chinese or Japanese text.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import snowballstemmer

LONGEST_WORD = 60

APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ´`＇′", "'"))
# Scripts without spaces between words: their text is indexed in pairs of characters.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f]|'(?=[^\W_]))*")
# Marks within a word (vowel signs, accents typed separately) are part of it, and removed by `fold`.
MARK = re.compile("[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0640]")
GAPS = re.compile(r"[\W_]+")
RUN = re.compile(f"[{UNSPACED}]+|[^{UNSPACED}]+")
PAIRED = re.compile(f"[{UNSPACED}]")
# Articles and pronouns that are joined with the next word.
ELISIONS = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|dell|nell|all|sull|dall|un)'")
ELIDING = {"ca", "fr", "it"}
# Letters that Unicode does not decompose, and common substitutes in typing.
FOLDED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ة": "ه", "ى": "ي"}
)
STEMMED = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "nl": "dutch", "no": "norwegian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip


def words_of(text: str, language: str = "") -> list[str]:
    """The words of a text in order.

    language: as in a post ("de", "pt-BR"); "" for names, which have no endings to remove.
    """
    return [word for _start, _end, word in placed_words(text, language)]


def placed_words(text: str, language: str = "") -> Iterator[tuple[int, int, str]]:
    """Words with their positions in the text, for marking. Pairs of characters overlap."""
    language = language.partition("-")[0].lower()
    text = MARK.sub(lambda mark: "\u0300" * len(mark[0]), text.translate(APOSTROPHES))
    for found in WORD.finditer(text):
        for run in RUN.finditer(found[0]):
            start, word = found.start() + run.start(), run[0]
            if not PAIRED.match(word):
                if key := _key(word, language):
                    yield start, start + len(word), key
                continue
            for at in range(max(len(word) - 1, 1)):
                yield start + at, start + min(at + 2, len(word)), fold(word[at : at + 2])
            if len(word) > 1:  # to find the last character by itself, as the others are found by their pairs
                yield start + len(word) - 1, start + len(word), fold(word[-1])


def pieces_of(text: str) -> list[str]:
    """Every three adjacent characters of a name or an address, so that parts of it can be found.

    A dot stands for the beginning, the end, and everything that is not a letter or digit. The first character
    of each word is also included by itself.
    """
    if not (names := GAPS.sub("·", fold(text)).strip("·")):
        return []
    padded = f"·{names}·"
    return [padded[at : at + 3] for at in range(len(padded) - 2)] + [
        f"·{word[0]}" for word in names.split("·")
    ]


def pieces_sought(word: str) -> list[tuple[str, ...]]:
    """The pieces to search for a part of a name.

    Fewer than three characters match the beginning or end of a word.
    """
    part = GAPS.sub("·", fold(word)).strip("·")
    if not part:
        return []
    if len(part) < 3:
        ends: list[tuple[str, ...]] = [(f"·{part}",), (f"{part}·",)]
        return ends[: len(part)]
    return [tuple(part[at : at + 3] for at in range(len(part) - 2))]


@lru_cache(maxsize=50_000)
def _key(word: str, language: str) -> str:
    word = fold(word)
    if language in ELIDING and (found := ELISIONS.match(word)):
        word = word[found.end() :]
    word = word.removesuffix("'s").replace("'", "")[:LONGEST_WORD]
    return _stem(word, language)


@lru_cache(maxsize=2_000)
def fold(text: str) -> str:
    """Without case, accents and width: "É", "é" and "e" are the same."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if unicodedata.category(char)[0] not in "MC").translate(FOLDED)


def _stem(word: str, language: str) -> str:
    name = STEMMED.get(language)
    if name is None or not word.isalpha():
        return word
    # Stemmers expect accents in some languages; ours are removed on both sides, so the stems match anyway.
    return _stemmer(name).stemWord(word) or word


@cache
def _stemmer(name: str) -> Any:
    return snowballstemmer.stemmer(name)
