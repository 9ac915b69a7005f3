"""The oEmbed endpoint for programs that embed posts and comments."""

from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import View

from comments.services.oembed import WIDTH, embedding_of
from comments.thread.pagination import read_number
from core.web.conditional import answer_conditionally


class OembedView(View):
    """`?url=` and optionally `maxwidth`, `maxheight`, `format`.

    Responds with 404, 401 and 501 as in the specification (2.3.4).
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.GET.get("format", "json") != "json":
            return HttpResponse(status=HTTPStatus.NOT_IMPLEMENTED)
        try:
            max_width = read_number(request.GET.get("maxwidth", "")) or WIDTH
            data = embedding_of(request.GET.get("url", ""), max_width=max_width)
        except PermissionDenied:
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        # Scripts of any site may read it: it contains only what visitors see.
        response = JsonResponse(data, headers={"Access-Control-Allow-Origin": "*"})
        return answer_conditionally(request, response)
