"""Exports of the whole site in the admin: the worker makes them, superusers download them."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.tasks.pending import is_pending
from core.web.admin import QuickListMixin
from transfer.models import SiteExport
from transfer.site.download import KEEP, forget
from transfer.tasks import export_site_now
from transfer.views import SiteExportDownloadView


@admin.register(SiteExport)
class SiteExportAdmin(QuickListMixin, admin.ModelAdmin):
    """For superusers, because an export contains everyone's address and password hash."""

    list_display = ["made_at", "size_in_words", "download"]
    list_display_links = None
    ordering = ["-made_at", "-pk"]
    change_list_template = "admin/transfer/siteexport/change_list.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        download = view(SiteExportDownloadView.as_view())
        return [
            path("now/", view(self.now_view), name="transfer_siteexport_now"),
            path("<int:pk>/download/", download, name="transfer_siteexport_download"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"is_being_made": is_pending(export_site_now), "days": KEEP.days}
        return super().changelist_view(request, context | (extra_context or {}))

    def now_view(self, request: HttpRequest) -> HttpResponse:
        """POST: request an export, which the worker makes next."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if is_pending(export_site_now):
            messages.info(request, _("An export is already being made."))
        else:
            export_site_now.enqueue()
            messages.success(request, _("The export is being made. It’ll be listed here in a few minutes."))
        return redirect("admin:transfer_siteexport_changelist")

    def delete_model(self, request: HttpRequest, obj: SiteExport) -> None:
        forget(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SiteExport]) -> None:
        for export in queryset:
            forget(export)

    @admin.display(description=gettext_lazy("size"))
    def size_in_words(self, export: SiteExport) -> str:
        return filesizeformat(export.size) if export.file else "–"

    @admin.display(description=gettext_lazy("download"))
    def download(self, export: SiteExport) -> str:
        if not export.file:
            return _("It couldn’t be made: %(error)s") % {"error": export.error}
        address = reverse("admin:transfer_siteexport_download", args=[export.pk])
        return format_html('<a href="{}">{}</a>', address, _("Download"))
