from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from core.models import SiteSettings
from core.parts import parts_in_navigation
from core.utils.cookies import cookie_name
from core.utils.stylesheet import address_of

THEMES = {"light", "dark"}


def announcement_for(request: HttpRequest) -> str:
    """The key of the announcement that this reader sees; empty if there is none or they have dismissed it.

    It must be part of the cache key of everything that shows the announcement.
    """
    current = SiteSettings.current()
    if not current.shows_announcement:
        return ""
    key = current.announcement_key
    return "" if request.COOKIES.get(cookie_name("dismissed")) == key else key


def dress_for(request: HttpRequest, reader: Any = None) -> str:
    """The decoration of this reader's pages today (settings.PAGE_DRESS); "" for none.

    It must be part of the cache key of everything that shows it. reader: None for that of the request.
    """
    return cast(str, import_string(settings.PAGE_DRESS)(request, reader))


def site(request: HttpRequest) -> dict[str, Any]:
    """The context of every page: the site's names and appearance, and the reader's theme.

    Not named `site`, which has another meaning on django-allauth's pages.
    """
    current = SiteSettings.current()
    theme = request.COOKIES.get(cookie_name("theme"), current.colour_scheme)
    return {
        "site_settings": current,
        "frame": getattr(request, "frame", ""),
        "announcement_key": announcement_for(request),
        "parts": parts_in_navigation(),
        "dress": dress_for(request),
        "site_name": current.title,
        "site_tagline": current.subtitle,
        "site_url": settings.SITE_URL,
        "offline_pages": settings.OFFLINE_PAGES,
        "theme_css": settings.THEME_CSS,
        "site_css": address_of(current.accent_hue, current.typeface, current.width),
        "theme": theme if theme in THEMES else "",
    }
