"""Backups and exports made by the worker, and imports started by hosts."""

from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from posts.models import Post


class BackupQuerySet(models.QuerySet["Backup"]):
    """The backups that are known here."""

    def whole(self) -> "BackupQuerySet":
        """Completed backups, newest first, without failed attempts."""
        return self.exclude(path="").order_by("-made_at", "-pk")


class Backup(models.Model):
    """A file in BACKUP_DIR, BACKUP_BUCKET or both; without a path, a failed attempt.

    sent_at: when it was copied to the bucket. tried_at: when it was last restored into a scratch database;
    error: why that, or making it, failed.
    """

    path = models.CharField(_("file"), max_length=500)
    size = models.PositiveBigIntegerField(_("size"), help_text="In bytes.")
    made_at = models.DateTimeField(_("created at"), default=timezone.now, db_index=True)
    sent_at = models.DateTimeField(_("sent to the bucket at"), null=True, blank=True)
    tried_at = models.DateTimeField(_("tested at"), null=True, blank=True, db_index=True)
    error = models.CharField(_("what is wrong with it"), max_length=300, blank=True)

    objects = BackupQuerySet.as_manager()

    class Meta:
        verbose_name = _("backup")
        verbose_name_plural = _("backups")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name or f"{self.made_at:%Y-%m-%d %H:%M}"

    @property
    def name(self) -> str:
        """The file name, the same in the folder and the bucket."""
        return PurePath(self.path).name


class SiteExport(models.Model):
    """An archive of the site in the private storage, kept for some days; without a file, a failed attempt."""

    file = models.CharField(max_length=200, blank=True, editable=False)
    size = models.PositiveBigIntegerField(_("size"), default=0, help_text="In bytes.")
    made_at = models.DateTimeField(_("created at"), default=timezone.now, db_index=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("export of the site")
        verbose_name_plural = _("exports of the site")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M}"


class ImportRun(models.Model):
    """An uploaded export, which the worker first checks and then imports. The report is kept, not the file.

    file: its name in the private storage, "" once it is deleted. report: in the form of
    transfer.imports.report.Report.as_json.
    """

    class State(models.TextChoices):
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked")
        IMPORTING = "importing", _("being imported")
        DONE = "done", _("imported")
        FAILED = "failed", _("failed")

    state = models.CharField(_("status"), max_length=9, choices=State, default=State.CHECKING)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("started by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    file_name = models.CharField(_("file"), max_length=200)
    file = models.CharField(max_length=200, blank=True, editable=False)
    system = models.CharField(max_length=20, blank=True)
    label = models.CharField(_("format"), max_length=100, blank=True)
    address = models.URLField(max_length=300, blank=True)
    with_subscribers = models.BooleanField(default=False)
    fetch_pictures = models.BooleanField(default=False)
    with_pings = models.BooleanField(default=False)
    sole_author = models.BooleanField(default=False)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(_("uploaded at"), default=timezone.now, db_index=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ("add", "view", "delete")

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_running(self) -> bool:
        return self.state in {self.State.CHECKING, self.State.IMPORTING}

    def posts_here(self) -> "models.QuerySet[Post]":
        """The first posts and pages that it created or added comments to, and that still exist."""
        return Post.objects.filter(pk__in=self.report.get("posts", []), trashed_at__isnull=True).order_by(
            "pk"
        )

    @property
    def percent(self) -> int:
        """The progress; 0 while the file is still being read."""
        return min(100, 100 * self.done // self.total) if self.total else 0
