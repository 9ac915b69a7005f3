"""Shared behaviour of views with a form."""

from http import HTTPStatus
from typing import Any

from django.forms import BaseForm
from django.http import HttpResponse
from django.views import generic

from core.utils.ratelimit import TooFast
from core.web.responses import retry_later


class InvalidFormMixin:
    """Responds to an invalid form with 422.

    Django's views respond with 200, which programs take for success.
    """

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        return self.answer_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)

    def form_invalid_for_now(self, form: BaseForm, error: TooFast) -> HttpResponse:
        """The form may be sent again later."""
        return retry_later(self.answer_form(form), error)

    def answer_form(self, form: BaseForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        view: Any = self
        return view.render_to_response(view.get_context_data(form=form), status=status)


class FormView(InvalidFormMixin, generic.FormView):
    """Django's FormView, with the status of InvalidFormMixin."""
