"""The site as it is served, and a bare view for comparison: Django's minimum for a response of that size."""

import os

import django
from django.http import HttpRequest, HttpResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")
django.setup()

import community.urls  # noqa: E402


def bare(request: HttpRequest, size: int) -> HttpResponse:
    return HttpResponse(b"x" * size)


community.urls.urlpatterns.insert(0, path("bare/<int:size>/", bare))

from community.asgi import application  # noqa: E402, F401
