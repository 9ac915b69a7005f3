"""CSV lists of people, which Ghost and Substack add to the posts."""

import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

from transfer.imports.bundle import Bundle
from transfer.imports.stream import ForeignSubscriber, ImportRefused, LeftOut
from transfer.imports.values import decoded, moment

EMAIL = ("email", "email address", "subscriber email")
CONSENT = ("created_at", "subscribed_at", "start date", "created", "subscription date", "created at")
# Columns in which "no" means that the person gets no emails.
SWITCHES = ("subscribed_to_emails", "subscribed", "email_disabled", "emails enabled", "subscribed to emails")


def rows_of(raw: bytes) -> Iterator[dict[str, str]]:
    """The rows by lowercase column name. Raises ImportRefused."""
    text, _is_guessed = decoded(raw)
    reader = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""))
    csv.field_size_limit(10_000_000)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        for row in reader:
            yield dict(zip(names, (value.strip() for value in row), strict=False))
    except csv.Error as error:
        raise ImportRefused(
            _("A CSV file in it can’t be read (%(error)s).") % {"error": str(error)[:80]}
        ) from None


def subscribers_of(bundle: Bundle, name: str) -> Iterator[ForeignSubscriber | LeftOut]:
    """Current and former subscribers. Yields nothing if the file is not a list of addresses."""
    for row in rows_of(bundle.read(name)):
        email = next((row[column] for column in EMAIL if row.get(column)), "")
        if not email:
            continue
        is_off = any(
            row.get(column, "").lower()
            in ({"true", "1", "yes"} if column == "email_disabled" else {"false", "0", "no"})
            for column in SWITCHES
        )
        consented_at = next((found for column in CONSENT if (found := moment(row.get(column)))), None)
        left_at = moment(row.get("unsubscribed_at") or row.get("deleted_at"))
        if is_off and left_at is None:
            yield LeftOut(_("subscribers who get no emails"))
            continue
        yield ForeignSubscriber(email, consented_at, left_at)
