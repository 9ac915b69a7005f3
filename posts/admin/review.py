"""Contributors in the admin, notes on drafts, and preview links for people without an account."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.views.access import MemberRequest
from core.utils.urls import absolute_url
from posts.models import Post, PreviewLink
from posts.services.review import add_note, make_preview_link, request_review, return_for_changes


def _days() -> list[tuple[int, str]]:
    return [
        (days, ngettext("%(days)d day", "%(days)d days", days) % {"days": days})
        for days in settings.PREVIEW_LINK_DAYS
    ]


class PreviewLinkForm(forms.Form):
    days = forms.TypedChoiceField(
        label=gettext_lazy("The link works for"), coerce=int, choices=_days, initial=7
    )


class ReviewMixin(admin.ModelAdmin):
    """Limit users who may not publish to their own drafts, which they can send for review."""

    def may_publish(self, request: HttpRequest) -> bool:
        return request.user.has_perm("posts.publish_post")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        posts = super().get_queryset(request)
        return posts if self.may_publish(request) else posts.filter(author=request.user)

    def has_change_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        is_open = obj is None or obj.may_be_changed_by(request.user)
        return super().has_change_permission(request, obj) and is_open

    def has_delete_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        is_open = obj is None or obj.may_be_changed_by(request.user)
        return super().has_delete_permission(request, obj) and is_open

    def store_review(self, request: HttpRequest, post: Post, form: Any) -> None:
        """Store the note on the draft and its review status."""
        user = cast(User, request.user)
        if note := form.cleaned_data.get("note"):
            add_note(post, note, by=user)
        if form.intends == "review":
            request_review(post, by=user)
        elif form.intends == "return":
            return_for_changes(post, by=user)

    # --- preview links ----------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_previews"
        view = self.admin_site.admin_view(self.preview_links_view)
        return [path("<int:pk>/preview-links/", view, name=name), *super().get_urls()]

    def preview_links_view(self, request: MemberRequest, pk: int) -> HttpResponse:
        post = self.get_object(request, str(pk))
        if post is None or post.trashed_at:
            raise Http404
        if not self.has_change_permission(request, post):
            raise PermissionDenied
        form = PreviewLinkForm(request.POST if "days" in request.POST else None)
        if request.method == "POST" and "end" in request.POST:
            ended = [
                value
                for value in request.POST.getlist("end")
                if value.isascii() and value.isdigit() and len(value) < 18
            ]
            PreviewLink.objects.filter(post=post, pk__in=ended).delete()
            self.message_user(request, _("The link no longer works."), messages.SUCCESS)
            return HttpResponseRedirect(request.path)
        if form.is_valid():
            make_preview_link(post, by=request.user, days=form.cleaned_data["days"])
            self.message_user(request, _("Preview link created."), messages.SUCCESS)
            return HttpResponseRedirect(request.path)
        links = PreviewLink.objects.working().filter(post=post).select_related("created_by")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Preview links: %(title)s") % {"title": post.title},
            "opts": self.opts,
            "original": post,
            "form": form,
            "links": [(link, absolute_url(link.get_absolute_url())) for link in links],
        }
        return TemplateResponse(request, "admin/posts/post/preview_links.html", context)
