"""Render comments of an older renderer again: `manage.py render_comments [--all]`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from comments.services.rerender import rerender_outdated


class Command(BaseCommand):
    help = "Draws comments and members' words about themselves anew, where an older version of the renderer drew them. May run while people write."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--all", action="store_true", help="really all of them, for instance after MEDIA_URL changed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        is_terminal = self.stderr.isatty()
        said = 0

        def progress(done: int) -> None:
            nonlocal said
            if is_terminal:
                self.stderr.write(f"\rDrawn anew: {done}", ending="")
            elif done - said >= 10_000:
                said = done
                self.stderr.write(f"Drawn anew: {done}")

        done = rerender_outdated(
            everything=options["all"], progress=progress if options["verbosity"] else None
        )
        if is_terminal and done:
            self.stderr.write("")
        self.stdout.write(f"Drawn anew: {done}." if done else "All words are drawn by the newest renderer.")
