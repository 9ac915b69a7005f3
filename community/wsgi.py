"""The pages, for any WSGI server: `granian --interface wsgi community.wsgi:application`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")

application = get_wsgi_application()

# What is loaded by now stays to the end: Python need not look through all of it again and again. Nor for cycles after every
# 700 new objects: a page makes thousands, and nearly all of them go by themselves.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
