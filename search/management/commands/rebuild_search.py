"""Rebuild the search index: `manage.py rebuild_search [--only comments]`.

The search works in the meantime.
"""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from search.services import KINDS, rebuild


class Command(BaseCommand):
    help = "Rebuilds the search index while the site is running. Needed after a change of SEARCH_BACKEND or LANGUAGE_CODE."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", choices=list(KINDS), help="rebuild one kind only")

    def handle(self, *args: Any, **options: Any) -> None:
        for kind in [options["only"]] if options["only"] else KINDS:
            self._rebuild(kind)

    def _rebuild(self, kind: str) -> None:
        total, began = KINDS[kind].rows().count(), time.monotonic()
        finished, shown_at = 0, began

        def progress(count: int) -> None:
            nonlocal finished, shown_at
            finished += count
            if self.stdout.isatty() and time.monotonic() > shown_at + 1:
                shown_at = time.monotonic()
                self.stdout.write(f"{kind}: {finished:,} of {total:,}")

        count = rebuild(kind, done=progress)
        self.stdout.write(f"{kind}: {count:,} indexed in {time.monotonic() - began:.1f} s")
