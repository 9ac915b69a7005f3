"""The endpoint that static/js/live.js polls while a page is open (docs/decisions/0059)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import View

from comments.thread.live import FAR_AHEAD, find_new_replies
from core.web.conditional import answer_conditionally


class PostLiveView(View):
    """New comments on a post since ?since=. 304 if the client has them already (RFC 9110, section 13.1.2)."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        given = request.GET.get("since", "")
        is_moment = given.isascii() and given.isdigit() and len(given) < 18 and int(given) < FAR_AHEAD
        news = find_new_replies(slug, request.user, int(given) if is_moment else None)
        if news is None:
            raise Http404
        data: dict[str, Any] = {"new": news.ids, "more": news.has_more, "since": news.newest}
        if request.user.is_authenticated:
            data["unread"] = news.unread
        return answer_conditionally(
            request, JsonResponse(data, headers={"Cache-Control": "private, no-cache"})
        )
