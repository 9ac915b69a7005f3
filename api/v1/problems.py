"""Errors as problem details (RFC 9457): with a message and, for forms, the fields."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as InvalidRequest

from core.utils.gone import is_row_gone
from core.utils.ratelimit import TooFast

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
Errors = list[dict[str, str]]


class Problem(Exception):
    """An error. `errors`: {"field", "message", "code"} each; fields have their names in the request."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        code: str = "",
        errors: Errors | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.code = status, detail, code
        self.errors, self.headers = errors, headers or {}


def problem(
    status: int,
    detail: str = "",
    *,
    code: str = "",
    errors: Errors | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    content: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail := detail or _default_detail(status):
        content["detail"] = detail
    if code:
        content["code"] = code
    if errors:
        content["errors"] = errors
    response = HttpResponse(json.dumps(content), status=status, content_type=MEDIA_TYPE)
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def _default_detail(status: int) -> str:
    return {
        HTTPStatus.BAD_REQUEST: _("This request can’t be read."),
        HTTPStatus.NOT_FOUND: _("There’s nothing here that you can see."),
        HTTPStatus.GONE: _("It was deleted in the meantime."),
        HTTPStatus.METHOD_NOT_ALLOWED: _(
            "This method isn’t allowed here. The Allow header lists those that are."
        ),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("This is too large."),
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: _("Send JSON, with the header “Content-Type: application/json”."),
        HTTPStatus.SERVICE_UNAVAILABLE: _("We’re busy. Try again in a moment."),
    }.get(HTTPStatus(status), "")


def invalid_form(form: forms.BaseForm, names: Mapping[str, str] | None = None) -> Problem:
    """The errors of a form. names: the names of its fields in the request, if they differ."""
    names = {NON_FIELD_ERRORS: ""} | dict(names or {})
    errors = [
        {"field": names.get(field, field), "message": message, "code": error.code or ""}
        for field, found in form.errors.as_data().items()
        for error in found
        for message in error.messages
    ]
    return invalid(errors)


def invalid(errors: Errors) -> Problem:
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, _("Some of this needs to be changed."), code="invalid", errors=errors
    )


def invalid_field(field: str, message: str, code: str = "invalid") -> Problem:
    return invalid([{"field": field, "message": message, "code": code}])


# Messages for pydantic's errors; {…} is filled from their context.
WORDS = {
    "missing": lambda: _("This field is required."),
    "extra_forbidden": lambda: _("There’s no such field."),
    "string_type": lambda: _("Enter text."),
    "int_type": lambda: _("Enter a whole number."),
    "int_parsing": lambda: _("Enter a whole number."),
    "int_parsing_size": lambda: _("This number is too large."),
    "int_from_float": lambda: _("Enter a whole number."),
    "bool_type": lambda: _("Enter true or false."),
    "bool_parsing": lambda: _("Enter true or false."),
    "list_type": lambda: _("Enter a list."),
    "model_attributes_type": lambda: _("Send an object."),
    "dict_type": lambda: _("Send an object."),
    "greater_than_equal": lambda: _("This number is too small."),
    "less_than_equal": lambda: _("This number is too large."),
    "string_too_long": lambda: _("This is too long."),
    "string_too_short": lambda: _("This is too short."),
    "too_long": lambda: _("This list is too long."),
    "literal_error": lambda: _("Choose one of: %(expected)s."),
    "enum": lambda: _("Choose one of: %(expected)s."),
}


def detail_for(error: Mapping[str, Any]) -> str:
    words = WORDS.get(error["type"], lambda: "")()
    context = {name: str(value) for name, value in (error.get("ctx") or {}).items()}
    try:
        return words % context if words else _("This isn’t valid.")
    except KeyError:
        return _("This isn’t valid.")


def field_of(place: Iterable[Any]) -> str:
    """From pydantic's path, such as ("body", "data", "also", 0): "also.0"."""
    parts = [str(part) for part in place]
    if parts and parts[0] in {"body", "query", "path", "file", "form"}:
        parts = parts[2:] if parts[0] == "body" else parts[1:]
    return ".".join(parts)


def _too_fast(error: TooFast) -> HttpResponse:
    return problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        _("Too many requests. The Retry-After header says how many seconds to wait."),
        code="too_fast",
        headers={"Retry-After": str(error.wait_seconds)},
    )


def _refused(error: ValidationError) -> HttpResponse:
    """A refusal by a service is about the text, or about the author."""
    code = getattr(error, "code", None) or ""
    if code == "may_not_write":
        return problem(HTTPStatus.FORBIDDEN, error.messages[0], code=code)
    status = (
        HTTPStatus.CONFLICT
        if code in {"closed", "branch_closed", "gone"}
        else HTTPStatus.UNPROCESSABLE_ENTITY
    )
    field = {"parent_gone": "parent", "answered": "parent"}.get(code, "body")
    errors = [{"field": field, "message": message, "code": code} for message in error.messages]
    return problem(status, error.messages[0], code=code or "invalid", errors=errors)


def _gone(error: Exception) -> HttpResponse:
    """A row was deleted between reading and writing. It is logged, because it may be a bug."""
    if not is_row_gone(error):
        raise error
    logger.error("A row was deleted during the request: %s", error, exc_info=error)
    return problem(HTTPStatus.GONE, code="gone")


def _unreadable(request: HttpRequest, error: InvalidRequest) -> HttpResponse:
    errors = [
        {"field": field_of(one["loc"]), "message": detail_for(one), "code": str(one["type"])}
        for one in error.errors
    ]
    refusal = invalid(errors)
    return problem(refusal.status, refusal.detail, code=refusal.code, errors=refusal.errors)


def _raised_problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return problem(error.status, error.detail, code=error.code, errors=error.errors, headers=error.headers)


HANDLERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    Problem: _raised_problem,
    InvalidRequest: _unreadable,
    HttpError: lambda request, error: problem(error.status_code),
    Http404: lambda request, error: problem(HTTPStatus.NOT_FOUND),
    PermissionDenied: lambda request, error: problem(HTTPStatus.FORBIDDEN, str(error)),
    TooFast: lambda request, error: _too_fast(error),
    ValidationError: lambda request, error: _refused(error),
    ObjectDoesNotExist: lambda request, error: _gone(error),
    IntegrityError: lambda request, error: _gone(error),
}


def register_problem_handlers(api: NinjaAPI) -> None:
    """Register the response for each exception."""
    for kind, handler in HANDLERS.items():
        api.add_exception_handler(kind, handler)
