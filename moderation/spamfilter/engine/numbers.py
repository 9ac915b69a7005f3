"""Phone numbers written in words, so that programs do not see them."""

import re
from itertools import pairwise

_WORDS = {
    "en": "zero one two three four five six seven eight nine",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "pt": "zero um dois três quatro cinco seis sete oito nove",
    "ru": "ноль один два три четыре пять шесть семь восемь девять",
    "ar": "صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة",
}
DIGITS = {word: digit for words in _WORDS.values() for digit, word in enumerate(words.split())} | {
    "oh": 0, "double": -1, "zwo": 2, "ein": 1, "meia": 6, "нуль": 0, "одна": 1, "две": 2, "اثنين": 2, "مئة": -1,
}  # fmt: skip
# Numbers of two digits, as French phone numbers are spoken.
PAIRS = frozenset(
    "dix onze douze treize quatorze quinze seize vingt trente quarante cinquante soixante vingts "
    "десять двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто "
    "zehn elf zwölf zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig ten eleven twelve twenty thirty forty fifty sixty seventy eighty ninety "
    "diez once doce veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa dez onze doze vinte trinta quarenta cinquenta sessenta setenta oitenta noventa".split()
)
HAN_DIGITS = dict(zip("〇零一二三四五六七八九幺两", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2), strict=True))
HAN = re.compile(
    r"(?:ゼロ|[〇零一二三四五六七八九幺两])(?:[ ・·—\-－、,]{0,3}(?:ゼロ|[〇零一二三四五六七八九幺两])){8,14}"
)
# As many digits as a short phone number has.
FEWEST = 7


def spelt_number(words: list[str], text: str) -> tuple[str, ...]:
    """The words of a phone number, or nothing. Counting up or down is none."""
    run: list[str] = []
    for word in [*words, ""]:
        if word in DIGITS or word in PAIRS or (run and word.isdigit() and len(word) <= 3):
            run.append(word)
            continue
        if _is_number(run):
            return tuple(run)
        run = []
    if (found := HAN.search(text)) and not _counts(
        [HAN_DIGITS[sign] for sign in found[0].replace("ゼロ", "〇") if sign in HAN_DIGITS]
    ):
        return (found[0],)
    return ()


def _is_number(run: list[str]) -> bool:
    spelt = [word for word in run if not word.isdigit()]
    digits = sum(2 if word in PAIRS else 1 if word in DIGITS else len(word) for word in run)
    values = [DIGITS.get(word, -9) for word in run]
    # Numbers of two digits are drawn and scored; only where it begins with a zero, they are dialled.
    is_dialled = all(word in DIGITS for word in spelt) or values[0] == 0
    return len(spelt) >= 4 and digits >= FEWEST and is_dialled and not _counts(values)


def _counts(values: list[int]) -> bool:
    steps = {later - earlier for earlier, later in pairwise(values)}
    return len(steps) == 1 and steps <= {0, 1, -1, 2}
