"""The site for any WSGI server: `granian --interface wsgi community.wsgi:application`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")

application = get_wsgi_application()

# Everything loaded so far stays, so exclude it from garbage collection. Collect less often than after every
# 700 new objects: a page makes thousands, and nearly all of them are freed by reference counting.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
