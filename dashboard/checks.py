"""`manage.py check --database default` says what the dashboard says under "Site health"."""

from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError

from dashboard.services import health


@register(Tags.database)
def check_health(**kwargs: Any) -> list[CheckMessage]:
    """Only what needs the database: the rest are checks already."""
    if "default" not in (kwargs.get("databases") or []):
        return []
    try:
        found = [*health.schema(), *health.workers(), health.mail(), health.disk(), health.backup()]
    except DatabaseError:
        return []  # `migrate` asks before it makes or changes the tables
    return [
        Warning(finding.text, hint=finding.advice, id=f"dashboard.{finding.key}")
        for finding in found
        if finding.state != health.GOOD
    ]
