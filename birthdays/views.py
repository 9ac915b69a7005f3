"""The birthday calendar, the page of one birthday with its wishes, and the calendar feed."""

from datetime import date
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views import View
from django.views.generic import TemplateView

from accounts.models import CalendarAddress, User
from accounts.services.permissions import why_not_write
from accounts.views.access import MemberRequest, MemberRequiredMixin
from accounts.views.calendars import address_of
from birthdays.forms import WishForm
from birthdays.services.calendar import (
    MAX_NAMED,
    MONTHS,
    as_ics,
    facts,
    in_calendar,
    month_of,
    today_and_week,
)
from birthdays.services.wishes import send_wish, wishes_to
from comments.models.submission import Submission
from comments.views.access import url_for
from comments.views.results import add_result_message, refuse
from comments.views.thread import PostThreadView
from core.pagecache.files import cached_file
from core.utils.ratelimit import TooFast
from core.utils.urls import absolute_url
from core.web.kept_text import kept_text
from posts.models import Post


class BirthdayListView(TemplateView):
    """Today, this week, and one month.

    `?month=` 1 to 12, of this year or, if it is over, of the next; `?from=` one of its days.
    """

    template_name = "birthdays/birthday_list.html"
    wish: WishForm | None = None

    @cached_property
    def month(self) -> date:
        today = timezone.localdate()
        requested = self.request.GET.get("month", "")
        number = int(requested) if requested.isascii() and requested.isdigit() and len(requested) < 3 else 0
        if not 1 <= number <= MONTHS:
            number = today.month
        return date(today.year + (number < today.month), number, 1)

    @property
    def begin(self) -> int:
        """`from`: the day on which this page of a long month starts."""
        requested = self.request.GET.get("from", "")
        return int(requested) if requested.isascii() and requested.isdigit() and len(requested) < 3 else 1

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reader, today = self.request.user, timezone.localdate()
        members, week = today_and_week(reader, today)
        address = address_of(self.request)
        return super().get_context_data(**kwargs) | {
            "today": today,
            "celebrating": [(member, wishes) for member, wishes in wishes_to(members, reader)],
            "week": week,
            "is_cut": len(members) + sum(len(one.members) for one in week) >= MAX_NAMED,
            "month": month_of(reader, self.month, self.begin),
            "months": [date(today.year, number, 1) for number in range(1, MONTHS + 1)],
            "wish": self.wish or WishForm(),
            "why_not": why_not_write(reader) if isinstance(reader, User) else "",
            "own": reader if isinstance(reader, User) else None,
            "calendar_url": absolute_url(reverse("birthdays:calendar", args=[address.secret]))
            if address
            else "",
        }


class WishCreateView(MemberRequiredMixin, View):
    """POST: a one-line wish for a member whose birthday it is."""

    def get(self, request: MemberRequest) -> HttpResponse:
        return redirect("birthdays:birthday-list")

    def post(self, request: MemberRequest) -> HttpResponse:
        form, status = WishForm(request.POST), HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            member = get_object_or_404(User.objects.public(), username=form.cleaned_data["member"])
            try:
                words = form.cleaned_data["body"]
                comment = send_wish(member, by=request.user, words=words, submission=Submission.of(request))
            except (ValidationError, TooFast) as error:
                status = refuse(form, error)
            else:
                add_result_message(request, comment, was_added=False)
                return redirect(url_for(request, comment))
        page = BirthdayListView(wish=form)
        page.setup(request)
        context = page.get_context_data()
        if form["member"].value() not in {member.username for member, _now in context["celebrating"]}:
            context |= kept_text(request, may_send_again=False)  # the page has no form for this member
        return page.render_to_response(context, status=status)


class BirthdayDetailView(PostThreadView):
    """A birthday. The comments of its post are the wishes."""

    template_name = "birthdays/birthday_detail.html"
    post_kind = Post.Kind.BIRTHDAY

    def structured_data(self) -> list[dict[str, Any]]:
        return []


class CalendarView(View):
    """A calendar feed at a member's secret URL, with what that member may see."""

    def get(self, request: HttpRequest, secret: str) -> HttpResponseBase:
        address = get_object_or_404(CalendarAddress.objects.working().select_related("member"), secret=secret)
        members = in_calendar(address.member)
        return cached_file(request, "text/calendar; charset=utf-8", facts(members), lambda: as_ics(members))
