"""The versions of a post in the admin: the list, a comparison of two, and restoring one."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.views.access import MemberRequest
from core.utils.dates import date_format
from posts.models import Post, PostRevision
from posts.services.versions import compare_inline, compare_side_by_side, restore_version

VERSIONS_SHOWN = 100


class VersionsMixin(admin.ModelAdmin):
    """Show the versions on Django's "History" page instead of the admin log."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_restore"
        restore = self.admin_site.admin_view(self.restore_view)
        return [path("<int:pk>/versions/<int:version>/restore/", restore, name=name), *super().get_urls()]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        post = self.get_object(request, object_id)
        if post is None:
            raise Http404
        if not self.has_view_or_change_permission(request, post):
            raise PermissionDenied
        versions = [*post.revisions.select_related("saved_by")[:VERSIONS_SHOWN]]
        old, new = self._chosen(request, post, versions)
        is_side_by_side = request.GET.get("view") == "side"
        compared = (
            (compare_side_by_side if is_side_by_side else compare_inline)(old, new) if old and new else []
        )
        context = {
            **self.admin_site.each_context(request),
            "title": _("Versions: %(title)s") % {"title": post.title},
            "subtitle": None,
            "opts": self.opts,
            "original": post,
            "object": post,
            "versions": versions,
            "old": old,
            "new": new,
            "is_side_by_side": is_side_by_side,
            "compared": compared,
            "may_restore": self.has_change_permission(request, post),
            "restore_name": f"admin:{self.opts.app_label}_{self.opts.model_name}_restore",
        }
        return TemplateResponse(request, "admin/posts/post/versions.html", context | (extra_context or {}))

    def _chosen(
        self, request: HttpRequest, post: Post, versions: list[PostRevision]
    ) -> tuple[PostRevision | None, PostRevision | None]:
        """The versions to compare, the older one first: the requested ones, or the newest two."""
        requested = {
            int(pk) for pk in request.GET.getlist("v") if pk.isascii() and pk.isdigit() and len(pk) < 18
        }
        chosen = sorted(PostRevision.objects.filter(post=post, pk__in=requested), key=lambda one: one.pk)
        if len(chosen) == 1:
            before = PostRevision.objects.filter(post=post, pk__lt=chosen[0].pk).first()
            chosen = [before or chosen[0], chosen[0]]
        if len(chosen) < 2:
            chosen = versions[1::-1]
        return (chosen[0], chosen[-1]) if len(chosen) > 1 else (None, None)

    @method_decorator(require_POST)
    def restore_view(self, request: MemberRequest, pk: int, version: int) -> HttpResponse:
        post = self.get_object(request, str(pk))
        if post is None:
            raise Http404
        if not self.has_change_permission(request, post):
            raise PermissionDenied
        revision = get_object_or_404(PostRevision, pk=version, post=post)
        restore_version(revision, by=request.user)
        when = date_format(localtime(revision.saved_at), "DATETIME_FORMAT")
        message = _(
            "The version of %(when)s is restored. The one it replaced is still in the list of versions."
        )
        self.message_user(request, message % {"when": when}, messages.SUCCESS)
        change = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(change, args=[post.pk]))
