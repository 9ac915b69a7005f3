from django.contrib import admin
from django.http import HttpRequest

from core.parts import is_on
from party.models import PartyDay


@admin.register(PartyDay)
class PartyDayAdmin(admin.ModelAdmin):
    """The host's choice of the site's look, by day."""

    list_display = ["day", "dress"]
    date_hierarchy = "day"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_on("party") and super().has_module_permission(request)
