"""Posts in the admin."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from core.markup.comments import count_pictures
from core.markup.posts import clean_post_html
from core.web.admin import NoncedMediaMixin
from posts.editor.admin import EditorAdminMixin
from posts.forms import PostAdminForm
from posts.models import Post, Tag
from posts.models.querysets import PostQuerySet
from posts.services.publishing import (
    delete_cover_after_commit,
    publish_post,
    set_comments_open,
    withdraw_post,
)


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("draft", _("draft")), ("scheduled", _("scheduled")), ("published", _("published"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        posts = cast(PostQuerySet, queryset)
        match self.value():
            case "draft":
                return posts.drafts()
            case "scheduled":
                return posts.scheduled()
            case "published":
                return posts.published()
        return queryset


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]


@admin.register(Post)
class PostAdmin(EditorAdminMixin, NoncedMediaMixin, admin.ModelAdmin):
    form = PostAdminForm
    list_display = ["title", "state", "comment_count", "comments_open", "author"]
    list_filter = [StateFilter, "comments_open", "tags"]
    list_select_related = ["author"]
    list_per_page = 50
    search_fields = ["title", "body"]
    ordering = ["-created_at", "-pk"]
    filter_horizontal = ["tags"]
    fieldsets = [
        (None, {"fields": ["title", "summary", "body"]}),
        (gettext_lazy("Picture"), {"fields": ["cover", "cover_alt"]}),
        (
            gettext_lazy("Publication"),
            {"fields": ["published_at", "comments_open", "tags", "slug", "language", "author"]},
        ),
    ]
    actions = [
        "publish_selected",
        "withdraw_selected",
        "open_comments_of_selected",
        "close_comments_of_selected",
    ]

    # --- list -----------------------------------------------------------------

    @admin.display(description=gettext_lazy("status"), ordering="published_at")
    def state(self, post: Post) -> str:
        if post.published_at is None:
            return _("draft")
        when = date_format(timezone.localtime(post.published_at), "SHORT_DATETIME_FORMAT")
        return (_("scheduled for %(when)s") if post.is_scheduled else _("published on %(when)s")) % {
            "when": when
        }

    @admin.action(description=gettext_lazy("Publish now"), permissions=["change"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        count = _count(publish_post, queryset)
        self.message_user(
            request,
            ngettext("%(count)d post published.", "%(count)d posts published.", count) % {"count": count},
        )

    @admin.action(description=gettext_lazy("Unpublish"), permissions=["change"])
    def withdraw_selected(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        count = _count(withdraw_post, queryset)
        self.message_user(
            request,
            ngettext("%(count)d post unpublished.", "%(count)d posts unpublished.", count) % {"count": count},
        )

    @admin.action(description=gettext_lazy("Open comments"), permissions=["change"])
    def open_comments_of_selected(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        count = _count(lambda post: set_comments_open(post, True), queryset)
        self.message_user(
            request,
            ngettext("Comments opened on %(count)d post.", "Comments opened on %(count)d posts.", count)
            % {"count": count},
        )

    @admin.action(description=gettext_lazy("Close comments"), permissions=["change"])
    def close_comments_of_selected(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        count = _count(lambda post: set_comments_open(post, False), queryset)
        self.message_user(
            request,
            ngettext("Comments closed on %(count)d post.", "Comments closed on %(count)d posts.", count)
            % {"count": count},
        )

    # --- form -----------------------------------------------------------------

    def get_readonly_fields(self, request: HttpRequest, obj: Post | None = None) -> list[str]:
        """Only the owner of the site may choose another author."""
        return [] if request.user.is_superuser else ["author"]

    def get_fieldsets(self, request: HttpRequest, obj: Post | None = None) -> list[Any]:
        if obj is not None or request.user.is_superuser:
            return self.fieldsets
        # No choice when adding: the author is the current user.
        return [
            (name, options | {"fields": [field for field in options["fields"] if field != "author"]})
            for name, options in self.fieldsets
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"author": request.user.pk} | super().get_changeform_initial_data(request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "author":
            writers = User.objects.filter(Q(is_staff=True) | Q(pk__in=Post.objects.values("author")))
            kwargs["queryset"] = writers.order_by("name_key", "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Post, form: PostAdminForm, change: bool) -> None:
        """Save what was typed, then publish or withdraw through the services, so that it is announced, and once."""
        before = Post.objects.only("published_at", "cover", "slug", "kind").get(pk=obj.pk) if change else None
        self._say_what_is_left_out(request, form.cleaned_data.get("body") or "")
        was_at = before.published_at if before else None
        wanted_at, publish_now = obj.published_at, "_publish" in request.POST
        if before is None and not request.user.is_superuser:
            obj.author = cast(User, request.user)
        obj.updated_at = timezone.now()
        if was_at is not None and publish_now:
            obj.published_at = min(was_at, timezone.now())  # announced when it was scheduled
        elif was_at is None or wanted_at is None:
            obj.published_at = was_at
        if before is None:
            obj.save()
        else:
            # Only the fields of the form: comments may have been posted, which changes the counters.
            editable = [
                field.name for field in Post._meta.concrete_fields if field.editable and not field.primary_key
            ]
            obj.save(update_fields=[*editable, "updated_at"])
            if before.slug != obj.slug and before.is_published:
                before.keep_own_address()
            if before.cover and before.cover.name != obj.cover.name:
                delete_cover_after_commit(before)
        if was_at is None and (publish_now or wanted_at):
            publish_post(obj, at=None if publish_now else wanted_at)
        elif was_at is not None and wanted_at is None and not publish_now:
            withdraw_post(obj)
        self.forget_unsaved_text(request, obj, change=change)

    def _say_what_is_left_out(self, request: HttpRequest, typed: str) -> None:
        count = count_pictures(typed) - count_pictures(clean_post_html(typed))
        if count > 0:
            left_out = ngettext(
                "%(count)d picture was left out. The text can only show pictures that are stored on this site.",
                "%(count)d pictures were left out. The text can only show pictures that are stored on this site.",
                count,
            )
            self.message_user(request, left_out % {"count": count}, messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: Post) -> None:
        delete_cover_after_commit(obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        for post in queryset:
            delete_cover_after_commit(post)
        super().delete_queryset(request, queryset)

    def view_on_site(self, obj: Post) -> str | None:
        return obj.get_absolute_url() if obj.is_published else None

    def response_add(
        self, request: HttpRequest, obj: Post, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._preview(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Post) -> HttpResponse:
        return self._preview(request, obj) or super().response_change(request, obj)

    def _preview(self, request: HttpRequest, obj: Post) -> HttpResponse | None:
        if "_preview" not in request.POST:
            return None
        return HttpResponseRedirect(reverse("posts:post-preview", args=[obj.slug]))


def _count(service: Callable[[Post], bool], posts: QuerySet[Post]) -> int:
    """How many of the posts the service changed."""
    return sum(service(post) for post in posts)
