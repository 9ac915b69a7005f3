"""Static pages of the host in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from core.utils.punctuation import with_commas
from posts.admin.posts import PostAdmin, StateFilter
from posts.models import Page

# Pages that most sites have, offered to start with: slug, title, place in the navigation.
STARTS = [
    ("about", gettext_lazy("About"), "header"),
    ("contact", gettext_lazy("Contact"), "footer"),
    ("privacy", gettext_lazy("Privacy"), "footer"),
    ("imprint", gettext_lazy("Legal notice"), "footer"),
    ("guidelines", gettext_lazy("Community guidelines"), ""),
]


@admin.register(Page)
class PageAdmin(PostAdmin):
    """The same editor and panel, with a place in the navigation, no date, and comments off by default."""

    change_list_template = "admin/posts/page/change_list.html"
    list_display = ["title", "state", "navigation", "visibility"]
    list_filter = [StateFilter, "nav_place"]
    ordering = ["nav_place", "nav_order", "title"]
    fieldsets = [
        (None, {"fields": ["title", "summary", "body"]}),
        (gettext_lazy("When"), {"classes": ["panel"], "fields": ["when", "published_at", "zone"]}),
        (gettext_lazy("Who can read it"), {"classes": ["panel"], "fields": ["visibility"]}),
        (gettext_lazy("Web address"), {"classes": ["panel"], "fields": ["slug"]}),
        (gettext_lazy("Navigation"), {"classes": ["panel"], "fields": ["nav_place", "nav_order"]}),
        *PostAdmin.fieldsets[4:],
    ]

    @admin.display(description=gettext_lazy("Navigation"), ordering="nav_place")
    def navigation(self, page: Page) -> str:
        """The place in the navigation and the position there."""
        return with_commas([page.get_nav_place_display(), *([str(page.nav_order)] if page.nav_place else [])])

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"comments_open": False, "nav_place": "footer"} | super().get_changeform_initial_data(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        there = set(
            Page.objects.filter(slug__in=[slug for slug, *_ in STARTS]).values_list("slug", flat=True)
        )
        starts = [start for start in STARTS if start[0] not in there]
        return super().changelist_view(request, {"starts": starts} | (extra_context or {}))
