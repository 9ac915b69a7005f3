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
    """The key of the announcement that this reader sees now; empty if there is none or they have dismissed it.

    Whatever is kept and shows it has this in its key.
    """
    current = SiteSettings.current()
    if not current.shows_announcement:
        return ""
    key = current.announcement_key
    return "" if request.COOKIES.get(cookie_name("dismissed")) == key else key


def dress_for(request: HttpRequest, reader: Any = None) -> str:
    """How this reader's pages are dressed today (settings.PAGE_DRESS); "" for plainly.

    Whatever is kept and shows it has this in its key. reader: None for the one of the request.
    """
    return cast(str, import_string(settings.PAGE_DRESS)(request, reader))


def site(request: HttpRequest) -> dict[str, Any]:
    """The context of every page: the site's names and looks, and the reader's theme.

    Not under the name `site`: on its pages django-allauth calls something else so.
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
