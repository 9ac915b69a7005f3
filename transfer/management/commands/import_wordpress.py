"""Import the posts and comments of a WordPress blog: `manage.py import_wordpress export.xml`."""

import errno
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from accounts.models import User
from comments.services.claims import ask_existing_members
from core.utils.files import is_disk_full
from core.utils.text import one_line
from transfer.imports.services import Options, opened, pictures_for
from transfer.imports.stream import ImportRefused
from transfer.imports.wordpress import Choices, export_files, survey_files, write_files
from transfer.wordpress.reader import WxrError
from transfer.wordpress.result import Result, losses_in_words
from transfer.wordpress.survey import Survey

LINE_EVERY = 2000


def counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def reason_for(error: OSError | WxrError | ImportRefused | DatabaseError) -> str:
    """The error as one sentence for the terminal."""
    if is_disk_full(error):
        return "The disk is full."
    if isinstance(error, OSError):
        return f"{error.strerror or error}."
    return (
        f"The database reports: {one_line(str(error))[:200]}."
        if isinstance(error, DatabaseError)
        else str(error)
    )


def discard_output() -> None:
    """Discard buffered output: Python would write it again on exit and print a traceback."""
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):  # not a file, as in tests
        return
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), descriptor)


class Command(BaseCommand):
    help = "Imports a WordPress export (WXR): posts, tags, and comments with their threads. A second run adds only what is new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            metavar="FILE.xml",
            help="the export file of WordPress (Tools, Export), also as .xml.gz; or a zip or folder with all export files and uploads",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="show what would be imported and what would be lost, without writing anything",
        )
        parser.add_argument(
            "--author",
            metavar="USERNAME",
            help="the member to make the author of all posts, regardless of the export",
        )
        parser.add_argument(
            "--uploads",
            metavar="FOLDER",
            help="a folder or zip with wp-content/uploads, to take pictures from",
        )
        parser.add_argument(
            "--fetch-pictures",
            action="store_true",
            help="fetch pictures from the old site while it is online",
        )
        parser.add_argument(
            "--pingbacks", action="store_true", help="import pingbacks and trackbacks as comments"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        author = (
            User.objects.filter(username__iexact=options["author"]).first() if options["author"] else None
        )
        if options["author"] and author is None:
            raise CommandError(f"--author: there is no member {options['author']}.")
        if options["uploads"] and not Path(options["uploads"]).exists():
            raise CommandError(f"--uploads: there is no {options['uploads']}.")
        self.verbosity, path, is_dry_run = options["verbosity"], options["file"], options["dry_run"]
        self.so_far = "Nothing was imported."
        try:
            results, claims = self.import_file(path, author, options)
        except (OSError, WxrError, ImportRefused, DatabaseError) as error:
            raise CommandError(f"{path}: {reason_for(error)} {self.so_far}") from None
        finally:
            self.end_progress()
        try:
            self.report(results, claims, is_dry_run)
            self.stdout.flush()
        except OSError as error:
            discard_output()
            raise CommandError(
                f"The report could not be written: {reason_for(error)} {self.so_far}"
            ) from None
        if failures := [failure for _found, result in results for failure in result.failures]:
            failed = counted(len(failures), "post")
            raise CommandError(
                f"{path}: {failed} could not be imported. Everything else was imported; running the command again tries only what is missing."
            )

    def import_file(
        self, path: str, author: User | None, options: dict[str, Any]
    ) -> tuple[list[tuple[Survey, Result]], int]:
        """Import a file or several.

        Returns what each file contains and what was imported, and how many members are asked about guest
        comments.
        """
        source, is_dry_run = Path(path), options["dry_run"]
        if source.is_dir() and not any(source.glob("*.xml")):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        chosen = Options(
            by=author or User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first(),
            is_dry_run=is_dry_run,
            fetch_pictures=options["fetch_pictures"],
            uploads=Path(options["uploads"]) if options["uploads"] else None,
        )
        choices = Choices(author, options["pingbacks"], is_dry_run)
        with opened(source) as bundle, pictures_for(bundle, chosen) as pictures:
            names = bundle.names if bundle.is_single else export_files(bundle)
            if not names:
                raise WxrError("there is no WordPress export in it.")
            surveys = survey_files(bundle, names, choices, self.progress)
            if not is_dry_run:
                self.so_far = "Everything before that was imported; run the command again."
            files = dict(zip(names, surveys, strict=True))
            results = write_files(bundle, files, pictures, choices, self.progress)
        claims = 0 if is_dry_run else ask_existing_members()
        if not is_dry_run:
            self.so_far = "The import itself is complete."
        return results, claims

    def report(self, results: list[tuple[Survey, Result]], claims: int, is_dry_run: bool) -> None:
        whole = Result()
        for found, result in results:
            if self.verbosity:
                self.print_losses(found, result, is_dry_run)
            whole.add(result)
        skipped = sum(found.left_out.total() for found, _result in results)
        self.stdout.write(self.figures(whole, skipped, is_dry_run))
        if claims:
            self.stdout.write(f"Members asked whether earlier guest comments are theirs: {claims}.")

    def print_losses(self, found: Survey, result: Result, is_dry_run: bool) -> None:
        for line in [*losses_in_words(found, result), *found.notes, *result.notes, *result.failures]:
            self.stdout.write(line)
        for username in result.people:
            self.stdout.write(
                f"{'Would create' if is_dry_run else 'Created'} the member {username}, who can sign in by resetting their password."
            )
        for what, number in sorted(found.left_out.items()):
            self.stdout.write(f"Left out: {what}: {number}.")

    def figures(self, result: Result, skipped: int, is_dry_run: bool) -> str:
        by = [counted(len(result.guests), "guest")] if result.guests or not result.commenters else []
        by += [counted(len(result.commenters), "member")] if result.commenters else []
        who = f" by {' and '.join(by)}" if result.comments else ""
        held = f" ({result.held} awaiting review)" if result.held else ""
        pages = f"{counted(result.pages, 'page')}, " if result.pages else ""
        pictures = f", {counted(result.pictures, 'picture')}" if result.pictures else ""
        new = f"{counted(result.posts, 'post')}, {pages}{counted(result.comments, 'comment')}{who}{held}{pictures}"
        old = (
            f"; {counted(result.known_posts, 'post')} and {counted(result.known_comments, 'comment')} already exist"
            if result.known_posts
            else ""
        )
        if not (result.posts or result.pages or result.comments):
            new = f"Nothing new: {new}"
        return f"{new} {'would be imported' if is_dry_run else 'imported'}{old}; {skipped} skipped."

    # --- progress: a bar in a terminal, otherwise an occasional line

    bar_shown = False

    def progress(self, step: str, done: int, total: int) -> None:
        if not self.verbosity:
            return
        unit = "" if step == "Pictures" else " comments"
        if self.stderr.isatty():
            bar = f"[{'#' * (30 * done // total):30}] " if total else ""
            self.stderr.write(
                f"\r{step} {bar}{done}{f' of {total}' if total else ''}{unit}", self.plain, ending=""
            )
            self.bar_shown = True
        elif done % LINE_EVERY == 0:
            self.stderr.write(f"{step}: {done}{f' of {total}' if total else ''}{unit}.", self.plain)

    def end_progress(self) -> None:
        if self.bar_shown:
            self.stderr.write("", self.plain)

    @staticmethod
    def plain(text: str) -> str:
        return text
