"""Background tasks for comments."""

from django_tasks import task

from accounts.models import User
from comments.services.rerender import render_mentions_of


@task(priority=-10)  # emails go first
def renew_mentions(member_pk: int) -> None:
    """A member has another name: the comments that mention them show it."""
    if member := User.objects.public().filter(pk=member_pk).first():
        render_mentions_of(member)
