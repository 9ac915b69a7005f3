"""Where the index is stored: settings.SEARCH_BACKEND, or by default the site's database."""

from functools import cache

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from search.backends.base import Backend

OF_DATABASES = {
    "sqlite": "search.backends.sqlite.SqliteBackend",
    "postgresql": "search.backends.postgresql.PostgresBackend",
}


@cache
def _made(path: str) -> Backend:
    return import_string(path)()


def backend() -> Backend:
    return _made(settings.SEARCH_BACKEND or OF_DATABASES[connection.vendor])
