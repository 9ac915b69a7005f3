"""Turns text into the words that the index holds: without case, accents and endings.

It is done here, once, for every database: PostgreSQL has dictionaries for some languages only and folds no accents by
itself, FTS5 knows English alone, and neither finds a word in Chinese or Japanese text.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import snowballstemmer

LONGEST_WORD = 60

APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ´`＇′", "'"))
# Scripts that leave no blank between words: their text is indexed in pairs of characters.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f]|'(?=[^\W_]))*")
# Marks within a word (vowel signs, accents typed separately) are part of it, and removed by `fold`.
MARK = re.compile("[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0640]")
GAPS = re.compile(r"[\W_]+")
RUN = re.compile(f"[{UNSPACED}]+|[^{UNSPACED}]+")
PAIRED = re.compile(f"[{UNSPACED}]")
# Articles and pronouns that are written together with the next word.
ELISIONS = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|dell|nell|all|sull|dall|un)'")
ELIDING = {"ca", "fr", "it"}
# Letters that Unicode does not take apart, and one letter for another as people type it.
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
    """The words of a text in the order in which they stand.

    language: as in a post ("de", "pt-BR"); "" for names, which have no endings to remove.
    """
    return [word for _start, _end, word in placed_words(text, language)]


def placed_words(text: str, language: str = "") -> Iterator[tuple[int, int, str]]:
    """Each word with where it stands in the text, for marking. Pairs of characters overlap."""
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
            if (
                len(word) > 1
            ):  # so that the last character is found by itself, as each other is as the first of its pair
                yield start + len(word) - 1, start + len(word), fold(word[-1])


def pieces_of(text: str) -> list[str]:
    """Every three characters of a name or an address that stand side by side, so that a part of it is found.

    A dot is a gap: before the first character, behind the last, and in place of all that is no letter or digit. The first
    character of each word is there by itself, too.
    """
    if not (names := GAPS.sub("·", fold(text)).strip("·")):
        return []
    padded = f"·{names}·"
    return [padded[at : at + 3] for at in range(len(padded) - 2)] + [
        f"·{word[0]}" for word in names.split("·")
    ]


def pieces_sought(word: str) -> list[tuple[str, ...]]:
    """How a part of a name stands in the index: anywhere, or of less than three characters where a word begins or ends."""
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
    # The stemmers of languages with accents expect them; ours have gone on both sides, and fit each other all the same.
    return _stemmer(name).stemWord(word) or word


@cache
def _stemmer(name: str) -> Any:
    return snowballstemmer.stemmer(name)
