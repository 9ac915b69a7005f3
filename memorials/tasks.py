"""Background tasks of memorials."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from accounts.models.images import sweep_pictures
from core.tasks.periodic import periodic
from memorials.models import UNDO_FOR, Book, Memorial, MemorialPicture
from memorials.services.book import sweep_books, write_book
from memorials.services.keeping import settle


@task(priority=-20)
def make_book(memorial_pk: int, asked_by: int) -> None:
    write_book(memorial_pk, asked_by)


@periodic(every=timedelta(hours=1))
def settle_memorials() -> int:
    """Settle memorials that can no longer be undone. Returns how many."""
    due = Memorial.objects.open().filter(opened_at__lt=timezone.now() - UNDO_FOR, settled_at=None)
    return sum(settle(memorial) for memorial in due[:20])


@periodic(every=timedelta(days=1))
def sweep_memorial_files() -> int:
    """Delete files of pictures and recordings without a row. Returns how many.

    A killed process or a failed transaction leaves such files.
    """
    in_use = {
        *MemorialPicture.objects.values_list("file", flat=True),
        *Memorial.objects.values_list("recording_file", flat=True),
        *Book.objects.values_list("file", flat=True),  # in the same place if there is only one bucket
    }
    return sweep_pictures("memorials", in_use)


@periodic(every=timedelta(hours=1))
def sweep_old_books() -> int:
    return sweep_books()
