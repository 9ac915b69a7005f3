"""Dates as people and themes write them, in the languages of typical blogs."""

import re
from datetime import datetime

from transfer.imports.values import moment

# The twelve months in each language; alternatives follow after "|".
MONTHS_BY_LANGUAGE = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep|sept oct nov dec",
    "januar|jänner februar|feber märz|mär|mrz|maerz april mai juni juli august september oktober|okt november dezember|dez",
    "janvier|janv février|févr|fév mars avril|avr mai juin juillet|juil août septembre octobre novembre décembre|déc",
    "enero|ene febrero marzo abril|abr mayo junio julio agosto|ago septiembre|setiembre octubre noviembre diciembre|dic",
    "gennaio|gen febbraio marzo aprile maggio|mag giugno|giu luglio|lug agosto settembre|set ottobre|ott novembre dicembre",
    "janeiro fevereiro|fev março abril maio junho julho agosto setembro outubro|out novembro dezembro",
    "januari februari maart|mrt april mei juni juli augustus september oktober november december",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "januar februar marts april maj juni juli august september oktober november desember",
    "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "ledna února března dubna května června července srpna září října listopadu prosince",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
)
MONTHS = {
    name: number
    for names in MONTHS_BY_LANGUAGE
    for number, month in enumerate(names.split(), 1)
    for name in month.split("|")
}
# Full names. Abbreviations in languages other than English only with a full stop, since Mar and Sam are
# people, too.
SHORT_WEEKDAYS = "mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom|gio|sab|seg|ter|qua|qui|sex|ma|wo|vr|za|zo|må|ti|on|to|lö|sö"
WEEKDAYS = (
    "(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend|"
    "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|lunedì|martedì|"
    "mercoledì|giovedì|venerdì|sabato|domenica|(?:segunda|terça|quarta|quinta|sexta)-feira|(?:maan|dins|woens|donder|vrij|zater|zon)dag|"
    "(?:mån|tis|ons|tors|fre|lör|sön|man|tirs|lør|søn)dag|poniedziałek|wtorek|środa|czwartek|piątek|sobota|niedziela|"
    f"(?:{SHORT_WEEKDAYS})\\."
)
_MONTH = "(?:" + "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True)) + ")"
_NTH = r"(?:st|nd|rd|th|er|º|ª|°|\.)?"
# 25. April 2012; April 25, 2012; 2012-04-25; 25.4.2012; 25/04/2012; 2012年4月25日
DAY = (
    rf"(?:(?P<d1>[0-9]{{1,2}}){_NTH}(?: de| of)? ?(?P<m1>{_MONTH})\b\.?,?(?: del?)? (?P<y1>[0-9]{{4}})(?![0-9])(?: г\.?)?"
    rf"|(?P<m2>{_MONTH})\b\.? (?P<d2>[0-9]{{1,2}}){_NTH},? (?P<y2>[0-9]{{4}})(?![0-9])"
    r"|(?P<y3>[0-9]{4})(?P<s3>[-/]|\. ?)(?P<m3>[0-9]{1,2})(?P=s3)(?P<d3>[0-9]{1,2})(?![0-9])\.?"
    r"|(?P<d4>[0-9]{1,2})\. ?(?P<m4>[0-9]{1,2})\. ?(?P<y4>[0-9]{4})(?![0-9])"
    r"|(?P<a5>[0-9]{1,2})(?P<s5>[/-])(?P<b5>[0-9]{1,2})(?P=s5)(?P<y5>[0-9]{4})(?![0-9])"
    r"|(?P<y6>[0-9]{4}) ?[年년] ?(?P<m6>[0-9]{1,2}) ?[月월] ?(?P<d6>[0-9]{1,2}) ?[日일])"
)
TIME = (
    r"(?P<early>午前|上午|오전)?(?P<late>午後|下午|오후)? ?(?P<hour>[0-9]{1,2})(?::|\.| ?h ?)(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r"(?![0-9])(?: ?min\b)?(?: ?(?P<half>[ap])\.? ?m\b\.?)?"
)
BEFORE_TIME = (
    r"at|@|um|à|a las?|às|as|alle(?: ore)?|ore|om|kl\.?|klo|o(?: godz\.?)?|godz\.?|v|в|saat|-|–|—|\||·|•"
)
AFTER_TIME = (
    r"(?: ?(?:uhr|uur|hrs|h)\b\.?)?(?: (?:utc|gmt|mesz|mez|cest|cet)(?:[+-][0-9]{1,2}(?::?[0-9]{2})?)?\b)?"
)
# "April 25, 2012, 6:25 pm", "mercredi 25 avril 2012 à 18 h 25 min", "2012-04-25T18:25:00"
DATE = re.compile(
    rf"(?<![\w/.-])(?:(?:{WEEKDAYS})\.?,? )?{DAY}(?:(?:T|,? ?(?:(?:{BEFORE_TIME}) ?)?){TIME}{AFTER_TIME})?",
    re.IGNORECASE,
)


def date_in(text: str) -> datetime | None:
    """The first valid date in a text."""
    for found in DATE.finditer(text):
        year, month, day = _day_of(found)
        for clock in (f"T{_clock_of(found)}", ""):
            if (when := moment(f"{year:04d}-{month:02d}-{day:02d}{clock}")) is not None:
                return when if clock else when.replace(hour=0)
    return None


def _day_of(found: re.Match[str]) -> tuple[int, int, int]:
    for way in ("1", "2", "3", "4", "6"):
        if year := found[f"y{way}"]:
            named = found[f"m{way}"]
            return int(year), int(named) if named.isdigit() else MONTHS[named.lower()], int(found[f"d{way}"])
    first, second = int(found["a5"]), int(found["b5"])
    # 4/25/2012 or 25/4/2012. If it is ambiguous, "pm" suggests that the month comes first.
    is_month_first = second > 12 or (first <= 12 and bool(found["half"]))
    return (int(found["y5"]), first, second) if is_month_first else (int(found["y5"]), second, first)


def _clock_of(found: re.Match[str]) -> str:
    hour, half = int(found["hour"] or 0), (found["half"] or "").lower()
    if (half == "p" or found["late"]) and hour < 12:
        hour += 12
    elif (half == "a" or found["early"]) and hour == 12:
        hour = 0
    return f"{hour:02d}:{found['minute'] or '00'}:{found['second'] or '00'}"
