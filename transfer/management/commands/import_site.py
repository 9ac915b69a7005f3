"""Import an exported folder into this empty site: `manage.py import_site FOLDER`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from transfer.site.errors import ArchiveError
from transfer.site.services import import_site


class Command(BaseCommand):
    help = "Imports an archive of `export_site`, with the same ids, into a site without members and posts. Imports all of it or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", help="a folder that `export_site` wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        say = self.stdout.write if options["verbosity"] > 1 else lambda line: None
        try:
            manifest = import_site(Path(options["folder"]), say=say)
        except ArchiveError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{sum(manifest.tables.values()):,} rows and {manifest.files:,} files imported. Everyone has to sign in again."
        )
        self.stdout.write(f"The archive is from {manifest.address}; here the address is SITE_URL.")
