from typing import Any

from django.conf import settings
from django.http import HttpRequest

from core.utils.cookies import cookie_name

THEMES = {"light", "dark"}


def site(request: HttpRequest) -> dict[str, Any]:
    """The context of every page: the site's names and the reader's theme."""
    theme = request.COOKIES.get(cookie_name("theme"), "")
    return {
        "site_name": settings.SITE_NAME,
        "site_tagline": settings.SITE_TAGLINE,
        "site_url": settings.SITE_URL,
        "theme": theme if theme in THEMES else "",
    }
