"""After all rows are others: nothing that was kept of the former ones is shown."""

from django.conf import settings
from django.core.cache import caches
from django.db.models import F, PositiveBigIntegerField, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from core.models import SiteSettings
from posts.models import Post


def forget_what_was_read() -> None:
    """Every cache: those that this process did not use yet may be shared with others, or outlive them all."""
    for alias in settings.CACHES:
        caches[alias].clear()
    SiteSettings.forget()


def go_on_with_new_versions() -> None:
    """Pages of threads are kept by their version, here, in other processes and in browsers, and a backup counts again from where it was.

    So they go on with the milliseconds of now: where no version has been.
    """
    now = Value(int(timezone.now().timestamp() * 1000), PositiveBigIntegerField())
    Post.objects.update(thread_version=Greatest(F("thread_version") + 1, now))
