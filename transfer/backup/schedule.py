"""Periodic work: backups when due, copies in the bucket, a weekly trial, and thinning out."""

import logging
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from core.models import Worker
from core.tasks.periodic import WORKER_KEY, periodic
from transfer.backup import bucket
from transfer.backup.databases import removed_after
from transfer.backup.errors import BackupError
from transfer.backup.services import NAME, WRITTEN, make_backup, try_backup
from transfer.models import Backup

logger = logging.getLogger(__name__)

# How many backups are kept: the newest ones, and before those the newest of each week and of each month.
DAYS, WEEKS, MONTHS = 7, 4, 12
TRIED_EVERY = timedelta(days=7)
# Leftovers of a killed run are deleted when no one can be working on them any more.
LEFT_AFTER = timedelta(days=1)
BUSY, BUSY_SECONDS = "backup-being-made", 12 * 3600


def is_on() -> bool:
    return bool(settings.BACKUP_DIR or bucket.has_bucket())


def folder() -> Path:
    """The folder for new backups. If only a bucket is set, they stay here until they are uploaded."""
    return Path(settings.BACKUP_DIR or settings.VAR_DIR / "backups")


@periodic(every=timedelta(minutes=30))
def back_up_when_due() -> None:
    """Back up every BACKUP_HOURS if BACKUP_DIR or BACKUP_BUCKET is set, and test the newest each week."""
    if not is_on():
        return
    with _alone() as is_alone:
        if not is_alone:
            return
        newest = Backup.objects.whole().first()
        if newest is None or newest.made_at < timezone.now() - timedelta(hours=settings.BACKUP_HOURS):
            newest = _make()
        send(newest)  # or an earlier one, if the bucket was unavailable
        if not Backup.objects.filter(tried_at__gt=timezone.now() - TRIED_EVERY).exists():
            note_trial(newest)


def back_up_now() -> None:
    """Make, upload and test a requested backup, and record errors. Does nothing while one is being made."""
    with _alone() as is_alone:
        if not is_alone:
            return
        try:
            made = make_and_send()
        except BackupError as error:
            logger.error("A requested backup failed: %s", error)
            Backup.objects.create(path="", size=0, error=str(error)[:300])
            return
        note_trial(made)


def make_and_send() -> Backup:
    """Make a backup in the folder and, if configured, in the bucket. Raises BackupError."""
    made = _make()
    send(made)
    return made


def note_trial(backup: Backup) -> None:
    """Test a backup, from the bucket if it is there, and record the result for the dashboard."""
    try:
        with removed_after(settings.VAR_DIR / f".fetched-{backup.name}") as scratch:
            path = bucket.get(backup.name, scratch) if backup.sent_at else Path(backup.path)
            try_backup(path, passphrase=settings.BACKUP_PASSPHRASE)
        backup.error = ""
    except BackupError as error:
        logger.error("The backup %s cannot be restored: %s", backup.path, error)
        backup.error = str(error)[:300]
    backup.tried_at = timezone.now()
    backup.save(update_fields=["error", "tried_at"])


def thin_out() -> list[str]:
    """Delete backups that are no longer kept, in the folder and the bucket. Returns their names."""
    here = folder()
    gone = set(superfluous(path.name for path in here.glob("*")))
    for name in gone:
        (here / name).unlink(missing_ok=True)
    in_bucket = bucket.names() if bucket.has_bucket() else []
    for name in superfluous(in_bucket):
        bucket.delete(name)
        gone.add(name)
    left = set(in_bucket) - gone
    for backup in Backup.objects.all():
        if not (backup.name in left or (backup.path and Path(backup.path).is_file())):
            backup.delete()
    _sweep(here, ".long-table-*.making")
    _sweep(settings.VAR_DIR, ".trial-*")
    _sweep(settings.VAR_DIR, ".fetched-*")
    return sorted(gone)


def superfluous(names: Iterable[str]) -> list[str]:
    """Those of our backups that are neither among the newest nor the newest of a recent week or month."""
    found = sorted((name for name in names if NAME.fullmatch(name)), reverse=True)
    needed, weeks, months = set(found[:DAYS]), dict[str, str](), dict[str, str]()
    for name in found:
        day = datetime.strptime(NAME.fullmatch(name)[1], WRITTEN).replace(tzinfo=UTC)  # type: ignore[index]  # matched above
        weeks.setdefault(f"{day:%G-%V}", name)
        months.setdefault(f"{day:%Y-%m}", name)
    needed |= {*list(weeks.values())[:WEEKS], *list(months.values())[:MONTHS]}
    return [name for name in found if name not in needed]


def _make() -> Backup:
    path = make_backup(folder(), passphrase=settings.BACKUP_PASSPHRASE)
    made = Backup.objects.create(path=str(path), size=path.stat().st_size)
    if not bucket.has_bucket():
        thin_out()
    return made


def send(backup: Backup) -> None:
    """Upload a backup, if there is a bucket and it is not there yet."""
    if not bucket.has_bucket() or backup.sent_at:
        return
    bucket.put(Path(backup.path))
    backup.sent_at = timezone.now()
    backup.save(update_fields=["sent_at"])
    # A backup that someone wrote to their own folder stays there.
    if not settings.BACKUP_DIR and Path(backup.path).parent == folder():
        Path(backup.path).unlink(missing_ok=True)
    thin_out()


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other worker is making a backup. A lock left by a killed worker is taken over."""
    mine = cache.add(BUSY, WORKER_KEY, BUSY_SECONDS)
    if not mine and not Worker.objects.alive().filter(key=cache.get(BUSY)).exists():
        cache.set(BUSY, WORKER_KEY, BUSY_SECONDS)
        mine = True
    try:
        yield mine
    finally:
        if mine:
            cache.delete(BUSY)


def _sweep(where: Path, pattern: str) -> None:
    before = (timezone.now() - LEFT_AFTER).timestamp()
    for path in where.glob(pattern):
        if path.stat().st_mtime < before:
            shutil.rmtree(path, ignore_errors=True)
