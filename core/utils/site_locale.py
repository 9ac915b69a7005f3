"""The language and the time zone of pages, tasks and emails: the site's, as the host has set them, or those of a reader."""

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation

from core.models import SiteSettings


@contextmanager
def site_locale(language: str = "") -> Iterator[None]:
    """Texts, dates and times inside are in the site's language and time zone. For requests and for the worker's tasks.

    language: of a reader who chose another one.
    """
    site = SiteSettings.current()
    language = language or site.language_code
    if language == settings.LANGUAGE_CODE and not site.time_zone:
        yield
        return
    with translation.override(language), timezone.override(site.zone):
        yield


def offered_language(wanted: str) -> str:
    """The language of somebody who chose this one, or none (""): the site's, where theirs is not offered (any more)."""
    site = SiteSettings.current()
    return wanted if wanted in site.offered else site.language_code


def language_to_keep() -> str:
    """What is stored with somebody who signs up or subscribes now: the language they read; "" for the site's."""
    site, now = SiteSettings.current(), translation.get_language() or ""
    return now if now in site.offered[1:] else ""


@contextmanager
def read_in(language: str, zone: ZoneInfo | None = None) -> Iterator[None]:
    """What is written inside is for somebody who reads this language ("": the site's), on these clocks (None: the site's)."""
    with (
        translation.override(offered_language(language)),
        timezone.override(zone or SiteSettings.current().zone),
    ):
        yield
