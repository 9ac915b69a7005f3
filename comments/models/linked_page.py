"""Pages on other sites that are linked by cards in comments."""

from collections.abc import Iterable

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.markup.cards import PageFacts

LONGEST_ADDRESS = 500


class LinkedPage(models.Model):
    """A linked page: its title and date when it was first fetched, and whether it still exists.

    Contains addresses only, nothing about members. Written by comments.services.linked_pages alone.
    """

    url = models.CharField(_("address"), max_length=LONGEST_ADDRESS, unique=True)
    title = models.CharField(_("title"), max_length=200, blank=True)
    dated = models.DateField(_("date"), null=True, blank=True)
    # The date of the first comment that links to it.
    linked_on = models.DateField(default=timezone.localdate)
    # When it last existed.
    found_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(default=timezone.now)
    # Weeks until the next check, as long as nothing changes.
    weeks = models.PositiveSmallIntegerField(default=1)
    # Since when, and on how many days in a row, it was missing; and since when that is considered certain.
    failing_since = models.DateField(null=True, blank=True)
    failed_days = models.PositiveSmallIntegerField(default=0)
    gone_since = models.DateField(_("unavailable since"), null=True, blank=True)

    class Meta:
        verbose_name = _("linked page")
        verbose_name_plural = _("linked pages")
        constraints = [
            models.CheckConstraint(
                condition=Q(gone_since=None) | Q(failing_since__isnull=False), name="gone_page_has_failed"
            )
        ]
        indexes = [models.Index(fields=["next_check_at"], name="linked_pages_due")]

    def __str__(self) -> str:
        return self.url

    @property
    def facts(self) -> PageFacts:
        return PageFacts(self.title, self.dated, self.linked_on, self.gone_since)


class LinkedPageUse(models.Model):
    """A comment with a card of the page. May be outdated until the page is fetched again."""

    page = models.ForeignKey(LinkedPage, on_delete=models.CASCADE, related_name="uses", db_index=False)
    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, related_name="linked_pages")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "comment"], name="one_use_of_a_page_in_a_comment")
        ]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.page_id}"


def facts_of_pages(urls: Iterable[str]) -> dict[str, PageFacts]:
    """What is known of the pages with these URLs. One query."""
    return {page.url: page.facts for page in LinkedPage.objects.filter(url__in=list(urls))}
