"""Background tasks for members."""

import logging
from datetime import timedelta
from typing import cast

from django.conf import settings
from django.db import models
from django.utils import timezone
from django_tasks import task

from accounts.models import AccountDeletion, ChosenPicture, EmailCode, LinkFollowed, ProfileLink, User
from accounts.models.images import SETTLES_AFTER, SHAPES, sweep_pictures
from accounts.services.code_limits import outdated
from accounts.services.deletion import carry_out, put_off
from accounts.services.export import make_export, sweep_exports
from accounts.services.link_verification import fetch_and_check_link
from core.tasks.periodic import is_stopping, periodic

logger = logging.getLogger(__name__)

CHECKS_AT_A_TIME = 20
KEEP_COUNTS = timedelta(days=366)
DELETIONS_AT_ONCE = 5


@task(priority=-10)  # emails go first
def check_link(link_pk: int) -> None:
    fetch_and_check_link(link_pk)


@task(priority=-20)
def make_data_export(export_pk: int) -> None:
    make_export(export_pk)


@periodic(every=timedelta(hours=1))
def sweep_data_exports() -> int:
    return sweep_exports()


@periodic(every=timedelta(minutes=10))
def check_links_again() -> int:
    """Enqueue another check of links that were verified a month ago. Returns how many."""
    count = 0
    due = ProfileLink.objects.filter(next_check_at__lte=timezone.now(), user__is_active=True)
    for link in due.order_by("next_check_at")[:CHECKS_AT_A_TIME]:
        # Of several workers one takes it. If the task is lost, tomorrow's run retries.
        if ProfileLink.objects.filter(pk=link.pk, next_check_at=link.next_check_at).update(
            next_check_at=timezone.now() + timedelta(days=1)
        ):
            check_link.enqueue(link.pk)
            count += 1
    return count


@periodic(every=timedelta(days=1))
def forget_old_counts() -> int:
    """Delete click counts older than a year."""
    deleted, _by_model = LinkFollowed.objects.filter(day__lt=timezone.localdate() - KEEP_COUNTS).delete()
    return deleted


@periodic(every=timedelta(hours=1))
def delete_old_email_codes() -> int:
    """Delete emailed codes that no limit counts any more."""
    longest = max(seconds for rates in settings.EMAIL_CODE_RATES.values() for _count, seconds in rates)
    deleted, _by_model = EmailCode.objects.filter(
        created_at__lt=timezone.now() - timedelta(seconds=longest)
    ).delete()
    return deleted


@periodic(every=timedelta(hours=1))
def forget_code_tries() -> int:
    """Delete requested and wrong codes that no limit counts any more."""
    deleted, _by_model = outdated().delete()
    return deleted


@periodic(every=timedelta(days=1))
def sweep_profile_pictures() -> int:
    """Delete picture files that belong to no profile and no pending form. Returns how many."""
    ChosenPicture.objects.filter(created_at__lt=timezone.now() - SETTLES_AFTER).delete()
    chosen = set(ChosenPicture.objects.values_list("file", flat=True))
    swept = 0
    for field in SHAPES:
        folder = str(cast(models.FileField, User._meta.get_field(field)).upload_to).rstrip("/")
        swept += sweep_pictures(
            folder, chosen | set(User.objects.exclude(**{field: ""}).values_list(field, flat=True))
        )
    return swept


@periodic(every=timedelta(minutes=1))
def carry_out_deletions() -> int:
    """Carry out due deletions. Returns how many were completed."""
    due = AccountDeletion.objects.filter(due_at__lte=timezone.now()).order_by("due_at")
    finished = 0
    for account_deletion in list(due[:DELETIONS_AT_ONCE]):
        if is_stopping():
            break
        try:
            finished += carry_out(account_deletion)
        except Exception:
            # A deletion that always fails must not block those behind it.
            logger.exception("The deletion of account %s failed; it will be retried.", account_deletion.pk)
            put_off(account_deletion)
    return finished
