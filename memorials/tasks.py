"""What the worker does for memorials."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from core.tasks.periodic import periodic
from memorials.models import UNDO_FOR, Memorial
from memorials.services.book import sweep_books, write_book
from memorials.services.keeping import settle


@task(priority=-20)
def make_book(memorial_pk: int, asked_by: int) -> None:
    write_book(memorial_pk, asked_by)


@periodic(every=timedelta(hours=1))
def settle_memorials() -> int:
    """Returns how many can no longer be undone."""
    due = Memorial.objects.open().filter(opened_at__lt=timezone.now() - UNDO_FOR, settled_at=None)
    return sum(settle(memorial) for memorial in due[:20])


@periodic(every=timedelta(hours=1))
def sweep_old_books() -> int:
    return sweep_books()
