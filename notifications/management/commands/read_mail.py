"""`manage.py read_mail < mail`: for the mail server to hand over replies and bounces (docs/operations.md)."""

import os
import re
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError

from notifications.inbound.services import InboundResult, take_mail


class Command(BaseCommand):
    help = "Processes one email from standard input: a reply to a notification, or a bounce or complaint about one."

    def handle(self, **_options: Any) -> None:
        raw = sys.stdin.buffer.read(settings.REPLY_MAX_BYTES + 1)
        is_whole = len(raw) <= settings.REPLY_MAX_BYTES
        try:
            arrived = take_mail(
                raw if is_whole else re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0], is_whole=is_whole
            )
        except (OperationalError, InterfaceError) as error:
            # The mail server keeps it and tries again (sysexits.h).
            self.stderr.write(f"The database can’t be reached: {error}")
            sys.exit(os.EX_TEMPFAIL)
        if arrived is InboundResult.BROKEN:
            # The mail server tells the sender that it could not be read.
            sys.exit(os.EX_DATAERR)
        self.stdout.write(f"Processed: {arrived}.")
