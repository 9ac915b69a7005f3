"""Export the whole site as a folder of plain files: `manage.py export_site FOLDER`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from transfer.site.errors import ArchiveError
from transfer.site.services import export_site


class Command(BaseCommand):
    help = (
        "Writes the whole site into a new folder while it runs: tables as lines of JSON, uploaded files, readable pages"
        " and a WordPress export. `import_site` turns it back into a site."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", help="a folder that doesn’t exist yet, or is empty")

    def handle(self, *args: Any, **options: Any) -> None:
        target = Path(options["folder"]).absolute()
        say = self.stdout.write if options["verbosity"] > 1 else lambda line: None
        try:
            done = export_site(target, say=say)
        except ArchiveError as error:
            raise CommandError(str(error)) from None
        manifest = done.manifest
        self.stdout.write(
            f"{target}: {sum(manifest.tables.values()):,} rows in {len(manifest.tables)} tables, {manifest.files:,} files."
            " It contains email addresses and password hashes: keep it as safe as a password."
        )
        if done.waiting:
            self.stdout.write(
                f"Left out: {done.waiting:,} emails and notifications that are waiting to be sent."
                " If another site is to take over, let the worker finish and export again."
            )
