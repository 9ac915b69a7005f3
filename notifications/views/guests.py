"""Guests who want to be notified of replies, by their email address."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views import View

from comments.models.submission import Submission
from comments.views.said import too_many_requests
from core.utils.ratelimit import TooFast
from notifications.email.tokens import read_guest_token
from notifications.forms import GuestAskForm
from notifications.services.guests import ask_guest, confirm_guest


class GuestAskView(View):
    """Requests for notifications by guests of the imported blog. The response is always the same."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "notifications/guest_ask.html", {"form": GuestAskForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = GuestAskForm(request.POST)
        if not form.is_valid():
            return self.refuse(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            ask_guest(form.cleaned_data["email"], sender=Submission.of(request).address)
        except TooFast as error:
            form.add_error("email", too_many_requests(error))
            response = self.refuse(request, form, HTTPStatus.TOO_MANY_REQUESTS)
            response["Retry-After"] = str(error.wait_seconds)
            return response
        return render(request, "notifications/guest_ask.html", {"form": form, "is_asked": True})

    def refuse(self, request: HttpRequest, form: GuestAskForm, status: HTTPStatus) -> HttpResponse:
        return render(request, "notifications/guest_ask.html", {"form": form}, status=status)


class GuestConfirmView(View):
    """The link in the email: GET asks, POST confirms."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        said = read_guest_token(kwargs["token"])
        if said is None:
            raise Http404
        self.email, self.language = said
        response = super().dispatch(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        # Not "no-referrer": browsers would then hide the form's own origin, and the CSRF check would refuse
        # it.
        response["Referrer-Policy"] = "same-origin"
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return render(request, "notifications/guest_confirm.html", {"is_done": False})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        confirm_guest(self.email, self.language)
        return render(request, "notifications/guest_confirm.html", {"is_done": True})
