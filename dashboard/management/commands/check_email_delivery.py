"""Report whether emails of this site are likely to arrive: `manage.py check_email_delivery`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.services.delivery import BAD, GOOD, look


class Command(BaseCommand):
    help = "Checks SPF, DKIM, DMARC, MX and reverse DNS of the sender’s domain. Exits with 1 if emails may be refused."

    def handle(self, *args: Any, **options: Any) -> None:
        found = look()
        for one in found:
            mark = "ok" if one.state == GOOD else "!!" if one.state == BAD else "! "
            self.stdout.write(f"{mark} {one.text}")
            if one.advice:
                self.stdout.write(f"   {one.advice}")
        if any(one.state == BAD for one in found):
            raise CommandError("Emails may be refused or land in spam folders.")
