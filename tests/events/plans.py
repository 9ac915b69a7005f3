"""The plan of an event in ten days."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from events.services.planning import Plan
from events.services.schedule import Schedule


def a_plan(title: str = "Gathering", **fields: Any) -> Plan:
    begin = (timezone.now() + timedelta(days=10)).replace(minute=0, second=0, microsecond=0)
    schedule = Schedule(begin, begin + timedelta(hours=2), "Europe/Berlin", fields.pop("rule", ""))
    filled = {"text": "Bring something warm.", "place": "The harbour", "link": "", "places": None} | fields
    return Plan(title=title, schedule=schedule, **filled)
