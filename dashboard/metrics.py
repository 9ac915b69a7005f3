"""Metrics for Prometheus: request durations in this process, and the state of the site.

Imported only if METRICS_TOKEN is set. With several web processes, set PROMETHEUS_MULTIPROC_DIR: the library
then sums the processes' metrics in that folder.
"""

import os
from collections.abc import Iterator

from django.db import DatabaseError
from django_tasks_db.models import DBTaskResult
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from core.models import Worker
from dashboard.services.health import BAD, GOOD, WARN, health
from moderation.services.queue import waiting as waiting_comments
from notifications.models import OutgoingEmail

# From a cached page to one that users give up on.
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
# Counting stops here: a larger number is no more informative.
COUNTED = 10_000

_requests = CollectorRegistry()
REQUESTS = Histogram(
    "long_table_request_seconds",
    "Time from the first middleware to the response, by page, method and status.",
    ("page", "method", "status"),
    buckets=SECONDS,
    registry=_requests,
)


class _Site(Collector):
    """Queries the database at each scrape, so that no counters need updating."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            yield from self._asked()
        except DatabaseError:
            yield _gauge("long_table_database_up", "1 if the database answers.", 0)
        else:
            yield _gauge("long_table_database_up", "1 if the database answers.", 1)

    def _asked(self) -> list[GaugeMetricFamily]:
        worst: dict[str, int] = {}
        for finding in health():
            worst[finding.key] = max(worst.get(finding.key, 0), [GOOD, WARN, BAD].index(finding.state))
        parts = GaugeMetricFamily(
            "long_table_health", "What the dashboard says: 0 good, 1 a warning, 2 bad.", labels=["part"]
        )
        for part, state in sorted(worst.items()):
            parts.add_metric([part], state)
        waiting = GaugeMetricFamily(
            "long_table_tasks_waiting", f"Jobs that no worker has begun, at most {COUNTED}.", labels=["queue"]
        )
        for queue in ("default", "mail"):
            jobs = DBTaskResult.objects.ready().filter(queue_name=queue).order_by()
            waiting.add_metric([queue], jobs[:COUNTED].count())
        emails = OutgoingEmail.objects.filter(state=OutgoingEmail.State.READY).order_by()
        return [
            parts,
            waiting,
            _gauge(
                "long_table_comments_awaiting_review",
                f"Comments in the moderators' queue, at most {COUNTED}.",
                waiting_comments().order_by()[:COUNTED].count(),
            ),
            _gauge("long_table_workers", "Workers with a heartbeat.", Worker.objects.alive().count()),
            _gauge(
                "long_table_emails_waiting",
                f"Emails not sent yet, at most {COUNTED}.",
                emails[:COUNTED].count(),
            ),
        ]


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value=value)


def exposition() -> bytes:
    """All metrics in Prometheus' text format 0.0.4."""
    site = CollectorRegistry()
    site.register(_Site())
    requests = _requests
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        requests = CollectorRegistry()
        MultiProcessCollector(requests)
    return generate_latest(requests) + generate_latest(site)
