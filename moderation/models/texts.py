"""Texts that moderators choose from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RefusalText(models.Model):
    """A reason that moderators choose instead of writing it anew. The host writes them; the title stands in the public log."""

    title = models.CharField(_("title"), max_length=60, unique=True, help_text=_("Short. Everybody reads it in the log of decisions."))
    words = models.TextField(_("words"), max_length=1000, help_text=_("What the person it is about reads."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_offered = models.BooleanField(_("offered to moderators"), default=True, help_text=_("What was used once stays for the log."))

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("text for refusals")
        verbose_name_plural = _("texts for refusals")

    def __str__(self) -> str:
        return self.title
