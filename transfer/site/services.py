"""Exporting a whole site to a folder, and importing it into an empty site."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, models, transaction

from accounts.models import User
from posts.models import Post
from search.services import KINDS, rebuild
from transfer.anew import clear_all_caches
from transfer.site import folder as archive
from transfer.site.errors import ArchiveError
from transfer.site.pages import write_pages
from transfer.site.tables import (
    empty_tables,
    kept_models,
    number_on,
    read_table,
    rows_on_their_way,
    write_table,
)
from transfer.site.wordpress import write_wxr

Said = Callable[[str], None]


@dataclass(frozen=True)
class Exported:
    """waiting: the number of queued emails and notifications, which are not in the archive."""

    manifest: archive.Manifest
    waiting: int


def export_site(target: Path, *, say: Said = lambda line: None) -> Exported:
    """Write a consistent snapshot of the running site into a new folder. say: called with each step.

    Raises ArchiveError, and leaves no folder, if it cannot be completed.
    """
    manifest = archive.Manifest(settings.SITE_URL, archive.newest_migrations())
    try:
        with archive.becomes(target) as making, one_moment():
            gone = rows_on_their_way()
            (making / "tables").mkdir()
            for model in kept_models():
                label = model._meta.label_lower
                with table_file(making, model).open("w", encoding="utf-8") as file:
                    manifest.tables[label] = write_table(model, file, gone)
                say(f"{label}: {manifest.tables[label]:,}")
            manifest.files = archive.write_files(making / "media")
            say(f"files: {manifest.files:,}")
            write_wxr(making / "wordpress.xml")
            write_pages(making / "html")
            (making / "README.txt").write_text(README, encoding="utf-8")
            manifest.write(making)
    except OSError as error:
        raise ArchiveError(f"The archive can’t be written: {error.strerror or error}.") from error
    return Exported(manifest, sum(map(len, gone.values())))


def import_site(source: Path, *, say: Said = lambda line: None) -> archive.Manifest:
    """Import an archive into this empty site: all rows with their ids, in one transaction, and all files.

    Raises ArchiveError, and changes no row, if the site has members or posts or the archive is incomplete.
    Files may be stored already; a second attempt leaves them.
    """
    manifest = archive.read_manifest(source)
    kept = kept_models()
    if manifest.tables.keys() != {model._meta.label_lower for model in kept}:
        raise ArchiveError(f"The archive’s tables don’t match this version: see {archive.MANIFEST}.")
    if User.objects.exists() or Post.objects.exists():
        raise ArchiveError(
            "This site isn’t empty. An archive can be imported only before the first member and post."
        )
    try:
        if archive.read_files(source / "media") != manifest.files:
            raise ArchiveError("The archive is incomplete: files are missing in media/.")
        with transaction.atomic():
            empty_tables(kept)
            for model in kept:
                label = model._meta.label_lower
                found = read_table(model, table_file(source, model))
                if found != manifest.tables[label]:
                    raise ArchiveError(
                        f"The archive is incomplete: {label} has {found:,} rows, not {manifest.tables[label]:,}."
                    )
                say(f"{label}: {found:,}")
            number_on(kept)
            connection.check_constraints()
    except OSError as error:
        raise ArchiveError(f"The archive can’t be read: {error.strerror or error}.") from error
    except DatabaseError as error:
        reason = " ".join(str(error).split())[:200]
        raise ArchiveError(f"The archive is inconsistent: {reason}.") from error
    clear_all_caches()
    for kind in KINDS:
        say(f"search, {kind}: {rebuild(kind):,}")
    return manifest


def table_file(folder: Path, model: type[models.Model]) -> Path:
    """The file of a table in the folder of an archive."""
    return folder / "tables" / f"{model._meta.label_lower}.jsonl"


@contextmanager
def one_moment() -> Iterator[None]:
    """Run all queries inside on one snapshot, without blocking writers.

    Django's own transactions take SQLite's write lock at once here (settings), so this one is started by
    hand.
    """
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN" if connection.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


README = """\
This folder is a whole site: everything people wrote, and who they are.

KEEP IT AS SAFE AS A PASSWORD. It contains email addresses, private texts, password hashes and two-step verification keys.

manifest.json   what is in it: the version of the tables, rows by table, number of files
tables/         one file for each table, one row a line, as JSON: {"fields": {...}, "model": ..., "pk": ...}
media/          the files that people uploaded, under the names that the rows use
html/           published posts and pages with their comments, to be read offline: open html/index.html
wordpress.xml   posts, pages, tags and comments as WordPress would export them (WXR 1.2)

To turn it back into a site: install Long Table, and run  manage.py import_site FOLDER  before anyone signs up.
"""
