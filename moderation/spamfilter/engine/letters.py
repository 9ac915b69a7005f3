"""Letters and words: what counts as a word, and characters used to disguise one."""

import re
from functools import lru_cache
from itertools import pairwise

from core.utils.text import CAPITAL_LOOK_ALIKES, SMALL_LOOK_ALIKES

# Decorative letters that NFKC does not map.
ORNAMENTS: dict[int, str] = {}
for first, count, start in [
    (0x1F150, 26, "a"),
    (0x1F170, 26, "a"),
    (0x2776, 9, "1"),
    (0x2780, 9, "1"),
    (0x278A, 9, "1"),
]:
    ORNAMENTS |= {first + number: chr(ord(start) + number) for number in range(count)}
ORNAMENTS |= {
    ord(sign): letter
    for sign, letter in zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)
}

# Combining marks used to break up words for programs: strokes, lines and boxes, but no accents of any
# language.
STROKES = re.compile(
    "[\u0305\u0332\u0333\u0334-\u0338\u033d-\u033f\u0346-\u034e\u0353-\u0362\u20d0-\u20e2\u20e4-\u20f0]"
)
INVISIBLE = re.compile(
    "[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\U000e0000-\U000e0fff]"
)
# Between two Latin letters no script needs an invisible character. (Soft hyphens get copied along with text.)
HIDDEN_IN_LATIN = re.compile(
    "(?<=[A-Za-z0-9])[\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff]+(?=[A-Za-z0-9])"
)
# The same between Cyrillic, Greek, Hebrew or Arabic letters. Persian joins and parts letters with U+200C and
# U+200D, and texts in two directions have marks of direction, so these do not count.
_ALPHABETS = "\u0370-\u03ff\u0400-\u052f\u05d0-\u05ea\u0620-\u064a"
HIDDEN_IN_ALPHABETS = re.compile(
    f"(?<=[{_ALPHABETS}])[\u180e\u200b\u2060-\u2064\u3164\ufeff]+(?=[{_ALPHABETS}])"
)
# Between Chinese or Japanese characters web pages put such spaces to break lines, but hardly within a word.
HIDDEN_IN_CJK = re.compile(
    "(?<=[\u3040-\u30ff\u3400-\u9fff])[\u180e\u200b\u2060-\u2064\u3164\ufeff]+(?=[\u3040-\u30ff\u3400-\u9fff])"
)
# Arabic letters are lengthened for looks (tatweel) and carry vowel signs; the word is the same without them. Who
# stresses a word lengthens it once; who hides it takes it apart at several places.
TATWEEL = re.compile("[\u0620-\u064a]\u0640+[\u0620-\u063f\u0641-\u064a]+\u0640+[\u0620-\u064a]")
VOWEL_SIGNS = re.compile("[\u064b-\u0652\u0640]")
# A letter with more combining marks than this is a joke or a disguise.
MAX_MARKS = 3
PILE = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4,}+")
ORNAMENTAL = re.compile("[\u2102-\u214f\u2460-\u24e9\U0001d400-\U0001d7ff\U0001f130-\U0001f149]")
WIDE = re.compile("[\uff10-\uff5a]")
DRESSED = re.compile(
    f"[{''.join(map(chr, ORNAMENTS))}]|{ORNAMENTAL.pattern}|{WIDE.pattern}|{STROKES.pattern}"
)

# Python's \w lacks the vowel signs of Indian scripts and Thai, and Arabic and Hebrew points, which occur
# within words.
MARKS = "\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u200c\u200d"
WORD = re.compile(rf"[^\W_](?:[^\W_]|[{MARKS}]|['’](?=[^\W_]))*+")
CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@lru_cache(maxsize=4096)
def _script(sign: str) -> str:
    """Latin, or an alphabet with letters that look like Latin ones; "" for all other characters."""
    code = ord(sign)
    if code < 0x250:
        return "L" if sign.isalpha() else ""
    if 0x370 <= code < 0x400 or 0x1F00 <= code < 0x2000:
        return "G" if sign.isalpha() else ""
    if 0x400 <= code < 0x530:
        return "C" if sign.isalpha() else ""
    if 0x530 <= code < 0x590:
        return "A" if sign.isalpha() else ""
    if 0x13A0 <= code < 0x1400:
        return "K"
    return "L" if 0x1E00 <= code < 0x1F00 else ""


# A Latin abbreviation with a Russian ending.
INFLECTED = re.compile("[A-Z]{2,6}[а-яё]{1,4}")
# Latin letters that look like Cyrillic ones.
CYRILLIC_LOOK_ALIKES = str.maketrans("ABEKMHOPCTYXaecopyxikmu", "АВЕКМНОРСТУХаесорухікми")


def _is_interspersed(word: str) -> bool:
    """Whether the alphabets change at least twice, or small Latin letters begin a word."""
    scripts = [script for sign in word if (script := _script(sign))]
    changes = sum(one != other for one, other in pairwise(scripts))
    return changes >= 2 or (changes == 1 and scripts[0] == "L" and word[1:2].islower())


def fold_mixed_words(text: str) -> tuple[str, list[str]]:
    """Restore the Latin letters in words that mix alphabets. Also return those words in their original form.

    Words in one alphabet do not change, so Russian stays Russian and Greek stays Greek.
    """
    if text.isascii():
        return text, []
    found: list[str] = []

    def fold(match: re.Match[str]) -> str:
        word = match[0]
        if word.isascii():
            return word
        scripts = {_script(sign) for sign in word}
        if "L" not in scripts or not scripts & {"G", "C", "A", "K"}:
            return word
        folded = word.translate(CAPITAL_LOOK_ALIKES).translate(SMALL_LOOK_ALIKES)
        if not any(_script(sign) in "GCAK" for sign in folded if _script(sign)):
            if not INFLECTED.fullmatch(word):
                found.append(word)
            return folded
        # Some letters have no Latin lookalike. The word is Russian with Latin letters in it; or an inflected
        # abbreviation, a unit, a formula, where the Latin letters stand together at one end.
        folded = word.translate(CYRILLIC_LOOK_ALIKES)
        if "L" in {_script(sign) for sign in folded} or not _is_interspersed(word):
            return word
        found.append(word)
        return folded

    return WORD.sub(fold, text), found


def join_spaced_letters(text: str) -> tuple[str, list[str]]:
    """Join "M A K E M O N E Y" to "MAKE MONEY", from four letters in a row on.

    Also return what was joined.
    """
    if " " not in text:
        return text, []
    lines, joined = [], []
    for line in text.split("\n"):
        parts = line.split(" ")
        out: list[str] = []
        run: list[str] = []
        pause = 0  # spaces beyond the first since the last letter

        def close(out: list[str] = out, run: list[str] = run) -> None:
            words = "".join(run).split(" ")
            if sum(map(len, words)) >= 4 and sum(sign.isalpha() for sign in run) >= 3:
                out.append(" ".join(words))
                joined.append(" ".join(words))
            else:
                out.extend(" ".join(run).split())
            run.clear()

        for part in parts:
            if len(part) == 1:
                if pause and run:
                    run.append(" ")
                run.append(part)
                pause = 0
            elif not part:
                pause += 1
            else:
                if run:
                    close()
                out.append(part)
                pause = 0
        if run:
            close()
        lines.append(" ".join(out))
    return ("\n".join(lines), joined) if joined else (text, [])
