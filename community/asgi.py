"""The site for an ASGI server: `granian --interface asginl community.asgi:application`.

Pages are computed by a few threads, as under WSGI (core.bridge).
"""

from django.conf import settings

from community.wsgi import application as pages
from core.bridge import Bridge

application = Bridge(
    pages,
    threads=settings.WEB_THREADS,
    max_body_bytes=settings.REQUEST_MAX_BYTES,
    trusted_proxies=settings.TRUSTED_PROXY_COUNT,
    # Two: while one waits for the disk, the other computes. One thread is always left for reading.
    writers=max(1, min(2, settings.WEB_THREADS - 1)),
)
