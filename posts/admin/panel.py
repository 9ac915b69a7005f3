"""The publishing panel beside the form of a post."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path

from accounts.models import User
from core.utils.urls import absolute_url
from posts.models import Post, Tag
from posts.publishing_form import PublishingFormMixin
from posts.services.audience import audience_of, receipt_of

TAGS_SUGGESTED = 8


class PanelMixin(admin.ModelAdmin):
    """What the panel shows besides fields, and the tag suggestions."""

    change_form_template = "admin/posts/post/change_form.html"

    class Media:
        js = ["js/publishing.js"]
        css = {"all": ["css/admin-publishing.css"]}

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_tags"
        tags = path("tags/", self.admin_site.admin_view(self.tags_view), name=name)
        return [tags, *super().get_urls()]

    def tags_view(self, request: HttpRequest) -> HttpResponse:
        """Tags whose name contains `q`, the most used first."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            return JsonResponse({"tags": []}, status=403)
        query = request.GET.get("q", "").strip()[:50]
        tags = (
            Tag.objects.filter(name__icontains=query)
            .annotate(number=Count("posts"))
            .order_by("-number", "name")
        )
        found = [{"name": tag.name, "posts": tag.number} for tag in tags[:TAGS_SUGGESTED]]
        return JsonResponse({"tags": found, "may_add": request.user.has_perm("posts.add_tag")})

    def get_form(
        self, request: HttpRequest, obj: Post | None = None, change: bool = False, **kwargs: Any
    ) -> type[PublishingFormMixin]:
        form = cast(type[PublishingFormMixin], super().get_form(request, obj, change=change, **kwargs))
        form.user = request.user
        return form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        post: Post = context["original"] if context.get("original") else Post(author=cast(User, request.user))
        live = post.is_published
        audience = receipt_of(post) if post.pk and post.published_at and live else audience_of(post)
        context |= {
            "audience": audience,
            "post": post,
            "site_host": absolute_url("/").split("//")[-1].rstrip("/"),
            "may_publish": request.user.has_perm("posts.publish_post"),
            "notes": [*post.notes.select_related("author")] if post.pk else [],
        }
        return super().render_change_form(request, context, *args, **kwargs)
