"""`manage.py setup_link`: the one-time URL for setting up a site without a host."""

from typing import Any

from django.core.management.base import BaseCommand

from dashboard.services.first_start import new_setup_link


class Command(BaseCommand):
    help = "Prints a one-time link for creating the site’s first host. Prints nothing if there is a host."

    def handle(self, **_options: Any) -> None:
        if link := new_setup_link():
            self.stdout.write("This site has no host yet. Open this address within an hour to set it up:")
            self.stdout.write(f"\n    {link}\n")
