"""What htmx says of a request."""

from django.http import HttpRequest


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx sent it, and takes a fragment for an answer."""
    return bool(request.htmx)  # type: ignore[attr-defined]  # added by django-htmx's middleware
