"""Removal reasons."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RemovalReason(models.Model):
    """A removal reason for moderators to choose, written by the host.

    The title is shown in the public log.
    """

    title = models.CharField(
        _("title"), max_length=60, unique=True, help_text=_("Short. Public in the moderation log.")
    )
    words = models.TextField(_("message"), max_length=1000, help_text=_("Shown to the member it’s about."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_offered = models.BooleanField(
        _("available to moderators"), default=True, help_text=_("Texts that have been used stay for the log.")
    )

    class Meta:
        db_table = "moderation_refusaltext"  # its former name
        ordering = ["position", "pk"]
        verbose_name = _("removal reason")
        verbose_name_plural = _("removal reasons")

    def __str__(self) -> str:
        return self.title
