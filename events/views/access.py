"""Finds the event of a URL, and checks permissions."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from events.models import Event
from events.services.planning import may_change, may_host


def get_event(request: HttpRequest, slug: str) -> Event:
    """An event this reader may open; a proposal only for hosts and its author. Raises Http404."""
    event = Event.objects.with_post().filter(post__slug=slug, post__trashed_at=None).first()
    if event is None:
        raise Http404
    if not (event.post.is_readable_by(request.user) or knows_of(event, request.user)):
        raise Http404
    return event


def knows_of(event: Event, user: Any) -> bool:
    return may_host(user) or (user.is_authenticated and event.post.author_id == user.pk)


def check_may_change(event: Event, user: Any) -> None:
    if not may_change(event, user):
        raise PermissionDenied(_("Only hosts can change an event that was approved."))
