"""The site, on whose memory bus nothing comes but what was published."""

from core import live

live.LOOK_SECONDS = 3600.0

from community.asgi import application  # noqa: E402

__all__ = ["application"]
