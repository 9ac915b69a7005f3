"""Subscribers as CSV: exported, and imported from here or from another system, with the dates of consent."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from notifications.models import Subscriber

COLUMNS = ["email", "frequency", "consent_date", "source", "unsubscribed_date"]
# Names of these columns in other systems (Ghost, Substack, Mailchimp, WordPress plugins), letters and digits
# only.
NAMES = {
    "email": {"email", "emailaddress", "mail", "subscriberemail"},
    "frequency": {"frequency", "rhythm", "howoften"},
    "consent_date": {
        "consentdate",
        "confirmedat",
        "confirmtime",
        "createdat",
        "subscribedat",
        "optintime",
        "startdate",
        "signupdate",
        "date",
    },
    "unsubscribed_date": {"unsubscribeddate", "unsubscribedat", "unsubtime"},
}
DATES = ["%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M", "%b %d, %Y"]
ROWS_AT_ONCE = 500
LINES_NAMED = 10
# A spreadsheet would execute a cell that begins with one of these.
FORMULA = ("=", "+", "-", "@", "\t")


class _LineWriter:
    """For csv.writer: returns each line, so that a long list is streamed."""

    def write(self, line: str) -> str:
        return line


def export_lines(subscribers: Iterable[Subscriber]) -> Iterator[str]:
    """The lines of the CSV file. Addresses that spreadsheets would take for formulas are quoted."""
    writer = csv.writer(_LineWriter())
    yield "\ufeff" + writer.writerow(COLUMNS)  # spreadsheets recognise UTF-8 by it
    for one in subscribers:
        yield writer.writerow(
            [
                f"'{one.email}" if one.email.startswith(FORMULA) else one.email,
                one.rhythm,
                one.confirmed_at.astimezone(UTC).isoformat(timespec="seconds"),
                one.source,
                one.unsubscribed_at.astimezone(UTC).isoformat(timespec="seconds")
                if one.unsubscribed_at
                else "",
            ]
        )


@dataclass
class ImportResult:
    """How many were added, known, or had unsubscribed (and stay so); and lines that could not be read."""

    added: int = 0
    known: int = 0
    left_before: int = 0
    without_date: int = 0
    bad_lines: list[tuple[int, str]] = field(default_factory=list)

    @property
    def first_bad_lines(self) -> list[tuple[int, str]]:
        return self.bad_lines[:LINES_NAMED]

    @property
    def more_bad_lines(self) -> int:
        return max(0, len(self.bad_lines) - LINES_NAMED)


def import_subscribers(raw: bytes) -> ImportResult:
    """Add subscribers from a CSV file, except those who unsubscribed here. Repeating it changes nothing.

    Raises ValidationError if the file as a whole cannot be read.
    """
    rows = _rows(_decoded(raw))
    result = ImportResult()
    found: dict[str, Subscriber] = {}
    for line, row in rows:
        if line > settings.SUBSCRIBER_FILE_MAX_ROWS + 1:
            raise ValidationError(
                _("The file has more than %(limit)d lines. Split it and import the parts."),
                params={"limit": settings.SUBSCRIBER_FILE_MAX_ROWS},
            )
        try:
            subscriber = _subscriber(row, result)
        except ValidationError as error:
            result.bad_lines.append((line, error.messages[0]))
        else:
            found.setdefault(subscriber.email, subscriber)
    store_subscribers(list(found.values()), result)
    return result


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"):
        try:
            return raw.decode(encoding)
        except UnicodeError:
            continue
    return raw.decode("cp1252", errors="replace")


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Lines with their values by our names.

    The header may have the names of other systems; without one, there is a single column.
    """
    first = text.partition("\n")[0]
    delimiter = max([",", ";", "\t"], key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = next(reader, [])
        names = [_name_of(title) for title in header]
        if "email" not in names:
            if len(header) != 1 or "@" not in header[0]:
                raise ValidationError(_("No column is named “email”. Name it in the first line of the file."))
            names = ["email"]
            yield 1, {"email": header[0].strip()}
        for values in reader:
            if any(value.strip() for value in values):
                yield (
                    reader.line_num,
                    {name: value.strip() for name, value in zip(names, values, strict=False) if name},
                )
    except csv.Error:
        raise ValidationError(_("This isn’t a CSV file. Export the list again as CSV, in UTF-8.")) from None


def _name_of(title: str) -> str:
    letters = "".join(sign for sign in title.lower() if sign.isalnum())
    return next((name for name, others in NAMES.items() if letters in others), "")


def _subscriber(row: dict[str, str], result: ImportResult) -> Subscriber:
    email = row.get("email", "").removeprefix("'").lower()
    if len(email) > 254:
        raise ValidationError(_("not an email address"))
    try:
        validate_email(email)
    except ValidationError:
        raise ValidationError(_("not an email address")) from None
    given = row.get("consent_date", "")
    confirmed_at = _moment(given)
    if confirmed_at is None:
        result.without_date += 1
    left_at = _moment(row.get("unsubscribed_date", ""))
    weekly = row.get("frequency", "").lower().startswith("week")
    return Subscriber(
        email=email,
        rhythm=Subscriber.Rhythm.WEEKLY if weekly else Subscriber.Rhythm.AT_ONCE,
        source=Subscriber.Source.IMPORT,
        confirmed_at=confirmed_at or timezone.now(),
        unsubscribed_at=left_at,
    )


def _moment(text: str) -> datetime | None:
    """A date as written by spreadsheets and other systems, never in the future. None for anything else."""
    if not text:
        return None
    found = _parsed(text)
    if found is None:
        return None
    moment = found if isinstance(found, datetime) else datetime.combine(found, time(12))
    try:
        moment = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
        return min(moment, timezone.now())
    except (OverflowError, ValueError):
        return None


def _parsed(text: str) -> datetime | date | None:
    try:
        if found := parse_datetime(text) or parse_date(text):
            return found
    except ValueError:  # well-formed, but there is no such day
        return None
    for pattern in DATES:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - made aware above
        except ValueError:
            continue
    return None


def store_subscribers(subscribers: list[Subscriber], result: ImportResult) -> None:
    """Add those who are not here, and count the others. Those who unsubscribed here are not added."""
    for start in range(0, len(subscribers), ROWS_AT_ONCE):
        batch = subscribers[start : start + ROWS_AT_ONCE]
        known = dict(
            Subscriber.objects.filter(email__in=[one.email for one in batch]).values_list(
                "email", "unsubscribed_at"
            )
        )
        result.known += sum(left is None for left in known.values())
        result.left_before += sum(left is not None for left in known.values())
        new = [one for one in batch if one.email not in known]
        Subscriber.objects.bulk_create(new, ignore_conflicts=True)
        result.added += len(new)
