"""Cache invalidation after all rows were replaced."""

from django.conf import settings
from django.core.cache import caches
from django.db.models import F, PositiveBigIntegerField, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from core.models import SiteSettings
from posts.models import Post


def clear_all_caches() -> None:
    """Clear every cache, because each may be shared with other processes or outlive them."""
    for alias in settings.CACHES:
        caches[alias].clear()
    SiteSettings.forget()


def advance_versions() -> None:
    """Continue the version numbers of threads from the current time in milliseconds.

    Cached thread pages (here, in other processes, in browsers) are keyed by version, and a backup continues
    counting where it was made. The current milliseconds are above any version used so far.
    """
    now = Value(int(timezone.now().timestamp() * 1000), PositiveBigIntegerField())
    Post.objects.update(thread_version=Greatest(F("thread_version") + 1, now))
