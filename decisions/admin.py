from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core.parts import is_on
from decisions.models import DecisionSettings


@admin.register(DecisionSettings)
class DecisionSettingsAdmin(admin.ModelAdmin):
    """Redirect from the list to the one row, or to its creation. Only while the part is on."""

    fields = ["members_ask"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_on("decisions") and super().has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not DecisionSettings.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        row = DecisionSettings.objects.first()
        if row is None:
            return redirect("admin:decisions_decisionsettings_add")
        return redirect(reverse("admin:decisions_decisionsettings_change", args=[row.pk]))

    def save_model(
        self, request: HttpRequest, obj: DecisionSettings, form: forms.ModelForm, change: bool
    ) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)
