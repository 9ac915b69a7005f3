"""Render comments of an older renderer again: `manage.py render_comments [--all]`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from comments.services.rerender import rerender_outdated


class Command(BaseCommand):
    help = "Renders comments and members' bios again if an older version of the renderer rendered them. Safe to run while the site is in use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--all",
            action="store_true",
            help="render all of them again, for example after a change of MEDIA_URL",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        is_terminal = self.stderr.isatty()
        reported = 0

        def progress(done: int) -> None:
            nonlocal reported
            if is_terminal:
                self.stderr.write(f"\rRendered: {done}", ending="")
            elif done - reported >= 10_000:
                reported = done
                self.stderr.write(f"Rendered: {done}")

        done = rerender_outdated(
            everything=options["all"], progress=progress if options["verbosity"] else None
        )
        if is_terminal and done:
            self.stderr.write("")
        self.stdout.write(
            f"Rendered: {done}." if done else "Nothing to do: the current renderer rendered everything."
        )
