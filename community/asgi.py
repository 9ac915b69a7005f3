"""The same pages for an ASGI server; WSGI is the faster one today (docs/operations.md)."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")

application = get_asgi_application()
