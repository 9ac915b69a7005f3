"""What is known about backups that the worker made."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Backup(models.Model):
    """A file in BACKUP_DIR. tried_at: when it was last restored into a scratch database; error: why that failed."""

    path = models.CharField(_("file"), max_length=500)
    size = models.PositiveBigIntegerField(_("size"), help_text="In bytes.")
    made_at = models.DateTimeField(_("made at"), default=timezone.now, db_index=True)
    tried_at = models.DateTimeField(_("tried at"), null=True, blank=True, db_index=True)
    error = models.CharField(_("what is wrong with it"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("backup")
        verbose_name_plural = _("backups")
        default_permissions = ()

    def __str__(self) -> str:
        return self.path
