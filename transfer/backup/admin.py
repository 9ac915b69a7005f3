"""Backups in the admin: the list and a button for hosts, the download for superusers."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.tasks.pending import is_pending
from core.utils.dates import date_format
from core.web.admin import QuickListMixin
from transfer.backup import schedule
from transfer.models import Backup
from transfer.tasks import back_up_now
from transfer.views import BackupDownloadView


@admin.register(Backup)
class BackupAdmin(QuickListMixin, admin.ModelAdmin):
    """Read-only: rows are created and deleted together with the files."""

    list_display = ["made_at", "age", "size_in_words", "where", "trial", "download"]
    list_display_links = None
    ordering = ["-made_at", "-pk"]
    change_list_template = "admin/transfer/backup/change_list.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(getattr(request.user, "is_host", False))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("now/", view(self.now_view), name="transfer_backup_now"),
            path("<int:pk>/download/", view(BackupDownloadView.as_view()), name="transfer_backup_download"),
            *super().get_urls(),
        ]

    def get_list_display(self, request: HttpRequest) -> Any:
        return self.list_display if request.user.is_superuser else self.list_display[:-1]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "is_on": schedule.is_on(),
            "hours": settings.BACKUP_HOURS,
            "is_encrypted": bool(settings.BACKUP_PASSPHRASE),
            "is_being_made": is_pending(back_up_now),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def now_view(self, request: HttpRequest) -> HttpResponse:
        """POST: request a backup, which the worker makes next."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not schedule.is_on():
            messages.error(
                request, _("There’s no place for backups yet: set BACKUP_DIR or BACKUP_BUCKET on the server.")
            )
        elif is_pending(back_up_now):
            messages.info(request, _("A backup is already being made."))
        else:
            back_up_now.enqueue()
            messages.success(request, _("A backup is being made. It’ll be listed here in a few minutes."))
        return redirect("admin:transfer_backup_changelist")

    @admin.display(description=gettext_lazy("age"))
    def age(self, backup: Backup) -> str:
        return timesince(backup.made_at)

    @admin.display(description=gettext_lazy("size"))
    def size_in_words(self, backup: Backup) -> str:
        return filesizeformat(backup.size) if backup.path else "–"

    @admin.display(description=gettext_lazy("where it is"))
    def where(self, backup: Backup) -> str:
        if not backup.path:
            return "–"
        if backup.sent_at:
            return _("in the folder and the bucket") if settings.BACKUP_DIR else _("in the bucket")
        return _("in the folder")

    @admin.display(description=gettext_lazy("last test"))
    def trial(self, backup: Backup) -> str:
        if not backup.path:
            return _("It couldn’t be made: %(error)s") % {"error": backup.error}
        if backup.tried_at is None:
            return _("not tested yet")
        when = {"when": date_format(timezone.localtime(backup.tried_at), "DATETIME_FORMAT")}
        if backup.error:
            return _("%(when)s: it can’t be restored. %(error)s") % (when | {"error": backup.error})
        return _("%(when)s: it can be restored") % when

    @admin.display(description=gettext_lazy("download"))
    def download(self, backup: Backup) -> str:
        if not backup.path:
            return "–"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:transfer_backup_download", args=[backup.pk]), _("Download")
        )
