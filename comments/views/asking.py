"""Base of the forms that ask for an email address and send it a link."""

from http import HTTPStatus
from typing import Any, ClassVar

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from comments.models.submission import Submission
from comments.services.notices import too_many_links_message
from core.utils.ratelimit import TooFast
from core.web.responses import retry_later


class AskForEmailView(View):
    """GET shows the form, POST sends the email. The answer is the same whether the address is known here or not."""

    form_class: ClassVar[type[Form]]
    template_name: str

    def ask(self, form: Any, submission: Submission) -> None:
        """Send the email. Raises TooFast."""
        raise NotImplementedError

    def initial(self) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer(self.form_class(initial=self.initial()))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.answer(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            self.ask(form, Submission.of(request))
        except TooFast as error:
            form.add_error("email", too_many_links_message(error))
            return retry_later(self.answer(form), error)
        return self.answer(form, is_asked=True)

    def answer(
        self, form: Form, status: HTTPStatus = HTTPStatus.OK, *, is_asked: bool = False
    ) -> HttpResponse:
        context = {"form": form, "is_asked": is_asked}
        return render(self.request, self.template_name, context, status=status)
