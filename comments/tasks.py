"""Background tasks for comments."""

from datetime import timedelta

from django_tasks import task

from accounts.models import User
from comments.services.linked_pages import due_pages, forget_pages, look_at_page
from comments.services.rerender import render_mentions_of
from core.tasks.periodic import periodic

PAGES_AT_A_TIME = 10


@task(priority=-10)  # emails go first
def renew_mentions(member_pk: int) -> None:
    """A member has another name: the comments that mention them show it."""
    if member := User.objects.public().filter(pk=member_pk).first():
        render_mentions_of(member)


@task(priority=-20)
def check_linked_page(page_pk: int) -> None:
    """Ask the page to which cards in comments lead."""
    look_at_page(page_pk)


@periodic(every=timedelta(minutes=10))
def check_linked_pages() -> int:
    """Ask some of the pages that are due. Returns how many."""
    pages = due_pages(PAGES_AT_A_TIME)
    for page in pages:
        check_linked_page.enqueue(page.pk)
    return len(pages)


@periodic(every=timedelta(days=1))
def forget_linked_pages() -> int:
    """What erased comments led to is known no longer than a day."""
    return forget_pages()
