"""Makes `manage.py check --database default` report what the dashboard's "Site health" reports."""

from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError

from dashboard.services import health


@register(Tags.database)
def check_health(**kwargs: Any) -> list[CheckMessage]:
    """Only findings that need the database; the others are system checks already."""
    if "default" not in (kwargs.get("databases") or []):
        return []
    try:
        found = [*health.schema(), *health.workers(), health.mail(), health.disk(), health.backup()]
    except DatabaseError:
        return []  # `migrate` runs checks before it creates or changes the tables
    return [
        Warning(finding.text, hint=finding.advice, id=f"dashboard.{finding.key}")
        for finding in found
        if finding.state != health.GOOD
    ]
