"""The statistics: a page with plots, and CSV."""

import csv
from typing import Any, cast

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.models import User
from dashboard.models import PageDay
from dashboard.services.figures import LABELS, Figures, figures
from dashboard.services.searches import IN_FILE, top_searches
from posts.models import Post


class FiguresView(TemplateView):
    """For hosts. `?period=`: week, month or year.

    `?format=csv`: by day; `?format=posts`: by post and day; `?format=searches`: search queries.
    """

    template_name = "admin/dashboard/figures.html"
    site: AdminSite | None = None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not cast(User, request.user).is_host:
            raise PermissionDenied
        period = request.GET.get("period", "month")
        is_table = request.GET.get("format") == "csv"
        found = figures(period if period in LABELS else "month", waits=is_table)
        if is_table:
            return as_csv(found)
        if request.GET.get("format") == "searches":
            return searches_as_csv(found)
        if request.GET.get("format") == "posts":
            return posts_as_csv(found)
        context = self.site.each_context(request) if self.site else {}
        return self.render_to_response(
            context | {"title": _("Figures"), "figures": found, "periods": LABELS.items()}
        )


def as_csv(found: Figures) -> HttpResponse:
    """One row per day. The column names are fixed, for programs that read it."""
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="figures-{found.since}-{found.period}.csv"'},
    )
    writer = csv.writer(response)
    writer.writerow(["day", *(series.key for series in found.series)])
    for rows in zip(*(series.by_day for series in found.series), strict=True):
        writer.writerow([rows[0][0].isoformat(), *(count for _day, count in rows)])
    return response


def posts_as_csv(found: Figures) -> HttpResponse:
    """One row per post and day with views."""
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="posts-{found.since}-{found.period}.csv"'},
    )
    days = PageDay.objects.filter(day__gte=found.since).exclude(page=0).order_by("page", "day")
    viewed = days.order_by().values("page").distinct()
    slugs = dict(Post.objects.filter(pk__in=viewed).values_list("pk", "slug"))
    writer = csv.writer(response)
    writer.writerow(["post", "day", "views", "readers"])
    for page, day, views, readers in days.values_list("page", "day", "views", "readers").iterator(
        chunk_size=2000
    ):
        writer.writerow([slugs.get(page, page), day.isoformat(), views, readers])
    return response


def harmless(words: str) -> str:
    """Escape visitors' input, so that no spreadsheet program runs it as a formula."""
    return f"'{words}" if words[:1] in {"=", "+", "-", "@", "\t", "\r"} else words


def searches_as_csv(found: Figures) -> HttpResponse:
    """One row per query of several readers."""
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="searches-{found.since}-{found.period}.csv"'},
    )
    writer = csv.writer(response)
    writer.writerow(["words", "times", "without_result"])
    for row in top_searches(found.since, IN_FILE):
        writer.writerow([harmless(row["words"]), row["total"], row["without_result"]])
    return response
