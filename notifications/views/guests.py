"""Guests who want to be notified of replies, by their email address."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views import View

from comments.models.submission import Submission
from comments.views.asking import AskForEmailView
from notifications.email.tokens import read_guest_token
from notifications.forms import GuestAskForm
from notifications.services.guests import ask_guest, confirm_guest


class GuestAskView(AskForEmailView):
    """Requests for notifications by guests of the imported blog."""

    form_class = GuestAskForm
    template_name = "notifications/guest_ask.html"

    def ask(self, form: GuestAskForm, submission: Submission) -> None:
        ask_guest(form.cleaned_data["email"], sender=submission.address)


class GuestConfirmView(View):
    """The link in the email: GET asks, POST confirms."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        email = read_guest_token(kwargs["token"])
        if email is None:
            raise Http404
        self.email, self.language = email
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
