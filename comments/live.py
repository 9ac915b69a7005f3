"""Live updates of a thread: the events for open pages, and the connection that carries them.

An event carries only public facts: the version of the thread, and which comments became public. Their text comes by an ordinary
request, with the reader's permissions.
"""

import logging
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views import View

from comments.models import Comment
from comments.signals import comment_published
from core.bridge import OFFER, Offer
from core.live import EVENT_MAX_IDS, Hub, Mark, News, make_bus, time_of
from posts.models import Post

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 300


def look(since: Mapping[int, int]) -> dict[int, News]:
    """The state of the threads of these posts. One query, and one more for each with something new."""
    newest = Comment.objects.filter(post=OuterRef("pk")).public().order_by("-published_at").values("published_at")[:1]
    posts = Post.objects.published().filter(pk__in=since).values_list("pk", "thread_version", Subquery(newest))
    found = {}
    for pk, version, published_at in posts:
        mark = Mark.of(version, published_at)
        found[pk] = News(mark)
        if mark.moment > since[pk]:
            rows = Comment.objects.filter(post=pk, published_at__gt=time_of(since[pk])).public().order_by("-published_at")
            pieces = [(Mark.of(version, when).moment, comment) for when, comment in rows.values_list("published_at", "pk")[: EVENT_MAX_IDS + 1]]
            found[pk] = News(mark, tuple(reversed(pieces[:EVENT_MAX_IDS])), is_all=len(pieces) <= EVENT_MAX_IDS)
    return found


# The readers of this process.
hub = Hub(make_bus(), look, limit=settings.LIVE_STREAMS, limit_per_address=settings.LIVE_STREAMS_PER_ADDRESS)


@receiver(comment_published)
def tell_readers(*, comment: Comment, **_kwargs: Any) -> None:
    """A comment became public: say so to all processes, once it is stored. It stays stored if the bus is away."""
    if settings.LIVE_STREAMS:
        transaction.on_commit(partial(_publish, comment.post_id))


def _publish(post_id: int) -> None:
    try:
        hub.bus.publish(post_id)
    except Exception as error:  # noqa: BLE001 - each bus has errors of its own; whichever it is, the comment is stored
        logger.warning("Open pages were not told of a comment: %s", error)


class PostLiveView(View):
    """The connection of one open page: server-sent events (HTML standard, section 9.2). 503 if there are too many: the page works without.

    The page's position is in Last-Event-ID (after a broken connection) or ?since= (page opened, or visible again).
    """

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        post = get_object_or_404(Post.objects.published().only("pk"), slug=slug)
        offer: Offer | None = request.META.get(OFFER)
        since = Mark.parse(request.headers.get("Last-Event-ID") or request.GET.get("since", ""))
        reader = hub.admit(post.pk, get_adapter().get_client_ip(request), since, request.user.pk or 0) if offer else None
        if offer is None or reader is None:
            headers = {"Retry-After": str(RETRY_AFTER_SECONDS), "Cache-Control": "no-store"}
            refusal = HttpResponse("No place left.\n", "text/plain; charset=utf-8", status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)
            refusal._has_been_logged = True  # type: ignore[attr-defined]  # a full house is no error for the log
            return refusal
        offer.stream = reader
        # The last header is for nginx: each event is to go on at once.
        return HttpResponse(content_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    def head(self, request: HttpRequest, slug: str) -> HttpResponse:
        """What GET would answer with, taking no place."""
        get_object_or_404(Post.objects.published().only("pk"), slug=slug)
        return HttpResponse(content_type="text/event-stream", headers={"Cache-Control": "no-store"})
