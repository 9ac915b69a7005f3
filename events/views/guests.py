"""Pages for guests to respond: the form, the code, the link in the email."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.decorators.cache import never_cache

from accounts.models import CodeTry
from accounts.services.code_limits import count_try, too_many_tries
from accounts.services.email_codes import is_link_token, use_code
from comments.models.submission import Submission
from comments.services.notices import too_many_links_message
from comments.views.guests import CodeForm
from core.utils.ratelimit import TooFast
from core.web.responses import retry_later
from events.forms import GuestForm
from events.models import Answer, Event, GuestRequest, Occurrence
from events.services.guests import ask_guest, confirm, link_purpose, mail_code
from events.services.wording import when_there
from events.views.access import get_event
from events.views.planning import answer_message


class GuestAnswerView(View):
    """The form. `?time=` preselects a date."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.event: Event = get_event(request, kwargs["slug"])
        if request.user.is_authenticated or not self.event.takes_answers:
            return redirect(self.event.post)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        return self.answer(GuestForm(event=self.event, initial={"occurrence": request.GET.get("time", "")}))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = GuestForm(request.POST, event=self.event)
        if not form.is_valid():
            return self.answer(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        typed = form.cleaned_data
        try:
            pending = ask_guest(
                get_object_or_404(Occurrence.objects.with_event(), pk=typed["occurrence"], event=self.event),
                typed["says"],
                name=typed["name"],
                email=typed["email"],
                sender=Submission.of(request).address,
            )
        except ValidationError as error:
            form.add_error(None, error)
            return self.answer(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        except TooFast as error:
            form.add_error("email", too_many_links_message(error))
            return retry_later(self.answer(form), error)
        return redirect(pending)

    def answer(self, form: GuestForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        context = {"form": form, "event": self.event, "post": self.event.post}
        return render(self.request, "events/guest_form.html", context, status=status)


@method_decorator(never_cache, name="dispatch")
class GuestRequestView(View):
    """Base of the steps after the form: `asked`, and the redirect to the event after confirmation."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows = GuestRequest.objects.select_related("occurrence__event__post", "code")
        self.asked: GuestRequest = get_object_or_404(rows, pk=kwargs["pk"])
        get_event(request, self.post_of_event.slug)  # the event may have been unpublished
        if self.asked.confirmed_at is not None:
            messages.info(request, _("We’ve already noted your response."))
            return redirect(self.post_of_event)
        return super().dispatch(request, *args, **kwargs)

    @property
    def post_of_event(self) -> Any:
        return self.asked.occurrence.event.post

    def note(self) -> HttpResponse:
        """Store the response, since the address is confirmed."""
        try:
            answer = confirm(self.asked)
        except ValidationError as error:
            for text in error.messages:
                messages.error(self.request, text)
        else:
            messages.success(self.request, guest_message(answer))
        return redirect(f"{self.post_of_event.get_absolute_url()}#time-{self.asked.occurrence_id}")

    def show_code_page(
        self, form: CodeForm, status: HTTPStatus = HTTPStatus.OK, refusal: str = ""
    ) -> HttpResponse:
        context = {"form": form, "asked": self.asked, "post": self.post_of_event, "refusal": refusal}
        return render(self.request, "events/guest_code.html", context, status=status)


class GuestCodeView(GuestRequestView):
    """GET asks for the code, POST checks it or, with `new`, sends a new one."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.show_code_page(CodeForm())

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        if "new" in request.POST:
            return self.mail_another()
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self.show_code_page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            counted = count_try(request, CodeTry.Kind.TYPED, email=self.asked.email)
        except TooFast as error:
            form.add_error("code", too_many_tries(error))
            return retry_later(self.show_code_page(form), error)
        code = self.asked.code
        if code is not None and use_code(code, form.cleaned_data["code"]):
            counted.delete()
            return self.note()
        form.add_error("code", self.why_not())
        return self.show_code_page(form, HTTPStatus.UNPROCESSABLE_ENTITY)

    def why_not(self) -> str:
        code = self.asked.code
        if code is not None:
            code.refresh_from_db()
        if code is None or code.is_over:
            return _("That code isn’t right. Request a new one below.")
        return ngettext(
            "That code isn’t right. %(count)d try left.",
            "That code isn’t right. %(count)d tries left.",
            code.tries_left,
        ) % {"count": code.tries_left}

    def mail_another(self) -> HttpResponse:
        try:
            mail_code(self.asked, Submission.of(self.request).address)
        except TooFast as error:
            page = self.show_code_page(CodeForm(), refusal=too_many_links_message(error))
            return retry_later(page, error)
        messages.success(self.request, _("We’ve sent a new code. Older ones no longer work."))
        return redirect(self.asked)


class GuestLinkView(GuestRequestView):
    """The link in the email, on any device: GET asks, POST stores the response."""

    def get(self, request: HttpRequest, pk: UUID, token: str) -> HttpResponse:
        if not self.is_good(token):
            return self.refuse()
        context = {"asked": self.asked, "post": self.post_of_event, "when": when_there(self.asked.occurrence)}
        return render(request, "events/guest_confirm.html", context)

    def post(self, request: HttpRequest, pk: UUID, token: str) -> HttpResponse:
        return self.note() if self.is_good(token) else self.refuse()

    def is_good(self, token: str) -> bool:
        return is_link_token(token, link_purpose(self.asked), self.asked.email)

    def refuse(self) -> HttpResponse:
        messages.warning(self.request, _("This link has expired. Request a new email here."))
        return redirect(self.asked)


def guest_message(answer: Answer) -> str:
    """The message, as for a member, except for what guests are told by email or not at all."""
    if answer.member_id is not None or answer.wants_mail:
        return answer_message(answer)
    return _("Your response is noted. You’ve turned off emails about events, so we won’t remind you.")
