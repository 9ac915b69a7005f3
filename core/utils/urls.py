"""Web addresses: absolute ones for feeds and emails, and those entered by people."""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.urls import get_script_prefix, reverse
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _

AUTHORITY = re.compile(r"(?<=://)[^/?#]*")


def absolute_url(address: str) -> str:
    """The absolute address of a path of this site. By SITE_URL, never by the Host header of a request."""
    return urljoin(f"{settings.SITE_URL}/", address)


def path_of(name: str, *args: Any) -> str:
    """As `reverse`, which takes some forty microseconds each time: for what pages name again and again."""
    return _path_of(settings.ROOT_URLCONF, get_script_prefix(), name, *args)


@lru_cache(maxsize=4096)
def _path_of(_urls: str, _prefix: str, name: str, *args: Any) -> str:
    return reverse(name, args=args)


@deconstructible
class WebAddressValidator(URLValidator):
    """An address with http or https. Unlike Django's it allows "_" in a host except in the last part, as old blogs have it.

    No name of a machine may hold one (RFC 952), yet DNS carries it (RFC 2181, section 11) and browsers open it.
    """

    schemes = ["http", "https"]

    def __call__(self, value: Any) -> None:
        """Raises ValidationError. What stands before an "@" is a password, or made to look like another host."""
        if isinstance(value, str) and (found := AUTHORITY.search(value)) and "@" in found[0]:
            raise ValidationError(
                _("Remove the user name and password from the address."),
                code="has_password",  # not "invalid", for which form fields have a text of their own
                params={"value": value},
            )
        super().__call__(
            AUTHORITY.sub(_without_underscores, value, count=1) if isinstance(value, str) else value
        )


def _without_underscores(authority: re.Match[str]) -> str:
    host, dot, last = authority[0].rpartition(".")
    return host.replace("_", "x") + dot + last


class WebAddressModelField(models.URLField):
    """An address of the web as a column."""

    default_validators = [WebAddressValidator()]

    def formfield(self, **kwargs: Any) -> Any:
        """In forms, what is typed without a scheme is taken for https."""
        return super().formfield(**{"assume_scheme": "https"} | kwargs)

    def deconstruct(self) -> Any:
        """To a migration it is Django's: the column is the same."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.URLField", args, kwargs


def mail_domain() -> str:
    """The domain in the Message-ID of this site's emails: the host of SITE_URL, in ASCII (RFC 5322, 3.6.4).

    Never the name of the machine: it is private, and often not a public name.
    """
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return "localhost"
