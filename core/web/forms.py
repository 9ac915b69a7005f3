"""What views with a form have in common."""

from http import HTTPStatus
from typing import Any

from django.forms import BaseForm
from django.http import HttpResponse
from django.views import generic

from core.utils.ratelimit import TooFast


class InvalidFormMixin:
    """Says by the status that a form was not accepted: Django's views answer 200, which programs take for success."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        return self.answer_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)

    def form_invalid_for_now(self, form: BaseForm, error: TooFast) -> HttpResponse:
        """The same form may be sent again later: 429 with Retry-After in seconds (RFC 6585)."""
        response = self.answer_form(form, HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = str(error.wait_seconds)
        return response

    def answer_form(self, form: BaseForm, status: HTTPStatus) -> HttpResponse:
        view: Any = self
        return view.render_to_response(view.get_context_data(form=form), status=status)


class FormView(InvalidFormMixin, generic.FormView):
    """Django's, with the status of InvalidFormMixin."""
