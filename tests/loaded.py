"""Imported once, by the process that tests/processes.py forks: all that a process of the tests loads before it works."""

import django
from django.urls import get_resolver

django.setup()
# Mails name pages. No connection is opened here: two processes cannot share one.
get_resolver().url_patterns  # noqa: B018 - it is what loads the views
