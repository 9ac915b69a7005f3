"""Note the link cards of earlier and imported comments for the worker to fetch: `manage.py note_cards`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from comments.services.linked_pages import note_all_cards


class Command(BaseCommand):
    help = "Notes the pages of cards in all public comments, for the worker to ask them. A second run adds nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LINKED_PAGES:
            raise CommandError("LINKED_PAGES is off: no page is asked.")
        count = note_all_cards()
        self.stdout.write(f"Comments with cards: {count}. The worker asks their pages one after the other.")
