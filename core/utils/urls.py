"""URLs: absolute ones for feeds and emails, and those that users enter."""

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
    """The absolute URL of a path of this site. From SITE_URL, never from the Host header of a request."""
    return urljoin(f"{settings.SITE_URL}/", address)


def path_of(name: str, *args: Any) -> str:
    """A cached `reverse`, which takes some forty microseconds each time.

    For URLs that pages contain many times.
    """
    return _path_of(settings.ROOT_URLCONF, get_script_prefix(), name, *args)


@lru_cache(maxsize=4096)
def _path_of(_urls: str, _prefix: str, name: str, *args: Any) -> str:
    return reverse(name, args=args)


@deconstructible
class WebAddressValidator(URLValidator):
    """An http or https URL.

    Unlike Django's it allows "_" in a host, except in the last part, as in old blogs.

    Host names must not contain it (RFC 952), but DNS allows it (RFC 2181, section 11) and browsers open it.
    """

    schemes = ["http", "https"]

    def __call__(self, value: Any) -> None:
        """Raises ValidationError. Text before an "@" is a password, or imitates another host."""
        if isinstance(value, str) and (found := AUTHORITY.search(value)) and "@" in found[0]:
            raise ValidationError(
                _("Remove the user name and password from the address."),
                code="has_password",  # not "invalid", for which form fields have a message of their own
                params={"value": value},
            )
        super().__call__(
            AUTHORITY.sub(_without_underscores, value, count=1) if isinstance(value, str) else value
        )


def _without_underscores(authority: re.Match[str]) -> str:
    host, dot, last = authority[0].rpartition(".")
    return host.replace("_", "x") + dot + last


class WebAddressModelField(models.URLField):
    """A column for a URL."""

    default_validators = [WebAddressValidator()]

    def formfield(self, **kwargs: Any) -> Any:
        """In forms, https is added if no scheme was typed."""
        return super().formfield(**{"assume_scheme": "https"} | kwargs)

    def deconstruct(self) -> Any:
        """Migrations use Django's field: the column is the same."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.URLField", args, kwargs


def mail_domain() -> str:
    """The domain in the Message-ID of this site's emails: the host of SITE_URL, in ASCII (RFC 5322, 3.6.4).

    Never the machine's name, which is private and often not public.
    """
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return "localhost"
