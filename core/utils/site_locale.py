"""The language and the time zone of pages, tasks and emails: the site's, or those of a reader."""

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation

from core.models import SiteSettings


@contextmanager
def site_locale(language: str = "") -> Iterator[None]:
    """Use the site's language and time zone in this block. For requests and the worker's tasks.

    language: the choice of a reader.
    """
    site = SiteSettings.current()
    language = language or site.language_code
    if language == settings.LANGUAGE_CODE and not site.time_zone:
        yield
        return
    with translation.override(language), timezone.override(site.zone):
        yield


def offered_language(wanted: str) -> str:
    """The language for someone who chose this one or none (""): the site's, if theirs is not offered."""
    site = SiteSettings.current()
    return wanted if wanted in site.offered else site.language_code


def language_to_keep() -> str:
    """The current language, to be stored with someone who signs up or subscribes; "" for the site's."""
    site, now = SiteSettings.current(), translation.get_language() or ""
    return now if now in site.offered[1:] else ""


@contextmanager
def read_in(language: str, zone: ZoneInfo | None = None) -> Iterator[None]:
    """Write for someone with this language and time zone in this block; "" and None mean the site's."""
    with (
        translation.override(offered_language(language)),
        timezone.override(zone or SiteSettings.current().zone),
    ):
        yield
