"""Uploaded imports: the worker checks a file, the host reads the report, the worker imports it."""

import logging
import shutil
from datetime import timedelta
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from core.models import SiteSettings
from core.tasks.periodic import periodic
from core.utils.files import is_disk_full, room_for
from core.utils.locks import lock_row
from core.utils.text import one_line
from transfer.imports.bundle import Bundle, list_bytes
from transfer.imports.formats import recognise
from transfer.imports.services import SCRATCH, Options, Outcome, import_file, scratch_folder
from transfer.imports.stream import ImportRefused
from transfer.imports.wordpress import WORDPRESS, export_files
from transfer.models import ImportRun

logger = logging.getLogger(__name__)

KEEP_FILES = timedelta(days=14)
KEEP_SCRATCH = timedelta(days=1)
RUNNING = [ImportRun.State.CHECKING, ImportRun.State.IMPORTING]
ABANDONED = gettext_lazy(
    "Its worker was stopped again and again. Try again: what was imported stays, and is not imported twice."
)
FOLDER = "imports/"
# The file list of a zip with some thousands of files.
MAX_LIST_BYTES = 2**20


def private_storage() -> Storage:
    """The private storage, because an export contains email addresses and drafts."""
    return storages["private"]


def check_recognised(file: IO[bytes], name: str, system: str) -> None:
    """Check the format of an upload. Raises ValidationError with a message for the host.

    A zip with very many files takes seconds to list, so the worker detects its format.
    """
    with scratch_folder() as folder:
        path = folder / "upload"
        with path.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        file.seek(0)
        if list_bytes(path) > MAX_LIST_BYTES:
            return
        try:
            bundle = Bundle(path, one_line(name)[:200])
            try:
                is_wordpress = bool(export_files(bundle))
                if system == WORDPRESS and not is_wordpress:
                    raise ImportRefused(_("This doesn’t look like an export of WordPress."))
                if system != WORDPRESS and not (is_wordpress and not system):
                    recognise(bundle, system)
            finally:
                bundle.close()
        except ImportRefused as error:
            raise ValidationError(str(error), code="refused") from error


def begin(file: File, by: User, **options: Any) -> ImportRun:
    """Store an uploaded export and enqueue its check. Raises ValidationError if it cannot be stored."""
    with room_for("file"):
        name = private_storage().save(f"{FOLDER}export", file)
    with transaction.atomic():
        run = ImportRun.objects.create(
            started_by=by, file=name, file_name=one_line(file.name or "")[:200] or "export", **options
        )
        _enqueue(run)
    return run


def go_on(run: ImportRun) -> bool:
    """Import a checked file, or retry what stopped, including the check.

    Returns False if it is running or its file is gone.
    """
    state = ImportRun.State.IMPORTING if run.report else ImportRun.State.CHECKING
    ready = [ImportRun.State.CHECKED, ImportRun.State.FAILED, ImportRun.State.DONE]
    with transaction.atomic():
        changed = (
            ImportRun.objects.filter(pk=run.pk, state__in=ready)
            .exclude(file="")
            .update(state=state, done=0, total=0, error="", finished_at=None)
        )
        if changed:
            _enqueue(run)
    return bool(changed)


def _enqueue(run: ImportRun) -> None:
    from transfer.tasks import work_on_import  # noqa: PLC0415 - tasks imports this module

    work_on_import.enqueue(run.pk)


def work_on(pk: int) -> None:
    """Check or import the file of a run, depending on its state.

    The work of a killed worker is kept and not repeated.
    """
    run = ImportRun.objects.filter(pk=pk).select_related("started_by").first()
    if run is None or not run.is_running:
        return
    if run.started_by is None:
        _stopped(
            run,
            ImportRefused(
                _("The person who started it no longer has an account here. Upload the file again.")
            ),
        )
        return
    if not run.file:
        _stopped(run, ImportRefused(_("Its file is gone. Upload it again.")))
        return
    is_check = run.state == ImportRun.State.CHECKING
    try:
        outcome = _import_stored(run, run.started_by, is_dry_run=is_check)
    except Exception as error:  # noqa: BLE001 - the host must see any failure
        _stopped(run, error)
        if isinstance(error, ImportRefused):
            forget_file(run)  # the same file would be refused again
        return
    run.label, run.report = outcome.label, outcome.report.as_json(is_dry_run=is_check)
    run.state = ImportRun.State.CHECKED if is_check else ImportRun.State.DONE
    run.finished_at = timezone.now()
    run.save(update_fields=["label", "report", "state", "finished_at"])
    if not is_check and not outcome.report.failures:
        forget_file(run)


def _import_stored(run: ImportRun, by: User, *, is_dry_run: bool) -> Outcome:
    """Import the stored file of a run with its options, in the language of the site."""
    options = Options(
        by=by,
        system=run.system,
        address=run.address,
        is_dry_run=is_dry_run,
        with_subscribers=run.with_subscribers,
        fetch_pictures=run.fetch_pictures,
        with_pings=run.with_pings,
        sole_author=run.sole_author,
    )

    def progress(_step: str, done: int, total: int) -> None:
        ImportRun.objects.filter(pk=run.pk).update(done=done, total=total)

    with override(SiteSettings.current().language_code), scratch_folder() as folder:
        path = folder / "export"
        with private_storage().open(run.file) as stored, path.open("wb") as copy:
            shutil.copyfileobj(stored, copy)
        return import_file(path, options, name=run.file_name, progress=progress)


def _stopped(run: ImportRun, error: Exception) -> None:
    if isinstance(error, ImportRefused):
        message = str(error)
    elif is_disk_full(error):
        message = _(
            "The disk is full. Free some space, and try again: what was imported stays, and is not imported twice."
        )
    else:
        logger.error("The import %s stopped.", run.pk, exc_info=error)
        message = _(
            "It stopped (%(error)s). Try again: what was imported stays, and is not imported twice."
        ) % {"error": one_line(str(error))[:200]}
    ImportRun.objects.filter(pk=run.pk).update(
        state=ImportRun.State.FAILED, error=message[:500], finished_at=timezone.now()
    )


def forget_file(run: ImportRun) -> None:
    """Delete the uploaded file. The report stays."""
    if run.file:
        try:
            private_storage().delete(run.file)
        except OSError as error:
            logger.warning("%s could not be deleted: %s", run.file, error)
        ImportRun.objects.filter(pk=run.pk).update(file="")
        run.file = ""


@periodic(every=timedelta(hours=6))
def forget_old_files() -> None:
    """Delete files of imports that were not continued."""
    old = ImportRun.objects.exclude(file="").filter(created_at__lt=timezone.now() - KEEP_FILES)
    for run in old.exclude(state__in=RUNNING):
        forget_file(run)


@periodic(every=timedelta(minutes=10))
def stop_abandoned_runs() -> None:
    """Mark running imports as stopped if no task works on them: the worker was killed or the task deleted."""
    for pk in list(ImportRun.objects.filter(state__in=RUNNING).values_list("pk", flat=True)):
        with transaction.atomic():
            # Lock the run before reading the tasks, because continuing a run sets its state and task
            # together.
            run = lock_row(ImportRun.objects, pk)
            if run.is_running and not _has_open_task(run):
                logger.error("The import %s was abandoned by its worker.", pk)
                _stopped(run, ImportRefused(str(ABANDONED)))


def _has_open_task(run: ImportRun) -> bool:
    from transfer.tasks import work_on_import  # noqa: PLC0415 - tasks imports this module

    tasks = DBTaskResult.objects.filter(task_path=work_on_import.module_path)
    return any(
        task.args_kwargs["args"] == [run.pk]
        for task in tasks.filter(status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING])
    )


@periodic(every=timedelta(hours=6))
def delete_old_scratch_folders() -> None:
    """Delete folders left by killed processes, which contain email addresses and drafts."""
    before = (timezone.now() - KEEP_SCRATCH).timestamp()
    for folder in settings.VAR_DIR.glob(f"{SCRATCH}*"):
        try:
            used_at = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
            if used_at < before:
                shutil.rmtree(folder)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):  # another worker was faster
                logger.warning("%s could not be deleted: %s", folder, error)
