"""New posts by email without an account: subscribing, confirming, and the page that the emails link to."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from comments.forms.pending import is_from_a_bot
from comments.models.submission import Submission
from comments.views.asking import AskForEmailView
from core.web.csrf import VISITORS
from notifications.email.tokens import Grant
from notifications.forms import SubscribeForm, SubscriptionForm
from notifications.models import Subscriber
from notifications.services.subscribers import (
    change_rhythm,
    confirm_subscription,
    read_confirm_token,
    request_subscription,
    subscribe_again,
    unsubscribe,
)


def private(response: HttpResponse) -> HttpResponse:
    """For pages with a secret URL."""
    response["X-Robots-Tag"] = "noindex"
    # Not "no-referrer": browsers would then hide the form's own origin, and the CSRF check would refuse it.
    response["Referrer-Policy"] = "same-origin"
    return response


class SubscribeView(AskForEmailView):
    """Requests for new posts by email."""

    # The form is on pages that are cached for all visitors.
    guarded_by_origin = VISITORS
    form_class = SubscribeForm
    template_name = "notifications/subscribe.html"

    def initial(self) -> dict[str, Any]:
        user = self.request.user
        return {"email": user.email if user.is_authenticated else ""}

    def ask(self, form: SubscribeForm, submission: Submission) -> None:
        if not is_from_a_bot(submission):
            request_subscription(**form.cleaned_data, sender=submission.address)


class SubscribeConfirmView(View):
    """The link in the email: GET asks, POST confirms. An expired one can be requested again."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        read_or_404(token)
        return self.answer(request, token)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        found = read_or_404(token)
        if found:
            confirm_subscription(*found)
        return self.answer(request, token, is_done=bool(found))

    def answer(self, request: HttpRequest, token: str, *, is_done: bool = False) -> HttpResponse:
        found = read_or_404(token)
        context = {
            "is_done": is_done,
            "is_over": not found,
            "email": found[0] if found else "",
            "is_weekly": found is not None and found[1] == Subscriber.Rhythm.WEEKLY,
        }
        status = HTTPStatus.OK if found else HTTPStatus.GONE
        return private(render(request, "notifications/subscribe_confirm.html", context, status=status))


def read_or_404(token: str) -> tuple[str, str] | None:
    """The content of the token. None if it has expired, 404 if it is forged."""
    found = read_confirm_token(token)
    if found is None and read_confirm_token(token, may_be_old=True) is None:
        raise Http404
    return found


class SubscriptionView(View):
    """GET shows a subscription and asks, POST changes it, or ends it at once (RFC 8058).

    Authorised by the token.
    """

    def get(self, request: HttpRequest, grant: Grant) -> HttpResponse:
        return self.answer(request, grant)

    def post(self, request: HttpRequest, grant: Grant) -> HttpResponse:
        form = SubscriptionForm(request.POST)
        if not form.is_valid():
            return self.answer(request, grant, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        change = form.cleaned_data["change"]
        if change == form.STOP:
            unsubscribe(grant.member, grant.post)
        elif change == form.AGAIN:
            subscribe_again(grant.member)
        else:
            change_rhythm(grant.member, change)
        return self.answer(request, grant, done=change)

    def answer(
        self,
        request: HttpRequest,
        grant: Grant,
        form: SubscriptionForm | None = None,
        *,
        done: str = "",
        status: HTTPStatus = HTTPStatus.OK,
    ) -> HttpResponse:
        subscriber = Subscriber.objects.filter(pk=grant.member).first()
        is_active = subscriber is not None and subscriber.is_active
        initial = {"change": SubscriptionForm.STOP}
        context = {
            "form": form or SubscriptionForm(initial=initial),
            "subscriber": subscriber,
            "is_active": is_active,
            "done": done,
        }
        return private(render(request, "notifications/subscription.html", context, status=status))
