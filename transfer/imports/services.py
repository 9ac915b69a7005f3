"""Imports a file of any supported system: detects the format, reads everything, then writes."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from comments.services.claims import ask_existing_members
from transfer.imports.bundle import Bundle
from transfer.imports.formats import FORMATS, recognise
from transfer.imports.importer import Importer
from transfer.imports.pictures import Pictures
from transfer.imports.report import Report
from transfer.imports.spool import Spool
from transfer.imports.stream import ImportRefused
from transfer.imports.wordpress import WORDPRESS, Choices, export_files, import_wordpress
from transfer.threads import Progress, quiet

EVERY = 500
SCRATCH = ".import-"


@dataclass(frozen=True)
class Options:
    """by: the importing host. address: the old site's URL, if the export lacks it.

    uploads: a folder or zip with pictures that are not in the export. with_pings: import pingbacks as
    comments (WordPress). sole_author: attribute all posts to the importing host (WordPress; other formats do
    so unless the author is a member).
    """

    by: User | None
    system: str = ""
    address: str = ""
    is_dry_run: bool = False
    with_subscribers: bool = False
    fetch_pictures: bool = False
    uploads: Path | None = None
    with_pings: bool = False
    sole_author: bool = False


@dataclass(frozen=True)
class Outcome:
    """asked: how many members were asked whether comments of guests are theirs."""

    label: str
    report: Report
    asked: int = 0


def import_file(path: Path, options: Options, *, name: str = "", progress: Progress = quiet) -> Outcome:
    """Import a file or folder. Raises ImportRefused before anything is written, OSError, DatabaseError."""
    with opened(path, name) as bundle, pictures_for(bundle, options) as pictures:
        if options.system == WORDPRESS or (not options.system and export_files(bundle)):
            author = options.by if options.sole_author else None
            choices = Choices(author, options.with_pings, options.is_dry_run)
            report = import_wordpress(bundle, pictures, choices, progress)
            label = "WordPress"
        else:
            label, report = _import(bundle, pictures, options, progress)
    claims = 0 if options.is_dry_run else ask_existing_members()
    return Outcome(label, report, claims)


def _import(bundle: Bundle, pictures: Pictures, options: Options, progress: Progress) -> tuple[str, Report]:
    assert options.by is not None  # noqa: S101 - only the WordPress command has no host
    chosen = recognise(bundle, options.system)
    with scratch_folder() as folder, Spool(folder / "spool.sqlite3") as spool:
        for count, item in enumerate(chosen.read(bundle), 1):
            spool.put(item)
            if count % EVERY == 0:
                progress("Reading", count, 0)
        if options.address and not spool.source.link:
            spool.source.link = options.address
        if not (spool.post_count or spool.comment_count or spool.counts["ForeignSubscriber"]):
            raise ImportRefused(_("There are no posts, comments or subscribers in it."))
        importer = Importer(
            spool,
            pictures,
            by=options.by,
            system=chosen.name,
            is_dry_run=options.is_dry_run,
            with_subscribers=options.with_subscribers,
            progress=progress,
        )
        return chosen.label, importer.run()


@contextmanager
def opened(path: Path, name: str = "") -> Iterator[Bundle]:
    """The export at this path, closed afterwards. name: that of the uploaded file."""
    bundle = Bundle(path, name)
    try:
        yield bundle
    finally:
        bundle.close()


@contextmanager
def pictures_for(bundle: Bundle, options: Options) -> Iterator[Pictures]:
    """The source of pictures: next to the texts, or in a separate folder or zip."""
    with ExitStack() as stack:
        source = stack.enter_context(opened(options.uploads)) if options.uploads else bundle
        yield Pictures(source, options.by, may_fetch=options.fetch_pictures, is_dry_run=options.is_dry_run)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A private folder beside the site's data that is deleted afterwards."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=settings.VAR_DIR) as folder:
        yield Path(folder)


def systems() -> dict[str, str]:
    """The labels of all systems by name, sorted by label."""
    labels = {WORDPRESS: "WordPress"} | {name: one.label for name, one in FORMATS.items()}
    return dict(sorted(labels.items(), key=lambda one: one[1].casefold()))
