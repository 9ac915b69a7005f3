"""Imported once, by the process that tests/processes.py forks: everything that a test process needs."""

import django
from django.urls import get_resolver

django.setup()
# Emails refer to pages. No connection is opened here, because two processes cannot share one.
get_resolver().url_patterns  # noqa: B018 - it is what loads the views
