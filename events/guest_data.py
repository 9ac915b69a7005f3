"""What events store about someone without an account, for themselves.

See comments/services/guest_parts.py.
"""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from comments.services.guest_parts import GuestPart, Row
from core.utils.urls import absolute_url
from events.models import Answer, GuestRequest
from events.services.wording import when_there


def _rows(email: str) -> Iterator[Row]:
    """Answers, including those that await confirmation by code."""
    answers = Answer.objects.filter(guest_email=email).select_related("occurrence__event__post")
    for answer in answers.order_by("asked_at", "pk"):
        yield _row(answer, answer.guest_name) | {
            "is_waiting": answer.is_waiting,
            "wants_mail": answer.wants_mail,
            "language": answer.guest_language,
            "asked_at": answer.asked_at,
        }
    requests = GuestRequest.objects.filter(email=email, confirmed_at=None)
    for request in requests.select_related("occurrence__event__post").order_by("created_at", "pk"):
        yield _row(request, request.name) | {
            "confirmed": False,
            "language": request.language,
            "asked_at": request.created_at,
        }


def _row(response: Answer | GuestRequest, name: str) -> Row:
    post = response.occurrence.event.post
    return {
        "title": post.title,
        "address": absolute_url(post.get_absolute_url()),
        "says": f"{when_there(response.occurrence)}: {response.get_says_display()}",
        "name": name,
    }


PART = GuestPart(
    "events",
    _("Your responses to events"),
    _rows,
    _("Your responses to events are deleted. If you have a place, someone else gets it."),
)
