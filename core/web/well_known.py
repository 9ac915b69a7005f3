"""What programs look for at addresses of their own: the web app manifest and /.well-known/."""

from datetime import UTC, datetime, time, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import get_language, get_language_bidi
from django.views import View

from core.models import SiteSettings
from core.models.site import ICON_SIZES

DAY = "public, max-age=86400"
# RFC 9116 asks for less than a year.
VALID_DAYS = 180
# The paper of the light theme (static/css/tokens.css).
PAPER = "#fbf8f2"


class ManifestView(View):
    """The web app manifest (W3C): with it, phones put the site on their home screen under its own name and logo."""

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
            return [{"src": static("icon.svg"), "sizes": "any", "type": "image/svg+xml"}]
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
        # By the day, so that the file is the same for all who ask on it.
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
