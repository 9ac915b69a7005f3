"""Reports on events. A report is an ordinary post; this creates its draft and links it to the event."""

from django.db import transaction
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.models import User
from core.utils.dates import date_format
from events.models import Event
from events.services.answers import lock_event
from posts.models import Post


def begin_report(event: Event, by: User) -> Post | None:
    """The draft of the report on the last past date, created if necessary. None before the first is over."""
    with transaction.atomic():
        event = lock_event(event.pk)
        last = event.occurrences.over().select_related("report").order_by("-starts_at").first()
        if last is None:
            return None
        if last.report is not None and last.report.trashed_at is None:
            return last.report
        day = date_format(last.starts_at.astimezone(event.clocks), "DATE_FORMAT")
        title = _("%(title)s, %(day)s") % {"title": event.post.title, "day": day}
        link = format_html('<p><a href="{}">{}</a></p>', event.post.get_absolute_url(), event.post.title)
        last.report = Post.objects.create(title=title[:200], body=link, author=by)
        last.save(update_fields=["report"])
        return last.report
