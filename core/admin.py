"""Site settings in the admin: one form, its log, undo."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from core.forms.site_settings import SettingsForms
from core.models import SiteSettings, SiteSettingsChange
from core.parts import parts
from core.services.site_settings import SettingsConflictError, undo
from core.utils.dates import date_format
from core.utils.languages import name_of_interface
from core.utils.punctuation import with_commas
from core.utils.stylesheet import Typeface, Width, address_of

CHANGES_SHOWN = 50


@admin.register(SiteSettings)
class SiteSettingsAdmin(admin.ModelAdmin):
    """There is only one row, so the "list" is its form."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name="core_sitesettings_changelist"),
            path("log/", wrap(self.log_view), name="core_sitesettings_log"),
            path("log/<int:version>/undo/", wrap(self.undo_view), name="core_sitesettings_undo"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._refuse_others(request)
        if request.method != "POST":
            return self._show(request, SettingsForms())
        forms = SettingsForms(request.POST, request.FILES)
        if "move_link" in request.POST:
            forms.move(request.POST["move_link"])
            forms.is_valid()
            return self._show(request, forms, is_preview=True)
        is_valid = forms.is_valid()
        if "_preview" in request.POST:
            return self._show(request, forms, is_preview=True)
        if not is_valid:
            return self._show(request, forms, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            change = forms.save(by=request.user)
        except SettingsConflictError:
            return self._show(request, forms, HTTPStatus.CONFLICT)
        if change is None:
            messages.info(request, _("Nothing was changed."))
        else:
            messages.success(request, _("The settings were saved. Visitors can see them now."))
        return redirect("admin:core_sitesettings_changelist")

    def log_view(self, request: HttpRequest) -> HttpResponse:
        """What was changed, when and by whom, with a button to undo it."""
        self._refuse_others(request)
        changes = SiteSettingsChange.objects.select_related("changed_by", "undoes")[:CHANGES_SHOWN]
        context = {
            "title": _("Changes to the settings"),
            "changes": [self._described(each) for each in changes],
        }
        return self._page(request, "log", context)

    def undo_view(self, request: HttpRequest, version: int) -> HttpResponse:
        self._refuse_others(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        change = get_object_or_404(SiteSettingsChange, version=version)
        if undo(change, by=request.user) is None:
            messages.info(request, _("These settings are already as they were before."))
        else:
            messages.success(request, _("The change was undone."))
        return redirect("admin:core_sitesettings_log")

    def _refuse_others(self, request: HttpRequest) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied

    def _show(
        self,
        request: HttpRequest,
        forms: SettingsForms,
        status: int = HTTPStatus.OK,
        *,
        is_preview: bool = False,
    ) -> HttpResponse:
        form = forms.form
        chosen = form.instance
        hue, typeface, width = chosen.accent_hue, chosen.typeface, chosen.width
        is_known = (
            isinstance(hue, int) and 0 <= hue <= 359 and typeface in Typeface.values and width in Width.values
        )
        context = {
            "title": _("Site settings"),
            "forms": forms,
            "form": form,
            "is_preview": is_preview,
            "chosen": chosen,
            "chosen_navigation": forms.navigation.links
            if forms.navigation.is_bound and forms.navigation.is_valid()
            else chosen.navigation,
            "preview_css": address_of(hue, typeface, width) if is_known else "",
            "last_change": SiteSettingsChange.objects.select_related("changed_by").first(),
        }
        return self._page(request, "form", context, status)

    def _page(
        self, request: HttpRequest, template: str, context: dict[str, Any], status: int = HTTPStatus.OK
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts} | context
        return TemplateResponse(request, f"admin/core/sitesettings/{template}.html", context, status=status)

    def _described(self, change: SiteSettingsChange) -> dict[str, Any]:
        """A change, with the labels of the form and its values as text."""
        fields = {field.name: field for field in SiteSettings._meta.concrete_fields}
        rows = [
            (
                fields[name].verbose_name,
                _in_words(fields[name], change.before.get(name)),
                _in_words(fields[name], value),
            )
            for name, value in change.after.items()
            if name in fields
        ]
        return {"change": change, "rows": rows}


def _in_words(field: Any, value: Any) -> str:
    if field.name == "icon":
        return _("a picture") if value else "–"
    if field.name == "parts":
        return with_commas(part.label for part in parts().values() if part.key in (value or [])) or "–"
    if field.name == "languages":
        return with_commas(name_of_interface(code) for code in value or []) or "–"
    if isinstance(value, list):
        return with_commas(f"{each['label']} ({each['address']})" for each in value) or "–"
    if isinstance(field, models.DateTimeField) and value:
        return date_format(timezone.localtime(datetime.fromisoformat(value)), "DATETIME_FORMAT")
    choices = dict(field.flatchoices)
    return str(choices.get(value, value if value not in ("", None) else "–"))
