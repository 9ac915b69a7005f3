"""`manage.py read_bounce < mail`: for the mail server to hand over what comes back (docs/operations.md)."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from notifications.bounces import read_report

MOST_BYTES = 1_000_000


class Command(BaseCommand):
    help = "Reads one mail from standard input: a report that an alert came back, or was called unwanted. Stops further mail there."

    def handle(self, **_options: Any) -> None:
        self.stdout.write(read_report(sys.stdin.buffer.read(MOST_BYTES)) or "Not a report about a mail of ours.")
