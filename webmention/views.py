"""The webmention endpoint. Programs of other sites use it, so it needs no CSRF token and no cookie."""

from http import HTTPStatus

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views import View

from comments.models.submission import Submission
from core.utils.ratelimit import TooFast
from core.web.responses import retry_later
from webmention.services.receiving import receive


class WebmentionView(View):
    """POST `source` and `target`: 202, or 400 with an error message."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        source, target = (request.POST.get(name, "") for name in ("source", "target"))
        try:
            receive(source, target, address=Submission.of(request).address)
        except ValidationError as error:
            return self.answer(error.messages[0], HTTPStatus.BAD_REQUEST)
        except TooFast as error:
            answer = self.answer(_("Too many at once. Try again later."))
            return retry_later(answer, error)
        message = _("Thank you. We’ll check the page, and a moderator will review what it says.")
        return self.answer(message, HTTPStatus.ACCEPTED)

    def answer(self, sentence: str, status: int = HTTPStatus.OK) -> HttpResponse:
        return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")
