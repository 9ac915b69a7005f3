"""Middleware: incomplete requests, cache headers, cookies."""

import logging
from collections.abc import Callable
from typing import Any

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import BadRequest
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.crypto import salted_hmac

from core.models import SiteSettings
from core.parts import PartIsOff, is_on, parts
from core.utils.cookies import cookie_name
from core.utils.files import is_storage_away
from core.utils.gone import is_row_gone
from core.utils.site_locale import site_locale
from core.utils.writer_slots import WriterSlots, set_lock_timeout, waiting_for_writers
from core.web.conditional import KEPT_A_SECOND, is_cacheable
from core.web.languages import is_in_key, language_of, set_content_language
from core.web.uploads import is_upload_lost
from core.web.views import busy, gone, method_not_allowed, no_room

logger = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponse]

FORM_TYPE = "application/x-www-form-urlencoded"


class IncompleteRequestMiddleware:
    """Refuses a request that is incomplete or cannot be decoded.

    * A connection that breaks during a POST leaves the server with the first half of a comment; Django would
    store it. * Django responds with 500 to a form in another charset (both measured, docs/decisions/0006). *
    A NUL in a URL is never intended, and PostgreSQL raises an error for it.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_args: object, **_kwargs: object) -> None:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL in the address")
        if request.method not in {"POST", "PUT", "PATCH"}:
            return
        charset = (request.content_params or {}).get("charset", "utf-8").lower()
        if charset != "utf-8":  # Django reads forms in no other charset, not even "utf8"
            raise BadRequest("foreign charset")
        if not request.META.get("CONTENT_LENGTH") and request.META.get("HTTP_TRANSFER_ENCODING"):
            raise BadRequest(
                "chunked: without a length nobody knows whether it is whole, and Django reads nothing"
            )
        expected = int(request.META.get("CONTENT_LENGTH") or 0)
        try:
            if request.content_type == FORM_TYPE:
                received = len(request.body)
            elif request.content_type == "multipart/form-data":
                _ = request.POST  # parses the whole stream
                received = getattr(request._stream, "_pos", expected)
            else:
                return
        except UnreadablePostError:
            raise BadRequest("the request broke off") from None
        if received < expected:
            raise BadRequest("the request broke off")


class SiteLocaleMiddleware:
    """Sets the language that the reader chose from those offered, and the site's time zone.

    request.language: the language, if there are several (core/web/languages.py).
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not SiteSettings.current().is_multilingual:
            with site_locale():
                return self.get_response(request)
        language = language_of(request)
        request.language = language  # type: ignore[attr-defined]  # ours
        with site_locale(language):
            response = self.get_response(request)
        set_content_language(request, response)
        return response


class WriterSlotsMiddleware:
    """Limits the requests that may write at the same time, so that one thread is always left for reading.

    Runs outside everything that queries the database, and inside the CSRF check, whose cookie the page that
    returns the text needs.
    """

    READING = {"GET", "HEAD", "OPTIONS", "TRACE"}

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        connection_created.connect(set_lock_timeout)
        self.slots = WriterSlots(max(1, settings.WEB_THREADS - 1), wait_seconds=settings.WRITER_SLOT_SECONDS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in self.READING:
            with waiting_for_writers(settings.READ_WAIT_SECONDS):
                return self.get_response(request)
        if not self.slots.take():
            return busy(request)
        try:
            with waiting_for_writers(settings.WRITE_WAIT_SECONDS):
                return self.get_response(request)
        finally:
            self.slots.give_back()


class LostUploadMiddleware:
    """If there was no space for an uploaded file, does nothing else and returns the text of the form.

    The file was lost while the form was read (core/web/uploads.py; inside the CSRF check, which reads it), or
    later, if the form has no error for it: a post's cover, the logo, an export to import.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        return no_room(request) if is_upload_lost(request) else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not (isinstance(error, OSError) and request.method == "POST" and is_storage_away(error)):
            return None
        logger.error("A file could not be stored: %s", error)
        return no_room(request)


class DeletedObjectMiddleware:
    """Responds with the text of the form if a row was deleted between reading and writing it.

    The log says where, because it may be a bug.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not is_row_gone(error):
            return None
        logger.error("A row was deleted during the request: %s", error, exc_info=error)
        return gone(request)


class FormAddressMiddleware:
    """A page with a way back for a GET request to a URL that only accepts forms, such as after sign-in.

    Django's answer is empty. Programs read the status and the header Allow, which stay.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or response.content:
            return response
        page = method_not_allowed(request)
        page["Allow"] = response["Allow"]
        return page


class OldCookiesMiddleware:
    """Takes over cookies from before their names had a prefix, so that an update signs no one out.

    Another site under the same domain could set these; READ_OLD_COOKIES=0 ends it (docs/decisions/0056).
    """

    KEPT = {
        "sessionid": settings.SESSION_COOKIE_AGE,
        "csrftoken": settings.CSRF_COOKIE_AGE,
        "theme": 365 * 86_400,
    }
    ALL = (*KEPT, "messages", "draft_arrived", "just_wrote")

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        there = {name for name in self.ALL if settings.COOKIE_PREFIX and name in request.COOKIES}
        # Even if they are not read: a reverse proxy has the theme under both names in its key.
        request.has_old_cookies = bool(there)  # type: ignore[attr-defined]  # read by is_cacheable
        old = there if settings.READ_OLD_COOKIES else set()
        taken = {name: request.COOKIES[name] for name in old if cookie_name(name) not in request.COOKIES}
        request.COOKIES |= {cookie_name(name): value for name, value in taken.items()}
        response = self.get_response(request)
        if "public" not in response.get("Cache-Control", ""):  # cacheable responses carry no cookie
            for name in old:
                self.rename(response, name, taken.get(name))
        return response

    def rename(self, response: HttpResponse, name: str, value: str | None) -> None:
        new = cookie_name(name)
        if value is not None and name in self.KEPT and new not in response.cookies:
            response.set_cookie(
                new, value, max_age=self.KEPT[name], secure=True, httponly=name != "theme", samesite="Lax"
            )
        response.delete_cookie(name, samesite="Lax")


class ContentPolicyMiddleware(CSPMiddleware):
    """django-csp's middleware, but with cached policies: it composes each policy twice per response.

    There are only a few usual ones: as in the settings, or with an addition by csp_update, each of which is
    built once.
    """

    composed: tuple[Any, dict[int, str]] = (None, {})

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_usual = (
            getattr(request, "_csp_nonce", None) is None
            and not any(name.startswith("_csp") and name != "_csp_update" for name in vars(response))
            and HEADER not in response
            and not settings.DEBUG
        )
        if not is_usual:
            return super().process_response(request, response)
        policy = settings.CONTENT_SECURITY_POLICY
        if self.composed[0] is not policy:
            self.composed = (policy, {})
        addition = getattr(response, "_csp_update", None)
        if id(addition) not in self.composed[1]:
            self.composed[1][id(addition)] = build_policy(update=addition)
        response[HEADER] = self.composed[1][id(addition)]
        request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]  # as in django-csp
        return response


class PartsMiddleware:
    """Responds with 404 for URLs of community parts that are switched off (core/parts.py)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        place = request.resolver_match
        if place is None or (part := parts().get(place.app_name)) is None:
            return
        if not is_on(part.key) and place.url_name not in part.stay:
            raise PartIsOff


class PermissionsPolicyMiddleware:
    """Permissions-Policy: this site uses no camera, location or payment, whatever it embeds."""

    HEADER = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", self.HEADER)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class CacheControlMiddleware:
    """Lets signed-in members' browsers store responses only if they revalidate them.

    Pages that are the same for all visitors may be cached for a second by a reverse proxy
    (docs/decisions/0086).
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control") and is_cacheable(request, response):
            response["Cache-Control"] = KEPT_A_SECOND if is_in_key(request) else "private, no-cache"
            if not response.has_header("ETag"):
                set_response_etag(response)
                return (
                    get_conditional_response(request, etag=response.get("ETag"), response=response)
                    or response
                )
        elif not response.has_header("Cache-Control"):
            # The header of django.utils.cache.add_never_cache_headers, not composed again for each page.
            is_member = request.user.is_authenticated
            response["Cache-Control"] = (
                "max-age=0, no-cache, no-store, must-revalidate, private"
                if is_member
                else "private, no-cache"
            )
        return response


class ReaderMarkMiddleware:
    """Sets X-Reader on pages, from which the service worker learns whether the reader is still the same.

    "visitor" without a session, otherwise a keyed hash of the session key, which changes at sign-in and
    sign-out. The session itself is not read.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.OFFLINE_PAGES and response.get("Content-Type", "").startswith("text/html"):
            key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
            mark = salted_hmac("reader-mark", key).hexdigest()[:16] if key else "visitor"
            # On a site in several languages the mark contains the language, so that stored pages are
            # replaced.
            language = getattr(request, "language", "")
            response["X-Reader"] = f"{mark} {language}" if language else mark
        return response
