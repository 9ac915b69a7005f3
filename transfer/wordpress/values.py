"""Parses dates and numbers of a WordPress export. Invalid ones are empty."""

import html
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from django.utils import timezone
from django.utils.translation import gettext as _

YEARS = range(1000, 3000)
NO_DATE = re.compile(r"(?:0000-00-00|-0001-11-30)\b.*")  # the second is the first after PHP's date arithmetic
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[-+]\d\d:?\d\d)?")


def moment_of(gmt: str, local: str, published: str, repairs: set[str]) -> datetime | None:
    """The UTC time; else the local one in the site's time zone; else the feed's one. None without any."""
    impossible = False
    for text, zone in ((gmt, UTC), (local, timezone.get_default_timezone())):
        text = text.strip()
        if not text or NO_DATE.fullmatch(text):
            continue
        if (moment := _read(text)) is not None:
            if impossible:
                repairs.add(_("an invalid date is replaced with the blog’s local time"))
            return moment if moment.tzinfo else moment.replace(tzinfo=zone)
        impossible = True
    try:
        moment = parsedate_to_datetime(published) if re.search(r"\s[12][0-9]{3}\s", published) else None
    except (ValueError, IndexError, TypeError, OverflowError):
        moment = None
    if impossible:
        repairs.add(_("an invalid date is left out"))
    if moment is None or moment.year not in YEARS:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read(text: str) -> datetime | None:
    match = MOMENT.fullmatch(text)
    try:
        moment = datetime.fromisoformat(f"{match[1]} {match[2]}{match[3] or ''}") if match else None
    except ValueError:
        return None
    return moment if moment is not None and moment.year in YEARS else None


def number_of(text: str) -> int:
    """A number from the file; 0 for anything else."""
    text = text.strip()
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) else 0


def with_recording(content: str, enclosure: str) -> str:
    """The text of a post with its podcast recording as a link at the end.

    Podcast plug-ins store it next to the text. An enclosure is a URL, the size and the type, one per line;
    WordPress writes one for each recording that a text links to.
    """
    address, _size, kind = ([line.strip() for line in enclosure.splitlines()] + ["", "", ""])[:3]
    if not re.match(r"https?://", address) or not kind.startswith(("audio/", "video/")) or address in content:
        return content
    return f'{content}\n\n<p><a href="{html.escape(address)}">{_("Recording")}</a></p>'


def shown(text: str) -> str:
    """A text from the file that fits into one line of a message."""
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return f"“{text if len(text) <= 40 else text[:39] + '…'}”"
