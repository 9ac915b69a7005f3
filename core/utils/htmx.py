"""Requests by htmx."""

from django.http import HttpRequest


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx sent the request and expects a fragment."""
    return bool(request.htmx)  # type: ignore[attr-defined]  # added by django-htmx's middleware
