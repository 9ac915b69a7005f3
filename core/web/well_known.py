"""What programs request at fixed URLs: the web app manifest, the service worker, /.well-known/."""

import json
from datetime import UTC, datetime, time, timedelta
from email.utils import parseaddr
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render, resolve_url
from django.templatetags.static import static
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language, get_language_bidi
from django.views import View
from django.views.generic import TemplateView

from core.models import SiteSettings
from core.models.site import ICON_SIZES
from core.utils.build_id import RELEASE
from core.utils.stylesheet import address_of

DAY = "public, max-age=86400"
# RFC 9116 recommends less than a year.
VALID_DAYS = 180
# The background of the light theme (static/css/tokens.css).
PAPER = "#fbf8f2"


class ManifestView(View):
    """The web app manifest (W3C): phones install the site under its own name and logo."""

    def get(self, request: HttpRequest) -> HttpResponse:
        site = SiteSettings.current()
        return JsonResponse(
            {
                "id": "/",
                "name": site.title,
                "short_name": site.title[:30],
                "description": site.subtitle,
                "lang": get_language(),
                "dir": "rtl" if get_language_bidi() else "ltr",
                "start_url": "/",
                "scope": "/",
                "display": "minimal-ui",
                "background_color": PAPER,
                "theme_color": PAPER,
                "icons": self.icons(site),
            },
            content_type="application/manifest+json",
            headers={"Cache-Control": DAY},
        )

    def icons(self, site: SiteSettings) -> list[dict[str, str]]:
        if not site.icon:
            return [
                {"src": static("icon.svg"), "sizes": "any", "type": "image/svg+xml"},
                {"src": static("icon-192.png"), "sizes": "192x192", "type": "image/png"},
                # With wide margins, because launchers crop it to a circle.
                {
                    "src": static("icon-512.png"),
                    "sizes": "512x512",
                    "type": "image/png",
                    "purpose": "maskable",
                },
            ]
        return [
            {"src": site.icons[f"s{size}"], "sizes": f"{size}x{size}", "type": "image/png"}
            for size in ICON_SIZES
            if size >= 180
        ]


class SecurityTextView(View):
    """Where to report a vulnerability (RFC 9116)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        contact = settings.SECURITY_CONTACT or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
        if "@" in contact and ":" not in contact:
            contact = f"mailto:{contact}"
        # By day, so that the file is the same for all requests of a day.
        ends = datetime.combine(timezone.now().date() + timedelta(days=VALID_DAYS), time(), UTC)
        lines = [
            f"Contact: {contact}",
            f"Expires: {ends:%Y-%m-%dT%H:%M:%SZ}",
            f"Preferred-Languages: {SiteSettings.current().language_code}",
            f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
        ]
        return HttpResponse(
            "\n".join(lines) + "\n",
            content_type="text/plain; charset=utf-8",
            headers={"Cache-Control": DAY},
        )


# Files that the offline page and a post need for their look, and those that writing loads; the rest is cached as it is used.
SHELL = (
    *(f"css/{name}.css" for name in ("tokens", "base", "layout", "components", "content", "thread", "forms")),
    "js/app.js",
    "js/offline.js",
    "js/offline-notes.js",
    "js/mentions.js",
    "js/uploads.js",
    "icons.svg",
    "icon.svg",
)


class ServiceWorkerView(View):
    """The service worker, at the root because its scope is its folder.

    Its text changes with each update, so browsers install the new one. Without settings.OFFLINE_PAGES it only
    shows push notifications, and deletes stored pages.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        site = SiteSettings.current()
        version = f"{RELEASE}-{site.version}-{get_language()}"
        # Browsers request it with each page that is opened.
        etag = f'"{version}-{"on" if settings.OFFLINE_PAGES else "off"}"'
        response = get_conditional_response(request, etag=etag) or self.worker(request, site, version)
        response["ETag"] = etag
        response["Cache-Control"] = "no-cache"
        return cast(HttpResponse, response)

    def worker(self, request: HttpRequest, site: SiteSettings, version: str) -> HttpResponse:
        offline_url = resolve_url("core:offline")
        looks = address_of(site.accent_hue, site.typeface, site.width)
        shell = [offline_url, *map(static, SHELL), *([looks] if looks else [])]
        context = {
            "version": version,
            "offline_url": offline_url,
            "shell": json.dumps(shell),
            "sign_out_url": resolve_url("account_logout"),
            "keeps_pages": settings.OFFLINE_PAGES,
        }
        return render(request, "core/sw.js", context, content_type="text/javascript; charset=utf-8")


class OfflineView(TemplateView):
    """What the service worker shows for a page that is not stored on the device."""

    template_name = "core/offline.html"

    def render_to_response(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(*args, **kwargs)
        response["Cache-Control"] = "public, no-cache"
        return response
