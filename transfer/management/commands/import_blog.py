"""Import a blog from another system: `manage.py import_blog FILE`.

The format is detected from the contents.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from accounts.models import User
from core.utils.files import is_disk_full
from core.utils.text import one_line
from transfer.imports.report import counted
from transfer.imports.services import Options, Outcome, import_file, systems
from transfer.imports.stream import ImportRefused

LINE_EVERY = 5000


class Command(BaseCommand):
    help = "Imports posts, pages, comments and subscribers from another system's export. A second run adds only what is new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the export: a file, a zip, or a folder")
        parser.add_argument(
            "--format",
            choices=sorted(systems()),
            default="",
            help="the format of the export, if it isn’t recognised",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="show what would be imported and what would be lost, without writing anything",
        )
        parser.add_argument(
            "--author",
            metavar="USERNAME",
            help="the host on whose behalf to import; the first one by default",
        )
        parser.add_argument(
            "--address", default="", help="the address of the old site, if the export doesn’t contain it"
        )
        parser.add_argument(
            "--subscribers", action="store_true", help="import subscribers too, if they have agreed to it"
        )
        parser.add_argument(
            "--fetch-pictures",
            action="store_true",
            help="fetch pictures from the old site while it is online",
        )
        parser.add_argument(
            "--uploads",
            metavar="FOLDER",
            help="a folder or zip with the pictures, such as wp-content/uploads, if they aren’t in the export",
        )
        parser.add_argument(
            "--pingbacks", action="store_true", help="WordPress: import pingbacks and trackbacks as comments"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.verbosity = options["verbosity"]
        chosen = Options(
            by=self.host(options["author"]),
            system=options["format"],
            address=options["address"],
            is_dry_run=options["dry_run"],
            with_subscribers=options["subscribers"],
            fetch_pictures=options["fetch_pictures"],
            uploads=Path(options["uploads"]) if options["uploads"] else None,
            with_pings=options["pingbacks"],
        )
        path = options["file"]
        try:
            outcome = import_file(Path(path), chosen, progress=self.progress)
        except ImportRefused as error:
            raise CommandError(f"{path}: {error} Nothing was imported.") from None
        except (OSError, DatabaseError) as error:
            reason = "The disk is full." if is_disk_full(error) else f"{one_line(str(error))[:200]}."
            raise CommandError(f"{path}: {reason} Run the command again to continue.") from None
        self.show(path, outcome, is_dry_run=options["dry_run"])

    def host(self, username: str | None) -> User:
        if username:
            host = User.objects.filter(username__iexact=username, is_active=True).first()
            if host is None:
                raise CommandError(f"--author: there is no member {username}.")
            return host
        host = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if host is None:
            raise CommandError(
                "There is no host yet. Make one with `manage.py createsuperuser`, or name one with --author."
            )
        return host

    def show(self, path: str, outcome: Outcome, *, is_dry_run: bool) -> None:
        report = outcome.report
        if self.verbosity:
            self.stdout.write(f"Recognised as: {outcome.label}.")
            for line in [*report.lines(), *report.failures]:
                self.stdout.write(line)
        self.stdout.write(report.summary(is_dry_run=is_dry_run))
        if outcome.asked:
            self.stdout.write(f"Members asked whether earlier guest comments are theirs: {outcome.asked}.")
        if report.failures:
            failed = counted(len(report.failures), "post")
            raise CommandError(
                f"{path}: {failed} could not be imported. Run the command again to try only what is missing."
            )

    # --- progress: a bar in a terminal, otherwise an occasional line

    def progress(self, step: str, done: int, total: int) -> None:
        if not self.verbosity:
            return
        of = f" of {total:,}" if total else ""
        if self.stderr.isatty():
            bar = f"[{'#' * (30 * done // total):30}] " if total else ""
            ending = "\n" if total and done >= total else ""
            self.stderr.write(f"\r{step} {bar}{done:,}{of}", lambda text: text, ending=ending)
        elif done % LINE_EVERY == 0:
            self.stderr.write(f"{step}: {done:,}{of}.", lambda text: text)
