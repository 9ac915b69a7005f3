"""Pages of other sites that show the discussion of a post, by their own URLs."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import SiteSettings
from core.utils.urls import WebAddressValidator

INDEX = re.compile(r"/index\.(?:html?|php)\Z", re.IGNORECASE)


def page_key(address: str) -> str:
    """A normalised URL, without scheme, www, index.html, the last slash, query and fragment.

    "" if invalid.
    """
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").removeprefix("www.") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host:
        return ""
    path = INDEX.sub("/", unquote(parts.path)).rstrip("/")
    return "" if "\x00" in path else f"{host}{path}"[: EmbeddedPage.KEY_CHARACTERS]


def is_of_a_listed_site(address: str) -> bool:
    """Whether the host allows the site of this URL to show comments (SiteSettings.embed_origins)."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return False
    return f"{parts.scheme}://{parts.netloc.lower()}" in SiteSettings.current().embed_origins.split()


class EmbeddedPage(models.Model):
    """A page on another site that shows the comments of a post here, found by the URL of the page alone."""

    KEY_CHARACTERS = 500

    address = models.CharField(
        _("address of the page"),
        max_length=500,
        validators=[WebAddressValidator()],
        help_text=_("On a site that is listed in the settings, under Other sites."),
    )
    key = models.CharField(max_length=KEY_CHARACTERS, unique=True, editable=False)
    post = models.ForeignKey(
        "posts.Post", verbose_name=_("post"), on_delete=models.CASCADE, related_name="embedded_pages"
    )

    class Meta:
        verbose_name = _("page with embedded comments")
        verbose_name_plural = _("pages with embedded comments")

    def __str__(self) -> str:
        return self.address

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with the key by which the page is found."""
        self.key = page_key(self.address)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse pages of sites that are not listed, and a second row for one page.

        Raises ValidationError.
        """
        self.key = page_key(self.address)
        if not is_of_a_listed_site(self.address):
            raise ValidationError(
                {"address": _("List this site first: Settings, Site, Other sites.")}, code="not_listed"
            )
        if EmbeddedPage.objects.filter(key=self.key).exclude(pk=self.pk).exists():
            raise ValidationError({"address": _("This page already has a discussion.")}, code="unique")
