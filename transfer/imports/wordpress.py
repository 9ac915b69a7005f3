"""WordPress in the frame of all importers. Its reader and importer are its own (docs/decisions)."""

from typing import BinaryIO, cast

from transfer.imports.bundle import Bundle
from transfer.imports.report import Report
from transfer.imports.stream import ImportRefused
from transfer.threads import Progress
from transfer.wordpress.importer import Importer, losses_in_words
from transfer.wordpress.reader import WxrError
from transfer.wordpress.survey import survey_file

WORDPRESS = "wordpress"
MARK = b"wordpress.org/export/"


def wordpress_file(bundle: Bundle) -> str:
    """The name of the WordPress export in it, "" if there is none."""
    names = bundle.names if bundle.is_single else list(bundle.matching(".xml"))
    return next((name for name in names if MARK in bundle.head(name)), "")


def import_wordpress(bundle: Bundle, *, is_dry_run: bool, progress: Progress) -> Report:
    """Posts and comments of a WordPress export. Raises ImportRefused."""
    names = bundle.names if bundle.is_single else list(bundle.matching(".xml"))
    report = Report()
    files = [name for name in names if MARK in bundle.head(name)]
    if not files:
        raise ImportRefused("This doesn’t look like an export of WordPress.")
    for name in files:
        report.add(_one(bundle, name, is_dry_run=is_dry_run, progress=progress))
    return report


def _one(bundle: Bundle, name: str, *, is_dry_run: bool, progress: Progress) -> Report:
    try:
        with cast("BinaryIO", bundle.open(name)) as file:
            found = survey_file(file, progress)
            file.seek(0)
            result = Importer(found, is_dry_run=is_dry_run, progress=progress).run(file)
    except WxrError as error:
        said = str(error)
        raise ImportRefused(said[:1].upper() + said[1:]) from None
    report = Report(
        posts=result.posts,
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
    will = "would be created" if is_dry_run else "was created"
    report.notes += [
        f"The member {one} {will}; they can sign in by resetting their password." for one in result.people
    ]
    return report
