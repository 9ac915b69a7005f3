"""`manage.py count_cached_pages`: count pages that the reverse proxy served from its cache.

See docs/operations.md.
"""

import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.services.cached_pages import note_line
from dashboard.services.views import flush

# Log lines are shorter; longer messages are not ours.
MAX_BYTES = 16_384


class Command(BaseCommand):
    help = "Receives nginx’s log of the pages it serves from its cache, and counts them as views. Stop it with Ctrl+C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--listen",
            default="127.0.0.1:8125",
            metavar="ADDRESS:PORT",
            help="the address to which nginx sends its log (UDP)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        address, _colon, port = options["listen"].rpartition(":")
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as receiver:
            try:
                receiver.bind((address.strip("[]"), int(port)))
            except (OSError, OverflowError, ValueError) as error:
                raise CommandError(f"Cannot listen on {options['listen']}: {error}") from error
            self.stdout.write(f"Counting pages logged to {options['listen']}.")
            try:
                while True:
                    note_line(receiver.recv(MAX_BYTES))
            except KeyboardInterrupt:
                flush()
