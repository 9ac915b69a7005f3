"""Imports in the admin: upload an export, read the report, start the import."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from accounts.views.access import MemberRequest
from core.web.admin import QuickListMixin
from transfer.backup import admin as backup_admin  # noqa: F401 - registers itself
from transfer.forms import FoundComments, FoundPostForm, ImportForm, PasteForm, begin_pasted, found_forms
from transfer.imports.runs import forget_file, go_on
from transfer.models import ImportRun
from transfer.site import admin as site_admin  # noqa: F401 - registers itself


@admin.register(ImportRun)
class ImportRunAdmin(QuickListMixin, admin.ModelAdmin):
    list_display = ["file_name", "label", "state", "started_by", "created_at"]
    list_select_related = ["started_by"]
    ordering = ["-created_at", "-pk"]

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def add_view(self, request: MemberRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:  # type: ignore[override]  # behind the sign-in
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                run = form.save(request.user)
            except ValidationError as error:
                form.add_error("file", error)
            else:
                return HttpResponseRedirect(reverse("admin:transfer_importrun_change", args=[run.pk]))
        context = self.context(request, title=_("Import from another system"), form=form)
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/transfer/importrun/upload.html", context, status=status)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The report of one import, and the button that starts it."""
        run = self.get_object(request, object_id)
        if run is None:
            raise Http404
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        if request.method == "POST":
            if not self.has_add_permission(request):
                raise PermissionDenied
            if not go_on(run):
                messages.info(request, _("This import is already running, or its file has been deleted."))
            return HttpResponseRedirect(request.path)
        context = self.context(request, title=_("Import"), subtitle=str(run), run=run, posts=run.posts_here())
        return TemplateResponse(request, "admin/transfer/importrun/report.html", context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.paste_view)
        return [path("paste/", view, name="transfer_importrun_paste"), *super().get_urls()]

    def paste_view(self, request: MemberRequest) -> HttpResponse:
        """Import a pasted page: paste it, correct what was recognised, then check it like an upload."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST" and "post-title" in request.POST:
            return self.corrected(request)
        form = PasteForm(request.POST or None)
        context = self.context(request, title=_("Paste an old page"), form=form)
        if request.method == "POST" and form.is_valid():
            post, comments = found_forms(form.page)
            context |= {"post": post, "comments": comments, "is_cut": form.page.is_cut}
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/transfer/importrun/paste.html", context, status=status)

    def corrected(self, request: MemberRequest) -> HttpResponse:
        post = FoundPostForm(request.POST, prefix="post")
        comments = FoundComments(request.POST, prefix="comments")
        if all([post.is_valid(), comments.is_valid()]):
            try:
                run = begin_pasted(post, comments, request.user)
            except ValidationError as error:
                post.add_error(None, error)
            else:
                return HttpResponseRedirect(reverse("admin:transfer_importrun_change", args=[run.pk]))
        context = self.context(request, title=_("Paste an old page"), post=post, comments=comments)
        return TemplateResponse(request, "admin/transfer/importrun/paste.html", context, status=422)

    def context(self, request: HttpRequest, **more: Any) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, **more}

    def delete_model(self, request: HttpRequest, obj: ImportRun) -> None:
        forget_file(obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ImportRun]) -> None:
        for run in queryset:
            forget_file(run)
        super().delete_queryset(request, queryset)
