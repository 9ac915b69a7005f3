"""Background tasks for comments."""

from datetime import timedelta

from django_tasks import task

from accounts.models import User
from comments.services.linked_pages import due_pages, fetch_linked_page, forget_pages
from comments.services.rerender import render_mentions_of
from core.tasks.periodic import periodic

PAGES_AT_A_TIME = 10


@task(priority=-10)  # emails go first
def renew_mentions(member_pk: int) -> None:
    """Render comments that mention a member again after their name changed."""
    if member := User.objects.public().filter(pk=member_pk).first():
        render_mentions_of(member)


@task(priority=-20)
def check_linked_page(page_pk: int) -> None:
    """Fetch a page that cards in comments link to."""
    fetch_linked_page(page_pk)


@periodic(every=timedelta(minutes=10))
def check_linked_pages() -> int:
    """Enqueue some of the pages that are due. Returns how many."""
    pages = due_pages(PAGES_AT_A_TIME)
    for page in pages:
        check_linked_page.enqueue(page.pk)
    return len(pages)


@periodic(every=timedelta(days=1))
def forget_linked_pages() -> int:
    """Delete pages whose comments were erased, within a day."""
    return forget_pages()
