"""Queue the link cards of earlier and imported comments for the worker: `manage.py note_cards`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from comments.services.linked_pages import note_all_cards


class Command(BaseCommand):
    help = "Queues the linked pages of all public comments, so that the worker fetches them for link cards. A second run adds nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LINKED_PAGES:
            raise CommandError("LINKED_PAGES is off, so linked pages are not fetched.")
        count = note_all_cards()
        self.stdout.write(f"Comments with cards: {count}. The worker fetches the linked pages one by one.")
