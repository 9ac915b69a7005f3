"""The log of actions on members."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from core.utils.dates import date_format
from moderation.models.member import Restriction
from moderation.models.texts import RemovalReason


class ModerationAction(models.Model):
    """A moderator's action on a member or a blocklist entry. Rows are never changed or deleted.

    The counterpart for comments is Decision.
    """

    class Action(models.TextChoices):
        SUSPEND = "suspend", _("suspended")
        BAN = "ban", _("banned")
        NETWORK = "network", _("blocked an IP range for new members")
        DOMAIN = "domain", _("blocked links to a domain")
        LIFT = "lift", _("lifted")
        LEVEL = "level", _("set a trust level")
        GRANT = "grant", _("accepted an appeal")
        DECLINE = "decline", _("rejected an appeal")

    action = models.CharField(_("member action"), max_length=10, choices=Action)
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("moderator"), on_delete=models.PROTECT, related_name="acts"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("member"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    # The subject, which is kept when the rows below are deleted with the member.
    restricted = models.CharField(_("kind"), max_length=10, choices=Restriction.Kind, blank=True)
    domain = models.CharField(_("domain"), max_length=253, blank=True)
    text = models.ForeignKey(
        RemovalReason,
        verbose_name=_("reason"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    restriction = models.ForeignKey(
        Restriction, on_delete=models.SET_NULL, null=True, blank=True, related_name="acts"
    )
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        db_table = "moderation_act"  # its former name
        verbose_name = _("member action")
        verbose_name_plural = _("member actions")
        indexes = [models.Index(fields=["-created_at", "-id"], name="acts_newest_first")]

    def __str__(self) -> str:
        return (
            f"{self.get_action_display()} {date_format(localtime(self.created_at), 'SHORT_DATETIME_FORMAT')}"
        )
