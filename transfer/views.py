"""Downloads of backups, site exports, and single posts."""

import io
import tempfile
from pathlib import Path
from typing import IO, Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views import View

from accounts.models import User
from accounts.views.access import MemberRequest
from accounts.views.privacy import FreshSignInMixin
from posts.models import Post
from transfer.backup import bucket
from transfer.models import Backup, SiteExport
from transfer.site.copies import COPIES
from transfer.site.download import private_storage


class WholeSiteView(FreshSignInMixin, View):
    """For superusers who have just reauthenticated, since it contains everything.

    Each download is recorded in the admin log.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not getattr(request.user, "is_superuser", False):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: MemberRequest, pk: int) -> HttpResponseBase:
        row, name = self.named(pk)
        try:
            file = self.open(row)
        except OSError:  # just deleted, or the bucket is unavailable
            raise Http404 from None
        LogEntry.objects.log_actions(
            request.user.pk, [row], CHANGE, change_message="Downloaded.", single_object=True
        )
        response = FileResponse(
            file, as_attachment=True, filename=name, content_type="application/octet-stream"
        )
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response

    def named(self, pk: int) -> tuple[Any, str]:
        """The row, and the file name for the download."""
        raise NotImplementedError

    def open(self, row: Any) -> IO[bytes]:
        raise NotImplementedError


class BackupDownloadView(WholeSiteView):
    def named(self, pk: int) -> tuple[Backup, str]:
        backup = get_object_or_404(Backup.objects.whole(), pk=pk)
        return backup, backup.name

    def open(self, row: Backup) -> IO[bytes]:
        path = Path(row.path)
        return path.open("rb") if path.is_file() or not row.sent_at else bucket.open_backup(row.name)


class SiteExportDownloadView(WholeSiteView):
    def named(self, pk: int) -> tuple[SiteExport, str]:
        export = get_object_or_404(SiteExport.objects.exclude(file=""), pk=pk)
        return export, f"site-{export.made_at:%Y%m%d-%H%M}.zip"

    def open(self, row: SiteExport) -> IO[bytes]:
        return private_storage().open(row.file)


class PostCopyView(View):
    """A post with its comments, for users who may change it.

    `?as=` Markdown or HTML to download, or a page to print.
    """

    def get(self, request: MemberRequest, slug: str) -> HttpResponseBase:
        post = get_object_or_404(Post.objects.with_author(), slug=slug)
        if not (request.user.is_authenticated and may_copy(request.user, post)):
            raise Http404
        wanted = request.GET.get("as", "")
        if wanted not in COPIES:
            return TemplateResponse(request, "transfer/copy.html", {"post": post})
        write, ending = COPIES[wanted]
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
        text = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
        write(post, text)
        text.flush()
        text.detach()
        file.seek(0)
        if not ending:
            return FileResponse(file, content_type="text/html; charset=utf-8")
        kind = {"md": "text/markdown", "html": "text/html"}[ending]
        return FileResponse(
            file, as_attachment=True, filename=f"{post.slug}.{ending}", content_type=f"{kind}; charset=utf-8"
        )


def may_copy(user: User, post: Post) -> bool:
    return user.is_staff and user.has_perm("posts.change_post") and post.may_be_changed_by(user)
