"""Proposing, changing and approving events; and members' responses."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from accounts.views.access import MemberRequest, MemberRequiredMixin
from core.utils.ratelimit import TooFast
from core.web.responses import retry_later
from events.forms import AnswerForm, EventForm
from events.models import Answer, Event, Occurrence
from events.services.answers import give_answer
from events.services.planning import change_event, decide_event, may_host, propose_event
from events.services.reminders import will_be_reminded
from events.services.reports import begin_report
from events.views.access import check_may_change, get_event

# The fields for errors of the services.
FIELD_OF = {"too_few": "places", "answers_go": "drops_answers"}


class EventFormView(MemberRequiredMixin, View):
    """The form of a new event or, with a slug, of an existing one."""

    def get(self, request: MemberRequest, slug: str = "") -> HttpResponse:
        event = self.get_event(request, slug)
        return self.answer(request, EventForm(event=event, by=request.user))

    def post(self, request: MemberRequest, slug: str = "") -> HttpResponse:
        event = self.get_event(request, slug)
        form = EventForm(request.POST, event=event, by=request.user)
        if not form.is_valid():
            return self.answer(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            if event is None:
                event = propose_event(form.plan, by=request.user)
            else:
                may_drop, seen = form.cleaned_data["drops_answers"], form.cleaned_data["seen"]
                event = change_event(event, form.plan, by=request.user, may_drop=may_drop, seen=seen)
        except ValidationError as error:
            if event is not None and error.code == "stale":
                # A second click overwrites: the page has named the newer version.
                form.data = request.POST.copy()
                form.data["seen"] = Event.objects.get(pk=event.pk).version
            form.add_error(FIELD_OF.get(error.code or ""), error)
            return self.answer(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        except TooFast as error:
            form.add_error(None, too_many_message(error))
            return retry_later(self.answer(request, form), error)
        messages.success(request, self.result_message(event, is_new=not slug))
        return redirect(event.post)

    def get_event(self, request: HttpRequest, slug: str) -> Event | None:
        if not slug:
            return None
        event = get_event(request, slug)
        check_may_change(event, request.user)
        return event

    def result_message(self, event: Event, *, is_new: bool) -> str:
        if not is_new:
            return _("Saved.")
        if event.state == Event.State.PROPOSED:
            return _(
                "Thank you. A host will look at your proposal; until then, only you and the hosts can see it."
            )
        return _("The event is published.")

    def answer(
        self, request: HttpRequest, form: EventForm, status: HTTPStatus = HTTPStatus.OK
    ) -> HttpResponse:
        context: dict[str, Any] = {"form": form, "event": form.event, "may_host": may_host(request.user)}
        return render(request, "events/event_form.html", context, status=status)


def too_many_message(error: TooFast) -> str:
    return ngettext(
        "You’ve proposed a lot today. Try again in %(count)d hour.",
        "You’ve proposed a lot today. Try again in %(count)d hours.",
        error.wait_hours,
    ) % {"count": error.wait_hours}


class EventDecideView(MemberRequiredMixin, View):
    """POST `do`: approved, declined or cancelled, and the `version` that was read. For hosts."""

    def post(self, request: MemberRequest, slug: str) -> HttpResponse:
        event = get_event(request, slug)
        if not may_host(request.user):
            raise PermissionDenied(_("Only hosts can decide about events."))
        messages_by_state = {
            "approved": _("The event is published."),
            "declined": _("The proposal was declined."),
            "cancelled": _("The event was cancelled."),
        }
        wanted = request.POST.get("do", "")
        if wanted in messages_by_state:
            try:
                is_done = decide_event(
                    event, wanted, by=request.user, version=request.POST.get("version", "")
                )
            except ValidationError as error:
                messages.error(request, error.message)
                return redirect(event.post)
            messages.success(
                request, messages_by_state[wanted] if is_done else _("Someone has already done that.")
            )
        return redirect("events:event-list" if wanted == "declined" else event.post)


class ReportView(MemberRequiredMixin, View):
    """POST: open the draft of the report on the last date in the editor. For hosts who may write posts."""

    def get(self, request: MemberRequest, slug: str) -> HttpResponse:
        return redirect(get_event(request, slug).post)

    def post(self, request: MemberRequest, slug: str) -> HttpResponse:
        event = get_event(request, slug)
        if not (may_host(request.user) and request.user.has_perm("posts.add_post")):
            raise PermissionDenied(_("Only hosts can write reports."))
        report = begin_report(event, request.user)
        return redirect("admin:posts_post_change", report.pk) if report else redirect(event.post)


class AnswerView(MemberRequiredMixin, View):
    """POST `says` for the date `occurrence`."""

    def get(self, request: MemberRequest, slug: str) -> HttpResponse:
        return redirect(get_event(request, slug).post)

    def post(self, request: MemberRequest, slug: str) -> HttpResponse:
        event = get_event(request, slug)
        form = AnswerForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Choose one of the options."))
            return redirect(event.post)
        occurrence = get_object_or_404(Occurrence, pk=form.cleaned_data["occurrence"], event=event)
        try:
            answer = give_answer(occurrence, request.user, form.cleaned_data["says"])
        except ValidationError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, answer_message(answer))
        return redirect(f"{event.post.get_absolute_url()}#time-{occurrence.pk}")


def answer_message(answer: Answer) -> str:
    """What a member is told after responding. It promises a reminder only if there will be one."""
    if answer.is_waiting:
        return _("All places are taken. You’re on the waiting list; we’ll notify you when there’s a place.")
    if answer.says != Answer.Says.NO and not will_be_reminded(answer):
        return _("Saved.")
    return {
        Answer.Says.YES: _("You’re coming. We’ll remind you a day before."),
        Answer.Says.MAYBE: _("Noted: maybe. We’ll remind you a day before."),
        Answer.Says.NO: _("Noted: you can’t come."),
    }[Answer.Says(answer.says)]
