"""Import the posts and comments of a WordPress blog: `manage.py import_wordpress export.xml`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from comments.services.claims import ask_all
from transfer.wordpress.importer import Importer, Result, losses_in_words
from transfer.wordpress.reader import WxrError
from transfer.wordpress.survey import Survey, survey_file

LINE_EVERY = 2000


def counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


class Command(BaseCommand):
    help = "Imports a WordPress export (WXR): posts, tags, and comments with their threads. A second run adds only what is new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.xml", help="the export, as WordPress wrote it (Tools, Export)")
        parser.add_argument("--dry-run", action="store_true", help="show what would be imported and what would be lost, without writing anything")
        parser.add_argument("--author", metavar="USERNAME", help="the member who becomes the author of all posts, whatever the file says")

    def handle(self, *args: Any, **options: Any) -> None:
        author = User.objects.filter(username__iexact=options["author"]).first() if options["author"] else None
        if options["author"] and author is None:
            raise CommandError(f"--author: there is no member {options['author']}.")
        self.verbosity = options["verbosity"]
        path = options["file"]
        found = None
        try:
            with Path(path).open("rb") as file:
                found = survey_file(file, self.progress)
                file.seek(0)
                result = Importer(found, author=author, is_dry_run=options["dry_run"], progress=self.progress).run(file)
        except (OSError, WxrError) as error:
            reason = f"{error.strerror or error}." if isinstance(error, OSError) else error
            so_far = "Nothing was imported." if found is None else "Everything before that was imported; run the command again."
            raise CommandError(f"{path}: {reason} {so_far}") from None
        finally:
            self.end_progress()
        self.report(found, result, options["dry_run"])
        if not options["dry_run"] and (asked := ask_all()):
            self.stdout.write(f"Members asked whether earlier guest comments are theirs: {asked}.")
        if result.failures:
            failed = counted(len(result.failures), "post")
            raise CommandError(f"{path}: {failed} could not be imported. Everything else was imported; running the command again tries only what is missing.")

    def report(self, found: Survey, result: Result, is_dry_run: bool) -> None:
        if self.verbosity:
            for line in losses_in_words(found, result):
                self.stdout.write(line)
            for note in found.notes + result.notes + result.failures:
                self.stdout.write(note)
            for username in result.people:
                self.stdout.write(f"{'Would create' if is_dry_run else 'Created'} the member {username}, who can sign in by resetting their password.")
            for what, number in sorted(found.left_out.items()):
                self.stdout.write(f"Left out: {what}: {number}.")
        by = [counted(len(result.guests), "guest")] if result.guests or not result.commenters else []
        by += [counted(len(result.commenters), "member")] if result.commenters else []
        who = f" by {' and '.join(by)}" if result.comments else ""
        held = f" ({result.held} awaiting review)" if result.held else ""
        new = f"{counted(result.posts, 'post')}, {counted(result.comments, 'comment')}{who}{held}"
        old = (
            f"; {counted(result.known_posts, 'post')} and {counted(result.known_comments, 'comment')} were here already" if result.known_posts else ""
        )
        skipped = f"; {found.left_out.total()} skipped"
        if not (result.posts or result.comments):
            new = f"Nothing new: {new}"
        self.stdout.write(f"{new} {'would be imported' if is_dry_run else 'imported'}{old}{skipped}.")

    # --- progress: a bar in a terminal, a line now and then elsewhere

    bar_shown = False

    def progress(self, step: str, done: int, total: int) -> None:
        if not self.verbosity:
            return
        if self.stderr.isatty():
            bar = f"[{'#' * (30 * done // total):30}] " if total else ""
            self.stderr.write(f"\r{step} {bar}{done}{f' of {total}' if total else ''} comments", self.plain, ending="")
            self.bar_shown = True
        elif done % LINE_EVERY == 0:
            self.stderr.write(f"{step}: {done}{f' of {total}' if total else ''} comments.", self.plain)

    def end_progress(self) -> None:
        if self.bar_shown:
            self.stderr.write("", self.plain)

    @staticmethod
    def plain(text: str) -> str:
        return text
