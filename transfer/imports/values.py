"""Parses values from other systems: dates, numbers, booleans. Invalid ones are None, never an error."""

import re
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.utils import timezone

YEARS = range(1970, 2200)
# Larger numbers are milliseconds since 1970, smaller ones seconds.
MILLISECONDS = 100_000_000_000
FORMS = (
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S.%f %z",
    "%Y-%m-%d %H:%M %z",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%a %b %d %Y %H:%M:%S GMT%z",
    "%B %d, %Y, %I:%M %p",
    "%B %d, %Y at %I:%M %p",
    "%B %d, %Y %I:%M %p",
    "%B %d, %Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%d %b %Y",
    "%d.%m.%Y",
)
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")


def moment(value: object, *, years: range = YEARS) -> datetime | None:
    """Parse a time: ISO 8601, RFC 2822, Unix time and common formats. Without a zone, the site's is used.

    years: of all others the time is taken for a mistake.
    """
    found: datetime | None
    try:
        if isinstance(value, bool) or value is None or value == "":
            return None
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, date):
            found = datetime.combine(value, time(12))
        elif isinstance(value, int | float) or (
            isinstance(value, str) and re.fullmatch(r"[0-9]{9,14}", value)
        ):
            seconds = float(value)
            found = datetime.fromtimestamp(seconds / 1000 if seconds > MILLISECONDS else seconds, UTC)
        else:
            found = _read(" ".join(str(value).split())[:100])
        if found is None or found.year not in years:
            return None
        return found if found.tzinfo else timezone.make_aware(found)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _read(text: str) -> datetime | None:
    text = re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text)  # nanoseconds, as Go writes them
    text = re.sub(r"\s*\([^)]*\)$", "", text).removesuffix(" UTC").strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    cleaned = re.sub(r"(?<=[0-9])(st|nd|rd|th)\b", "", text)
    for form in FORMS:
        try:
            return datetime.strptime(cleaned, form)  # noqa: DTZ007 - made aware by moment()
        except ValueError:
            continue
    return parsedate_to_datetime(text) if re.search("[A-Za-z]{3}", text) else None


def text(value: object) -> str:
    """A string without control characters. Numbers are converted; anything else is ""."""
    if isinstance(value, str):
        return UNPRINTABLE.sub("", value)
    try:
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
    except ValueError:  # a number with thousands of digits
        return ""


def is_true(value: object) -> bool:
    return (
        value is True
        or value == 1
        or (isinstance(value, str) and value.strip().lower() in {"1", "true", "yes", "on"})
    )


def is_false(value: object) -> bool:
    """Whether it is explicitly false. Missing and invalid values are not."""
    return (
        value is False
        or (isinstance(value, int | float) and value == 0)
        or (isinstance(value, str) and value.strip().lower() in {"0", "false", "no", "off", "n"})
    )


def texts(value: object) -> list[str]:
    """A list of strings, from a list or from comma-separated text."""
    if isinstance(value, str):
        value = value.split(",")
    return [one for each in value if (one := text(each).strip())] if isinstance(value, list | tuple) else []


def path_in(address: str) -> str:
    """The path of a URL, "" if it cannot be parsed ("http://[x")."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def decoded(raw: bytes) -> tuple[str, bool]:
    """The text of a file, and whether its encoding had to be guessed."""
    for encoding in ("utf-8-sig", "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"):
        try:
            return raw.decode(encoding), False
        except UnicodeError:
            continue
    return raw.decode("cp1252", errors="replace"), True
