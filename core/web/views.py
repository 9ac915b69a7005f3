"""Pages that belong to no app: health checks, theme, media, and error pages."""

import logging
import posixpath
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError, connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template import loader
from django.templatetags.static import static
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView
from django.views.static import serve

from core.models import SiteSettings, Worker
from core.models.site import icon_name
from core.parts import PartIsOff
from core.services.schema import pending_migrations
from core.signals import language_chosen
from core.utils.cookies import cookie_name
from core.utils.files import SAVED_TYPES, SERVED_TYPES
from core.utils.logs import note_security
from core.utils.stylesheet import Typeface, Width, stylesheet
from core.web.context_processors import THEMES, site
from core.web.csrf import EVERYBODY
from core.web.kept_text import kept_text
from core.web.languages import store_language_choice
from core.web.ranges import in_ranges

YEAR = 365 * 86_400
RETRY_AFTER_SECONDS = 30


class HealthView(View):
    """200 while the process is alive.

    It does not use the database, so that a slow one does not cause a restart.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(
            "ok\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"}
        )


class ReadyView(View):
    """200 if database and cache respond and all migrations are applied, otherwise 503 with what is down.

    Pages are served without Redis and without a worker too, so these only appear in the response.
    """

    def get(self, request: HttpRequest) -> JsonResponse:
        parts = {"database": self.is_database_up(), "cache": self.is_cache_up()}
        states = {name: "ok" if up else "down" for name, up in parts.items()}
        if parts["database"]:
            states |= {
                "migrations": "pending" if pending_migrations() else "ok",
                "worker": "ok" if Worker.objects.alive().exists() else "down",
            }
        can_serve = all(parts.values()) and states["migrations"] == "ok"
        status = HTTPStatus.OK if can_serve else HTTPStatus.SERVICE_UNAVAILABLE
        return JsonResponse(states, status=status, headers={"Cache-Control": "no-store"})

    def is_database_up(self) -> bool:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM accounts_user WHERE 1 = 0")
        except DatabaseError:
            return False
        return True

    def is_cache_up(self) -> bool:
        try:
            getattr(cache, "ask", lambda: cache.get("ready"))()
        except Exception:  # noqa: BLE001 - cache backends have errors of their own; any of them means "down"
            return False
        return True


class ThemeView(View):
    """Store the reader's theme for a year.

    Works without JavaScript: a form posts here and is redirected back.
    """

    guarded_by_origin = EVERYBODY

    def post(self, request: HttpRequest) -> HttpResponse:
        back = request.POST.get("next", "/")
        if not is_own_path(back):
            back = "/"
        response = HttpResponseRedirect(back)
        theme = request.POST.get("theme", "")
        if theme in THEMES:
            response.set_cookie(
                cookie_name("theme"),
                theme,
                max_age=YEAR,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=False,
            )
        else:
            response.delete_cookie(cookie_name("theme"), samesite="Lax")
        return response


class LanguageView(View):
    """Store the reader's language for a year, in this browser and, for members, with their account.

    Works without JavaScript: the form at the end of each page posts here and is redirected back.
    """

    guarded_by_origin = EVERYBODY

    def post(self, request: HttpRequest) -> HttpResponse:
        back = request.POST.get("next", "/")
        response = HttpResponseRedirect(back if is_own_path(back) else "/")
        language = request.POST.get("language", "")
        if language in SiteSettings.current().offered:
            store_language_choice(response, language)
            language_chosen.send(sender=LanguageView, request=request, language=language)
        return response


class AnnouncementDismissView(View):
    """Hide the announcement in this browser until it is changed. `which` in the form is its key."""

    guarded_by_origin = EVERYBODY

    def post(self, request: HttpRequest) -> HttpResponse:
        back = request.POST.get("next", "/")
        response = HttpResponseRedirect(back if is_own_path(back) else "/")
        which = request.POST.get("which", "")
        if which == SiteSettings.current().announcement_key:
            response.set_cookie(
                cookie_name("dismissed"),
                which,
                max_age=YEAR,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
            )
        return response


class GuidelinesView(TemplateView):
    """The guidelines that come with the software."""

    template_name = "core/guidelines.html"


class FaviconView(View):
    """For programs that request /favicon.ico whatever the page says."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        site_settings = SiteSettings.current()
        try:
            if site_settings.icon:
                with default_storage.open(icon_name(site_settings.icon, "ico")) as file:
                    icon = file.read()
                cached = {"Cache-Control": "public, max-age=86400"}
                return HttpResponse(icon, content_type="image/x-icon", headers=cached)
        except OSError:
            pass  # the file is gone: use ours
        return HttpResponseRedirect(static("icon.svg"))


class StylesheetView(View):
    """The site's colour, typeface and width as a stylesheet.

    It depends on its URL alone, so it is cached for a year.
    """

    def get(self, request: HttpRequest, hue: int, typeface: str, width: str = Width.MEDIUM) -> HttpResponse:
        if hue > 359 or typeface not in Typeface.values or width not in Width.values:
            raise Http404
        return HttpResponse(
            stylesheet(hue, Typeface(typeface), Width(width)),
            content_type="text/css; charset=utf-8",
            headers={"Cache-Control": f"public, max-age={YEAR}, immutable"},
        )


class MediaView(View):
    """Uploaded files: pictures and recordings are displayed, all others only downloaded."""

    def get(self, request: HttpRequest, path: str) -> HttpResponseBase:
        extension = path.rpartition(".")[2].lower()
        if posixpath.normpath(path) != path or extension not in SERVED_TYPES:
            raise Http404
        response = (
            self.from_disk(request, path)
            if isinstance(default_storage, FileSystemStorage)
            else self.from_bucket(path)
        )
        response = in_ranges(request, response)
        response["Content-Type"] = SERVED_TYPES[extension]
        response["Content-Disposition"] = "attachment" if extension in SAVED_TYPES else "inline"
        if response.status_code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            # Names are random and contents never change.
            response["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["Cross-Origin-Resource-Policy"] = "same-site"
        return response

    def from_disk(self, request: HttpRequest, path: str) -> HttpResponseBase:
        try:
            if path.startswith(("/", "..")) or not (Path(settings.MEDIA_ROOT) / path).is_file():
                raise Http404
        except OSError:  # a name too long for the file system
            raise Http404 from None
        return serve(request, path, document_root=str(settings.MEDIA_ROOT))

    def from_bucket(self, path: str) -> HttpResponseBase:
        """Serve a file from a private bucket. Browsers cache it for a year."""
        try:
            file = getattr(default_storage, "stream", default_storage.open)(path)
        except (OSError, SuspiciousFileOperation):
            raise Http404 from None
        return FileResponse(file, headers={"Content-Length": str(file.size)})


def is_own_path(path: str) -> bool:
    """Whether a redirect there stays on this site.

    Only paths are; "//evil.example" and "https:/…" are not.
    """
    try:
        return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    except ValueError:
        return False


# Django's own handlers read the form again for a CSRF token, and raise a second exception if it was the form
# that could not be read. These do not (docs/decisions/0006).


def _plain_page(request: HttpRequest, template: str, status: HTTPStatus, **context: Any) -> HttpResponse:
    try:
        return render(request, template, kept_text(request, may_send_again=False) | context, status=status)
    except Exception:  # noqa: BLE001 - an error page that fails must still be a page
        return server_error(request, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _plain_page(request, "400.html", HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    reason = str(exception) if isinstance(exception, PermissionDenied) and exception.args else ""
    user = getattr(request, "_cached_user", None)  # no query for a log entry
    note_security(logging.WARNING, "refused", request, getattr(user, "pk", None))
    return _plain_page(request, "403.html", HTTPStatus.FORBIDDEN, reason=reason)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    is_off = isinstance(exception, PartIsOff)
    return _plain_page(request, "404.html", HTTPStatus.NOT_FOUND, is_off=is_off)


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    """An address that takes forms alone, with a link to the page above it, where its form most likely is."""
    return _plain_page(request, "405.html", HTTPStatus.METHOD_NOT_ALLOWED, back=page_above(request.path_info))


def has_page(match: ResolverMatch) -> bool:
    """False for a URL that accepts only POST."""
    view = getattr(match.func, "view_class", None)
    return view is None or hasattr(view, "get")


def page_above(path: str) -> str:
    """The nearest parent URL that has a page (/members/wanda/ of /members/wanda/follow/), or ""."""
    parts = path.strip("/").split("/")
    for length in range(len(parts) - 1, 0, -1):
        address = f"/{'/'.join(parts[:length])}/"
        try:
            match = resolve(address)
        except Resolver404:
            continue
        # The last route takes every remaining URL (community/urls.py).
        if not match.route.startswith("<") and has_page(match):
            return address
    return ""


def gone(request: HttpRequest) -> HttpResponse:
    """The object was deleted during the request."""
    return _plain_page(request, "404.html", HTTPStatus.GONE, is_gone=True)


def server_error(request: HttpRequest, status: HTTPStatus = HTTPStatus.INTERNAL_SERVER_ERROR) -> HttpResponse:
    """An error page with the typed text.

    It needs no database, session or user. 503 if the database is unavailable.
    """

    if isinstance(sys.exc_info()[1], DatabaseError) and status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return busy(request)
    return _bare_page(request, status)


def busy(request: HttpRequest) -> HttpResponse:
    """The database is temporarily unavailable."""
    response = _bare_page(request, HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def no_room(request: HttpRequest) -> HttpResponse:
    """An uploaded file could not be stored while the form was read."""
    return _bare_page(request, HTTPStatus.INSUFFICIENT_STORAGE)


def _bare_page(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    has_no_room = status == HTTPStatus.INSUFFICIENT_STORAGE
    context = site(request) | kept_text(request)
    context |= {"is_busy": status == HTTPStatus.SERVICE_UNAVAILABLE, "has_no_room": has_no_room}
    if has_no_room:
        context["lost_files"] = False  # the page has another message about it
    return HttpResponse(
        loader.get_template("500.html").render(context), status=status, headers={"Cache-Control": "no-store"}
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open for too long, or cookies are off. The text is returned.

    It can be sent again only if it came from a page of ours: another site must not fill in a member's form.
    """
    context = kept_text(request) | {"title": _("This page has expired")}
    response = render(request, "403_csrf.html", context, status=HTTPStatus.FORBIDDEN)
    patch_vary_headers(response, ["Cookie"])
    return response
