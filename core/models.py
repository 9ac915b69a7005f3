"""One table of Django's own shape: the database cache that serves where there is no Redis."""

from django.db import models


class CacheEntry(models.Model):
    """A row of django.core.cache.backends.db.DatabaseCache.

    A model only so that `migrate` makes the table everywhere, tests and new databases included,
    instead of a `createcachetable` that somebody has to remember.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        verbose_name = "cache entry"
        verbose_name_plural = "cache entries"

    def __str__(self) -> str:
        return self.cache_key
