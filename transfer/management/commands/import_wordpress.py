"""Import the posts and comments of a WordPress blog: `manage.py import_wordpress export.xml`."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from accounts.models import User
from comments.services.claims import ask_all
from core.utils.files import is_disk_full
from core.utils.text import one_line
from transfer.wordpress.importer import Importer, Result, losses_in_words
from transfer.wordpress.reader import WxrError
from transfer.wordpress.survey import Survey, survey_file

LINE_EVERY = 2000


def counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def reason_for(error: OSError | WxrError | DatabaseError) -> str:
    """One sentence for the person at the terminal."""
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
    """Send what standard output still holds nowhere: Python would try to write it again at the end, and print a traceback."""
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
            "file", metavar="FILE.xml", help="the export, as WordPress wrote it (Tools, Export)"
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="show what would be imported and what would be lost, without writing anything",
        )
        parser.add_argument(
            "--author",
            metavar="USERNAME",
            help="the member who becomes the author of all posts, whatever the file says",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        author = (
            User.objects.filter(username__iexact=options["author"]).first() if options["author"] else None
        )
        if options["author"] and author is None:
            raise CommandError(f"--author: there is no member {options['author']}.")
        self.verbosity, path, is_dry_run = options["verbosity"], options["file"], options["dry_run"]
        self.so_far = "Nothing was imported."
        try:
            found, result, asked = self.import_file(path, author, is_dry_run)
        except (OSError, WxrError, DatabaseError) as error:
            raise CommandError(f"{path}: {reason_for(error)} {self.so_far}") from None
        finally:
            self.end_progress()
        try:
            self.report(found, result, asked, is_dry_run)
            self.stdout.flush()
        except OSError as error:
            discard_output()
            raise CommandError(
                f"The report could not be written: {reason_for(error)} {self.so_far}"
            ) from None
        if result.failures:
            failed = counted(len(result.failures), "post")
            raise CommandError(
                f"{path}: {failed} could not be imported. Everything else was imported; running the command again tries only what is missing."
            )

    def import_file(self, path: str, author: User | None, is_dry_run: bool) -> tuple[Survey, Result, int]:
        """Returns what is in the file, what was imported, and how many members are asked about comments of guests."""
        with Path(path).open("rb") as file:
            found = survey_file(file, self.progress)
            file.seek(0)
            if not is_dry_run:
                self.so_far = "Everything before that was imported; run the command again."
            result = Importer(found, author=author, is_dry_run=is_dry_run, progress=self.progress).run(file)
        asked = 0 if is_dry_run else ask_all()
        if not is_dry_run:
            self.so_far = "The import itself is complete."
        return found, result, asked

    def report(self, found: Survey, result: Result, asked: int, is_dry_run: bool) -> None:
        if self.verbosity:
            for line in losses_in_words(found, result):
                self.stdout.write(line)
            for note in found.notes + result.notes + result.failures:
                self.stdout.write(note)
            for username in result.people:
                self.stdout.write(
                    f"{'Would create' if is_dry_run else 'Created'} the member {username}, who can sign in by resetting their password."
                )
            for what, number in sorted(found.left_out.items()):
                self.stdout.write(f"Left out: {what}: {number}.")
        by = [counted(len(result.guests), "guest")] if result.guests or not result.commenters else []
        by += [counted(len(result.commenters), "member")] if result.commenters else []
        who = f" by {' and '.join(by)}" if result.comments else ""
        held = f" ({result.held} awaiting review)" if result.held else ""
        new = f"{counted(result.posts, 'post')}, {counted(result.comments, 'comment')}{who}{held}"
        old = (
            f"; {counted(result.known_posts, 'post')} and {counted(result.known_comments, 'comment')} were here already"
            if result.known_posts
            else ""
        )
        skipped = f"; {found.left_out.total()} skipped"
        if not (result.posts or result.comments):
            new = f"Nothing new: {new}"
        self.stdout.write(f"{new} {'would be imported' if is_dry_run else 'imported'}{old}{skipped}.")
        if asked:
            self.stdout.write(f"Members asked whether earlier guest comments are theirs: {asked}.")

    # --- progress: a bar in a terminal, a line now and then elsewhere

    bar_shown = False

    def progress(self, step: str, done: int, total: int) -> None:
        if not self.verbosity:
            return
        if self.stderr.isatty():
            bar = f"[{'#' * (30 * done // total):30}] " if total else ""
            self.stderr.write(
                f"\r{step} {bar}{done}{f' of {total}' if total else ''} comments", self.plain, ending=""
            )
            self.bar_shown = True
        elif done % LINE_EVERY == 0:
            self.stderr.write(f"{step}: {done}{f' of {total}' if total else ''} comments.", self.plain)

    def end_progress(self) -> None:
        if self.bar_shown:
            self.stderr.write("", self.plain)

    @staticmethod
    def plain(text: str) -> str:
        return text
