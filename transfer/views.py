"""The file of a backup."""

from pathlib import Path
from typing import IO, Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views import View

from accounts.views.access import MemberRequest
from accounts.views.privacy import FreshSignInMixin
from transfer.backup import bucket
from transfer.models import Backup


class BackupDownloadView(FreshSignInMixin, View):
    """Everything that the site knows, so for superusers who have just signed in. Each download is in the admin's log."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not getattr(request.user, "is_superuser", False):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: MemberRequest, pk: int) -> HttpResponseBase:
        backup = get_object_or_404(Backup.objects.whole(), pk=pk)
        try:
            file = self.open(backup)
        except OSError:  # thinned out in this moment, or the bucket is away
            raise Http404 from None
        LogEntry.objects.log_actions(
            request.user.pk, [backup], CHANGE, change_message="Downloaded.", single_object=True
        )
        response = FileResponse(
            file, as_attachment=True, filename=backup.name, content_type="application/octet-stream"
        )
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response

    def open(self, backup: Backup) -> IO[bytes]:
        path = Path(backup.path)
        return path.open("rb") if path.is_file() or not backup.sent_at else bucket.open_backup(backup.name)
