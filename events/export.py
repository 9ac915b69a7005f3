"""What this app exports about a member (accounts/services/export.py)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.export import Part, Row
from events.models import Answer, Event


def _proposed(member: User) -> Iterator[Row]:
    for event in Event.objects.filter(post__author=member).select_related("post").order_by("pk"):
        yield {
            "title": event.post.title,
            "text": event.text,
            "place": event.place,
            "link": event.link,
            "starts_at": event.starts_at,
            "ends_at": event.ends_at,
            "zone": event.zone,
            "rule": event.rule,
            "state": event.get_state_display(),
        }


def _answers(member: User) -> Iterator[Row]:
    rows = Answer.objects.filter(member=member).select_related("occurrence__event__post").order_by("pk")
    for answer in rows.iterator(chunk_size=200):
        yield {
            "title": answer.occurrence.event.post.title,
            "starts_at": answer.occurrence.starts_at,
            "says": answer.get_says_display(),
            "is_waiting": answer.is_waiting,
            "asked_at": answer.asked_at,
        }


PARTS = [
    Part(
        "events",
        _("Events you proposed"),
        _proposed,
        {
            "title": _("Title"),
            "starts_at": _("Starts"),
            "ends_at": _("Ends"),
            "place": _("Place"),
            "state": _("Status"),
        },
        frozenset(),
    ),
    Part(
        "event_answers",
        _("Your responses to events"),
        _answers,
        {"title": _("Title"), "starts_at": _("Starts"), "says": _("Response"), "asked_at": _("When")},
        frozenset({"events.Answer.member"}),
    ),
]
