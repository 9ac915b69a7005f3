"""The WordPress importer behind the common interface. It has its own reader and importer.

See docs/decisions/0096.
"""

from dataclasses import dataclass
from typing import BinaryIO, cast

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from transfer.imports.bundle import Bundle
from transfer.imports.pictures import Pictures
from transfer.imports.report import Report
from transfer.imports.stream import ImportRefused
from transfer.threads import Progress
from transfer.wordpress.importer import Importer
from transfer.wordpress.media import Media
from transfer.wordpress.reader import WxrError
from transfer.wordpress.result import Result, losses_in_words
from transfer.wordpress.survey import Survey, survey_file

WORDPRESS = "wordpress"
MARK = b"wordpress.org/export/"


@dataclass(frozen=True)
class Choices:
    """The host's choices.

    author: of all posts, whatever the file says. with_pings: import pingbacks as comments.
    """

    author: User | None = None
    with_pings: bool = False
    is_dry_run: bool = False


def export_files(bundle: Bundle) -> list[str]:
    """The names of the WordPress exports in a bundle: a large blog is exported in several files."""
    names = bundle.names if bundle.is_single else list(bundle.matching(".xml"))
    return [name for name in names if MARK in bundle.head(name)]


def survey_files(bundle: Bundle, names: list[str], choices: Choices, progress: Progress) -> list[Survey]:
    """Read all files of a blog without writing. Raises WxrError, ImportRefused."""
    surveys = []
    for name in names:
        with cast("BinaryIO", bundle.open(name)) as file:
            surveys.append(survey_file(file, progress, with_pings=choices.with_pings))
    return surveys


def write_files(
    bundle: Bundle, surveys: dict[str, Survey], pictures: Pictures, choices: Choices, progress: Progress
) -> list[tuple[Survey, Result]]:
    """Import the files of one blog by name, after reading all. WxrError, ImportRefused, DatabaseError."""
    media: dict[int, Media] = {}
    addresses: set[str] = set()
    reused: dict[int, str] = {}
    for found in surveys.values():
        media |= found.media
        addresses |= found.addresses
        reused |= found.reused
    results = []
    for name, found in surveys.items():
        found.reused = reused
        importer = Importer(
            found,
            author=choices.author,
            is_dry_run=choices.is_dry_run,
            progress=progress,
            pictures=pictures,
            media=media,
            addresses=addresses,
        )
        with cast("BinaryIO", bundle.open(name)) as file:
            results.append((found, importer.run(file)))
    return results


def import_wordpress(bundle: Bundle, pictures: Pictures, choices: Choices, progress: Progress) -> Report:
    """Import all files of a WordPress export. Raises ImportRefused."""
    names = export_files(bundle)
    if not names:
        raise ImportRefused(_("This doesn’t look like an export of WordPress."))
    try:
        surveys = survey_files(bundle, names, choices, progress)
        results = write_files(bundle, dict(zip(names, surveys, strict=True)), pictures, choices, progress)
    except WxrError as error:
        message = str(error)
        raise ImportRefused(message[:1].upper() + message[1:]) from None
    report = Report()
    for found, result in results:
        report.add(_report_of(found, result, is_dry_run=choices.is_dry_run))
    return report


def _report_of(found: Survey, result: Result, *, is_dry_run: bool) -> Report:
    report = Report(
        posts=result.posts,
        pages=result.pages,
        drafts=result.drafts,
        pictures=result.pictures,
        comments=result.comments,
        held=result.held,
        known_posts=result.known_posts,
        known_comments=result.known_comments,
        guests=result.guests | result.commenters,
        touched=result.touched,
        failures=result.failures,
        notes=losses_in_words(found, result) + found.notes + result.notes,
    )
    report.left_out.update(found.left_out)
    if result.people:
        names = {"names": ", ".join(result.people)}
        count = len(result.people)
        report.notes.append(
            ngettext(
                "The member %(names)s would be created; they can sign in by resetting their password.",
                "The members %(names)s would be created; they can sign in by resetting their passwords.",
                count,
            )
            % names
            if is_dry_run
            else ngettext(
                "The member %(names)s was created; they can sign in by resetting their password.",
                "The members %(names)s were created; they can sign in by resetting their passwords.",
                count,
            )
            % names
        )
    return report
