"""Addresses that leave the site: in feeds, in structured data, in mails."""

from urllib.parse import urljoin

from django.conf import settings


def absolute_url(address: str) -> str:
    """The whole address of a path of this site. By SITE_URL, never by the Host header a visitor sends."""
    return urljoin(f"{settings.SITE_URL}/", address)
