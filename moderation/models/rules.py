"""The host's own lists: words, domains and numbers of links for which comments are held or refused."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CommentRule(models.Model):
    """One entry of a list.

    `value` is a word or phrase as typed, or a domain; `limit` the largest number of links that is allowed.
    """

    class Kind(models.TextChoices):
        """What the comment must contain. LINKS: more than `limit` of them."""

        WORD = "word", _("word or phrase")
        DOMAIN = "domain", _("links to a domain")
        LINKS = "links", _("more links than")

    class Action(models.TextChoices):
        """HOLD: a moderator reviews it. REFUSE: it is not posted, and its author can change it."""

        HOLD = "hold", _("hold for review")
        REFUSE = "refuse", _("refuse")

    kind = models.CharField(_("what"), max_length=8, choices=Kind)
    value = models.CharField(_("word or domain"), max_length=253, blank=True)
    limit = models.PositiveSmallIntegerField(_("number of links"), null=True, blank=True)
    action = models.CharField(_("then"), max_length=8, choices=Action, default=Action.HOLD)
    note = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("The author sees it."))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        verbose_name = _("rule for comments")
        verbose_name_plural = _("rules for comments")
        ordering = ["kind", "value", "limit", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="one_rule_for_each_word_or_domain"),
            models.CheckConstraint(
                condition=Q(kind="links", value="", limit__isnull=False)
                | ~Q(kind="links") & ~Q(value="") & Q(limit=None),
                name="rule_has_a_value_or_a_limit",
            ),
        ]

    def __str__(self) -> str:
        return self.value or f"> {self.limit}"

    @property
    def refuses(self) -> bool:
        return self.action == self.Action.REFUSE
