"""The inbox of members' notifications."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from accounts.views.access import MemberRequest, MemberRequiredMixin
from comments.thread.pagination import read_numbers
from comments.views.access import url_for
from core.utils.pagination import Cursor
from notifications.models import Notification
from notifications.services.inbox import is_filter, mark_read, read_inbox, tabs_for, unread_count


def back_to(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Redirect back to the page of the form, if it is one of ours."""
    to = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(to, allowed_hosts=None) and to.startswith("/")
    return HttpResponseRedirect(to if is_ours else resolve_url(otherwise))


class InboxView(MemberRequiredMixin, View):
    def get(self, request: MemberRequest) -> HttpResponse:
        opened = Cursor(timezone.now(), 0)
        show = request.GET.get("show", "")
        page = read_inbox(request.user, show=show, before=request.GET.get("before", ""))
        next_query = urlencode(
            {name: value for name, value in (("show", show), ("before", str(page.next or ""))) if value}
        )
        context = {
            "page": page,
            "until": opened,
            "show": show if is_filter(show) else "",
            "next_query": next_query if page.next else "",
            "is_first_page": "before" not in request.GET,
            "tabs": tabs_for(request.user),
            "unread": unread_count(request.user),
        }
        return render(request, "notifications/inbox.html", context)


class NotificationReadView(MemberRequiredMixin, View):
    """Mark entries as read: those given, or with `all` those present when the page was opened (`until`)."""

    def post(self, request: MemberRequest) -> HttpResponse:
        if "all" in request.POST:
            opened = Cursor.read(request.POST.get("until", ""))
            mark_read(request.user, None, until=opened.at if opened else None)
        else:
            mark_read(request.user, read_numbers(request.POST.getlist("notification")))
        return back_to(request, "notifications:inbox")


class NotificationOpenView(MemberRequiredMixin, View):
    """Mark an entry as read and redirect to its subject."""

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(Notification.objects.in_inbox_of(request.user).with_causes(), pk=pk)
        Notification.objects.filter(pk=row.pk).mark_seen()
        in_thread = row.comment if row.type.leads_into_thread else None
        return HttpResponseRedirect(url_for(request, in_thread) if in_thread is not None else row.path)
