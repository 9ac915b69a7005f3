"""Technical tables: the database cache, used without Redis, and the running workers."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone


class CacheEntry(models.Model):
    """A row of django.core.cache.backends.db.DatabaseCache.

    It is a model so that `migrate` creates the table everywhere, also in tests, without `createcachetable`.
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


class WorkerQuerySet(models.QuerySet):
    """The running workers, and those that stopped without saying so."""

    def alive(self) -> Self:
        """Those whose last heartbeat is not older than Worker.DEAD_AFTER."""
        return self.filter(beat_at__gt=timezone.now() - Worker.DEAD_AFTER)


class Worker(models.Model):
    """A process of `manage.py worker` with its heartbeat, written every few seconds (docs/decisions/0049).

    failing: the periodic tasks that currently fail, {name: {"since": ISO 8601 time, "error": message}}.
    """

    DEAD_AFTER = timedelta(seconds=40)

    key = models.CharField(max_length=64, primary_key=True)
    started_at = models.DateTimeField(default=timezone.now)
    beat_at = models.DateTimeField(default=timezone.now)
    failing = models.JSONField(default=dict)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = "worker"
        verbose_name_plural = "workers"

    def __str__(self) -> str:
        return self.key
