"""The site's language and time zone, as the host has set them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import timezone, translation

from core.models import SiteSettings


@contextmanager
def site_locale() -> Iterator[None]:
    """Texts, dates and times inside are in the site's language and time zone. For requests and for the worker's tasks."""
    site = SiteSettings.current()
    language = site.language_code
    if language == settings.LANGUAGE_CODE and not site.time_zone:
        yield
        return
    with translation.override(language), timezone.override(site.zone):
        yield
