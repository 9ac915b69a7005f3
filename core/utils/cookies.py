"""Cookies with the `__Host-` prefix, which only this host can set."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


def cookie_name(name: str) -> str:
    """The name of our cookie in browsers: over HTTPS with the prefix `__Host-`.

    Browsers accept such a cookie only from this host, over HTTPS and for all paths, so another site under the
    same domain cannot set it (draft-ietf-httpbis-rfc6265bis, section 4.1.3.2; ASVS 3.3.1).
    """
    return f"{settings.COOKIE_PREFIX}{name}"


class MessageCookieStorage(CookieStorage):
    @property
    def cookie_name(self) -> str:  # type: ignore[override]  # a plain attribute there, set before settings are read
        return cookie_name("messages")


class MessageStorage(FallbackStorage):
    """Django's message storage, in a cookie with our prefix."""

    storage_classes = (MessageCookieStorage, SessionStorage)
