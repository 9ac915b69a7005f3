"""Which pages are read from a replica of the database."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from core.replicas import (
    REPLICA,
    leave_replica_alone,
    read_from_primary,
    read_from_replica,
    reading_alias,
)
from core.utils.cookies import cookie_name
from core.web.conditional import SameForAllVisitors, is_visitor


class ReplicaMiddleware:
    """With DATABASE_REPLICA_URL: reads pages that are the same for all visitors from the replica.

    Readers who are signed in or have just written read from the primary, and so see what they did.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.DATABASE_ROUTERS:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            read_from_primary()

    def process_view(self, request: HttpRequest, view: Any, *_arguments: Any) -> None:
        is_for_all = issubclass(getattr(view, "view_class", object), SameForAllVisitors)
        has_written = cookie_name("just_wrote") in request.COOKIES
        if is_for_all and request.method in {"GET", "HEAD"} and is_visitor(request) and not has_written:
            read_from_replica()

    def process_exception(self, request: HttpRequest, error: Exception) -> None:
        """This page becomes a 503; the next ones are read from the primary."""
        if isinstance(error, OperationalError | InterfaceError) and reading_alias() == REPLICA:
            leave_replica_alone()
