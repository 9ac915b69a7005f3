"""Plain text: one-line names without tricks, and keys under which look-alikes are the same."""

import re
import unicodedata
from functools import cache
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Letters of other alphabets that look like Latin ones (from Unicode TR39, "confusables"). Capital and small
# letters are separate where they look like different ones: a capital Greek nu is an N, a small one a v.
CAPITAL_LOOK_ALIKES = str.maketrans(
    {
        # Cyrillic
        **dict(zip("АВЕЅІЈКМНОРСТУХԌԚԜ", "abesijkmhopctyxgqw", strict=True)),
        # Greek
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx", strict=True)),
        # Armenian
        **dict(zip("ՍՏՕ", "uso", strict=True)),
    }
)
SMALL_LOOK_ALIKES = str.maketrans(
    {
        # Cyrillic; the second row are small capitals
        **dict(zip("асԁеһіјӏоԛрѕуԝхү", "acdehijloqpsywxy", strict=True)),
        **dict(zip("вкмнтԍ", "bkmhtg", strict=True)),
        # Greek
        **dict(zip("αβγεηικνορτυχω", "abyenikvoptuxw", strict=True)),
        # Armenian
        **dict(zip("ցհոօզսյ", "ghnoquj", strict=True)),
        # Latin letters that NFKD does not decompose
        **dict(zip("ıłøđħɑɡ", "ilodhag", strict=True)),
    }
)
SAME_LOOKS = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s", "$": "s"})
# Characters that most programs don't show, though they are not control characters (Unicode:
# Default_Ignorable_Code_Point).
DRAWN_AS_NOTHING = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Invisible, but part of the text: within an emoji ("family", "red heart", the flag of Scotland), and where
# Persian and Indic scripts need a joiner (RFC 5892, appendix A).
ZWNJ, ZWJ = "\N{ZERO WIDTH NON-JOINER}", "\N{ZERO WIDTH JOINER}"
EMOJI_STYLE = "\N{VARIATION SELECTOR-16}"
FLAG_OF_A_REGION = re.compile("\U0001f3f4[\U000e0061-\U000e007a]{4,6}\U000e007f")
CONFUSABLES = Path(__file__).with_name("confusables.txt")
MIXABLE_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def storable(text: str) -> str:
    """Remove the characters that PostgreSQL cannot store: NUL and lone surrogates."""
    return "".join(sign for sign in text if sign != "\x00" and not "\ud800" <= sign <= "\udfff")


def one_line(text: str) -> str:
    """The text normalised (NFC), with all white space replaced by single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _is_emoji(char: str) -> bool:
    return unicodedata.category(char) == "So" or "\U0001f3fb" <= char <= "\U0001f3ff"


def _is_part_of_writing(text: str, at: int) -> bool:
    """Whether an invisible character is needed in this place; anywhere else it only deceives."""
    char, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if char == EMOJI_STYLE:
        return bool(before) and (_is_emoji(before) or after == "\N{COMBINING ENCLOSING KEYCAP}")
    if char not in {ZWJ, ZWNJ} or not before or not after:
        return False
    if unicodedata.combining(before) == 9:  # a virama
        return True
    if char == ZWNJ:
        return unicodedata.bidirectional(before) == unicodedata.bidirectional(after) == "AL"
    return (_is_emoji(before) or before == EMOJI_STYLE) and _is_emoji(after)


def without_joiners(text: str) -> str:
    """Remove invisible characters that are part of the text. Any that are left deceive."""
    text = FLAG_OF_A_REGION.sub("\U0001f3f4", text)
    return "".join(
        char
        for at, char in enumerate(text)
        if not (char in {ZWJ, ZWNJ, EMOJI_STYLE} and _is_part_of_writing(text, at))
    )


def one_header(text: str) -> str:
    """Text for an email header: one line, no invisible characters, and nothing that programs would decode.

    Names may look like an encoded word (RFC 2047), "=?utf-8?q?=E2=80=AE?=". A space at its beginning prevents
    decoding.
    """
    seen = "".join(
        char
        for at, char in enumerate(text)
        if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"}
        or char in "\t\n\r"
        or _is_part_of_writing(text, at)
    )
    return one_line(seen).replace("=?", "= ?")


def look_alike_key(text: str) -> str:
    """A key for names that look alike at a glance: case, width, accents, spaces and alphabets are folded."""
    text = (
        unicodedata.normalize("NFKD", text)
        .translate(CAPITAL_LOOK_ALIKES)
        .casefold()
        .translate(SMALL_LOOK_ALIKES)
    )
    text = "".join(char for char in text if unicodedata.category(char)[0] in "LN")
    return text.translate(SAME_LOOKS).replace("rn", "m").replace("vv", "w")


@cache
def prototypes() -> dict[int, str]:
    """For str.translate: each confusable character, and what it is mapped to."""
    table: dict[int, str] = {}
    for line in CONFUSABLES.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            prototype, _mark, chars = line.partition(" < ")
            table |= dict.fromkeys(
                (int(char, 16) for char in chars.split()),
                "".join(chr(int(char, 16)) for char in prototype.split()),
            )
    return table


def skeleton(text: str) -> str:
    """The skeleton of UTS #39, without case: texts with the same skeleton look the same.

    Unlike look_alike_key it keeps visible differences: accents, spaces, and small i and l.
    """
    text = unicodedata.normalize("NFKD", text)
    for _step in range(8):  # the steps rarely affect each other; two rounds are usual
        before = text
        text = unicodedata.normalize("NFD", DRAWN_AS_NOTHING.sub("", text)).translate(prototypes()).casefold()
        text = re.sub("(?<=[ij])\u0307", "", text)  # a dot above the dot
        if text == before:
            break
    return one_line(text)


def search_key(text: str) -> str:
    """Text normalised for search: without case, accents and width, with single spaces."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return " ".join(
        "".join(
            char for char in folded if unicodedata.category(char) not in {"Mn", "Cc", "Cs"} or char.isspace()
        ).split()
    )


def validate_name(name: str) -> None:
    """Refuse names that deceive or break a page.

    They have invisible characters, several alphabets in a word, or stacked accents.

    Raises ValidationError with the reason.
    """
    seen = without_joiners(name)
    if DRAWN_AS_NOTHING.search(seen) or any(
        unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for char in seen
    ):
        raise ValidationError(_("Remove the invisible characters."), code="invisible")
    if not any(unicodedata.category(char)[0] in "LN" for char in name):
        raise ValidationError(_("Use at least one letter or number."), code="empty_name")
    if re.search(r"[<>\\]|://", name):
        raise ValidationError(
            _("Use letters and ordinary punctuation, but no web address and none of < > \\."), code="markup"
        )
    if any(
        unicodedata.normalize("NFKC", char) != char for char in name if unicodedata.category(char)[0] == "L"
    ):
        raise ValidationError(
            _("Use ordinary letters; some of these only look like them."), code="look_alike"
        )
    marks = 0
    for char in unicodedata.normalize("NFD", name):
        marks = marks + 1 if unicodedata.category(char) == "Mn" else 0
        if marks > 3:
            raise ValidationError(_("There are too many accents on one letter."), code="accents")
    for word in re.split(r"[\W_]+", name):
        scripts = {
            script
            for char in word
            for script in MIXABLE_SCRIPTS
            if unicodedata.name(char, "").startswith(script)
        }
        if len(scripts) > 1:
            raise ValidationError(_("Write each word in a single alphabet."), code="mixed_alphabets")
