"""Pages of events: the agenda, a month, one event with its discussion, and calendar feeds."""

from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views import View
from django.views.generic import TemplateView

from accounts.models import CalendarAddress, User
from accounts.models.querysets import set_moderator_flags
from accounts.services.permissions import why_not_write
from accounts.views.calendars import address_of
from comments.thread.pagination import read_number
from comments.views.thread import PostThreadView
from comments.views.thread_request import ThreadRequest
from core.pagecache.files import cached_file
from core.utils.pagination import Cursor
from core.utils.urls import absolute_url
from events.models import Event
from events.services.calendar import agenda, has_later, month_of, next_times, read_month, reports_on
from events.services.ics import as_ics, calendar_of, facts, in_calendar
from events.services.planning import may_change, may_host
from events.views.access import get_event, knows_of
from posts.models import Post

ICS = "text/calendar; charset=utf-8"


class EventListView(TemplateView):
    """Upcoming events, or with `?month=2026-07` one month as a table and a list.

    `&after=`: where a month with many events continues.
    """

    template_name = "events/event_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reader = self.request.user
        first = read_month(self.request.GET.get("month", ""))
        continues = Cursor.read(self.request.GET.get("after", ""))
        month = month_of(first, reader, continues) if first else None
        shown = month.shown if month else agenda(reader)
        set_moderator_flags(one.event.post.author for one in shown)
        address = address_of(self.request)
        calendar_url = reverse("events:calendar", args=[address.secret]) if address else ""
        return super().get_context_data(**kwargs) | {
            "month": month,
            "this_month": timezone.localdate().replace(day=1),
            "weekdays": [date(2024, 1, number) for number in range(1, 8)],
            "today": timezone.localdate(),
            "shown": shown,
            "proposals": self.get_proposals(),
            "may_host": may_host(reader),
            "calendar_url": absolute_url(calendar_url) if calendar_url else "",
        }

    def get_proposals(self) -> list[Event]:
        """Pending proposals: all for hosts, their own for members."""
        reader = self.request.user
        if not isinstance(reader, User) and not reader.is_authenticated:
            return []
        waiting = Event.objects.proposed().filter(post__trashed_at=None).with_post().order_by("pk")
        return list((waiting if may_host(reader) else waiting.filter(post__author=reader.pk))[:50])


class EventRequest(ThreadRequest):
    """Members' pages are not shared, as they contain their response. Each response raises the thread version.

    Whether the event is over is checked every five minutes.
    """

    @cached_property
    def looks(self) -> list[Any]:
        return [*super().looks, self.version.thread_version, int(timezone.now().timestamp()) // 300]

    @cached_property
    def is_shared(self) -> bool:
        return not self.reader.is_authenticated and super().is_shared


class EventDetailView(PostThreadView):
    """An event. The comments of its post are its discussion. A proposal has the page without it."""

    template_name = "events/event_detail.html"
    post_kind = Post.Kind.EVENT
    request_class = EventRequest

    def redirect_or_404(self) -> HttpResponse:
        event = (
            Event.objects.with_post().filter(post__slug=self.kwargs["slug"], post__trashed_at=None).first()
        )
        if event is None or not knows_of(event, self.request.user):
            return super().redirect_or_404()
        return render(self.request, self.template_name, event_context(event, self.request.user))

    def structured_data(self) -> list[dict[str, Any]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        event = get_object_or_404(Event, pk=self.object.pk)
        event.post = self.object
        after = read_number(self.request.GET.get("after", "")) or 0
        return super().get_context_data(**kwargs) | event_context(event, self.reader, after)


def event_context(event: Event, reader: User | AnonymousUser, after: int = 0) -> dict[str, Any]:
    times = next_times(event, reader, after)
    set_moderator_flags(member for one in times for member in one.coming)
    return {
        "post": event.post,
        "event": event,
        "times": times,
        "later_than": times[-1].occurrence.pk if has_later(event, times) else None,
        "reports": reports_on(event, reader),
        "may_report": may_host(reader)
        and reader.has_perm("posts.add_post")
        and event.occurrences.over().exists(),
        "why_not": why_not_write(reader) if isinstance(reader, User) else "",
        "is_member": reader.is_authenticated,
        "may_host": may_host(reader),
        "may_change": may_change(event, reader),
    }


class EventIcsView(View):
    """One event as an iCalendar file."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        event = get_event(request, slug)
        headers = {
            "Content-Disposition": f'attachment; filename="event-{event.pk}.ics"',
            "Cache-Control": "private, no-cache",
        }
        return HttpResponse(as_ics([event]), content_type=ICS, headers=headers)


class CalendarView(View):
    """All events as a calendar feed at a member's secret URL."""

    def get(self, request: HttpRequest, secret: str) -> HttpResponseBase:
        address = get_object_or_404(CalendarAddress.objects.working().select_related("member"), secret=secret)
        events = in_calendar(address.member)
        return cached_file(request, ICS, facts(events), lambda: calendar_of(events))
