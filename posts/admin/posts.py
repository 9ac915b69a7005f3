"""Posts in the admin."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from core.markup.comments import count_pictures
from core.markup.posts import clean_post_html
from core.templatetags.dates import with_zone
from core.utils.dates import date_format
from core.web.admin import IndexSearchMixin, NoncedMediaMixin, QuickListMixin, TextKeptMixin
from posts.admin.panel import PanelMixin
from posts.admin.review import ReviewMixin
from posts.admin.trash import TrashMixin
from posts.admin.versions import VersionsMixin
from posts.editor.admin import EditorAdminMixin
from posts.forms import PostAdminForm, draw_pictures
from posts.models import Page, Post, Tag
from posts.models.querysets import PostQuerySet
from posts.services.publishing import publish_post, save_post, set_comments_open, withdraw_post
from posts.services.versions import keep_version


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [
            ("draft", _("draft")),
            ("review", _("awaiting review")),
            ("scheduled", _("scheduled")),
            ("published", _("published")),
            ("trash", _("in the trash")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        posts = cast(PostQuerySet, queryset)
        match self.value():
            case "trash":
                return posts.in_trash()
            case "draft":
                return posts.drafts()
            case "review":
                return posts.drafts().filter(review=Post.Review.ASKED)
            case "scheduled":
                return posts.scheduled()
            case "published":
                return posts.published()
        # Actions run on posts in the trash too; its own list selects them.
        return posts.not_in_trash()


class VisibilityFilter(admin.ChoicesFieldListFilter):
    """Django's filter with a title that reads well after "By"."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("visibility")


class TagFilter(admin.RelatedFieldListFilter):
    """Django's filter with words for posts that have no tag instead of a dash."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.empty_value_display = conditional_escape(_("No tags"))


class CommentsFilter(admin.SimpleListFilter):
    title = gettext_lazy("comments")
    parameter_name = "comments"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("open", _("open")), ("closed", _("closed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        if self.value() in {"open", "closed"}:
            return queryset.filter(comments_open=self.value() == "open")
        return queryset


@admin.register(Post)
class PostAdmin(
    IndexSearchMixin,
    QuickListMixin,
    EditorAdminMixin,
    NoncedMediaMixin,
    PanelMixin,
    VersionsMixin,
    TrashMixin,
    ReviewMixin,
    TextKeptMixin,
    admin.ModelAdmin,
):
    form = PostAdminForm
    list_display = ["title", "state", "comment_count", "comments_open", "author"]
    list_filter = [StateFilter, ("visibility", VisibilityFilter), CommentsFilter, ("tags", TagFilter)]
    list_select_related = ["author"]
    indexed_as = "posts"
    search_fields = ["title", "body"]
    ordering = ["-created_at", "-pk"]
    fieldsets = [
        (None, {"fields": ["title", "summary", "body"]}),
        (gettext_lazy("When"), {"classes": ["panel"], "fields": ["when", "published_at", "zone"]}),
        (gettext_lazy("Who can read it"), {"classes": ["panel"], "fields": ["visibility", "is_pinned"]}),
        (gettext_lazy("Web address and tags"), {"classes": ["panel"], "fields": ["slug", "tag_names"]}),
        (
            gettext_lazy("Cover"),
            {"classes": ["panel", "cover"], "fields": ["cover", "cover_alt", ("cover_x", "cover_y")]},
        ),
        (
            gettext_lazy("Search and sharing"),
            {
                "classes": ["panel", "seo", "collapse"],
                "fields": ["meta_title", "meta_description", "share_picture"],
            },
        ),
        (gettext_lazy("Comments"), {"classes": ["panel"], "fields": ["comments_open"]}),
        (
            gettext_lazy("Author and language"),
            {"classes": ["panel", "collapse"], "fields": ["author", "language"]},
        ),
        (gettext_lazy("Notes on this draft"), {"classes": ["panel", "review"], "fields": ["note"]}),
    ]
    actions = [
        "publish_selected",
        "withdraw_selected",
        "open_comments_of_selected",
        "close_comments_of_selected",
        *TrashMixin.trash_actions,
    ]

    # --- list -----------------------------------------------------------------

    def also_found(self, words: str) -> Q:
        """Also match part of a word in a title, since titles are short."""
        return Q(title__icontains=words)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return self.may_publish(request)

    @admin.display(description=gettext_lazy("status"), ordering="published_at")
    def state(self, post: Post) -> str:
        if post.trashed_at:
            when = date_format(timezone.localtime(post.trashed_at))
            return _("deleted on %(when)s") % {"when": when}
        if post.published_at is None:
            return _("draft") if post.review == Post.Review.NONE else post.get_review_display()
        at = timezone.localtime(post.published_at)
        if post.is_scheduled:
            return _("scheduled for %(when)s") % {"when": date_format(at, "DATETIME_FORMAT")}
        return _("published on %(when)s") % {"when": date_format(at)}

    @admin.action(description=gettext_lazy("Publish now"), permissions=["publish"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        by = cast(User, request.user)
        count = _count(lambda post: publish_post(post, by=by), queryset)
        self.message_user(
            request,
            ngettext("%(count)d post published.", "%(count)d posts published.", count) % {"count": count},
        )

    @admin.action(description=gettext_lazy("Unpublish"), permissions=["publish"])
    def withdraw_selected(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        count = _count(withdraw_post, queryset)
        self.message_user(
            request,
            ngettext("%(count)d post unpublished.", "%(count)d posts unpublished.", count) % {"count": count},
        )

    @admin.action(description=gettext_lazy("Open comments"), permissions=["publish"])
    def open_comments_of_selected(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        by = cast(User, request.user)
        count = _count(lambda post: set_comments_open(post, True, by=by), queryset)
        self.message_user(
            request,
            ngettext("Comments opened on %(count)d post.", "Comments opened on %(count)d posts.", count)
            % {"count": count},
        )

    @admin.action(description=gettext_lazy("Close comments"), permissions=["publish"])
    def close_comments_of_selected(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        by = cast(User, request.user)
        count = _count(lambda post: set_comments_open(post, False, by=by), queryset)
        self.message_user(
            request,
            ngettext("Comments closed on %(count)d post.", "Comments closed on %(count)d posts.", count)
            % {"count": count},
        )

    # --- form -----------------------------------------------------------------

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and (
            self.has_add_permission(request) or self.has_change_permission(request)
        ):
            draw_pictures(request.FILES)
        return super().changeform_view(request, *args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        kind = Post.Kind.PAGE if self.model is Page else Post.Kind.POST
        return super().get_queryset(request).filter(kind=kind)

    def get_readonly_fields(self, request: HttpRequest, obj: Post | None = None) -> list[str]:
        """Only the owner of the site may choose another author."""
        return [] if request.user.is_superuser else ["author"]

    def get_fieldsets(self, request: HttpRequest, obj: Post | None = None) -> list[Any]:
        hidden = {"author"} if obj is None and not request.user.is_superuser else set()
        if obj is not None and obj.is_published:
            hidden.add("when")
        if not self.may_publish(request):  # only those who may publish do this
            hidden |= {"when", "published_at", "zone", "is_pinned", "slug"}
        fieldsets = [
            (name, options | {"fields": [field for field in options["fields"] if field not in hidden]})
            for name, options in self.fieldsets
        ]
        return [(name, options) for name, options in fieldsets if options["fields"]]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"author": request.user.pk} | super().get_changeform_initial_data(request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "author":
            # Not the members who proposed one of thousands of events.
            written = Post.objects.filter(kind__in=[Post.Kind.POST, Post.Kind.PAGE])
            writers = User.objects.filter(is_staff=True).values("pk").union(written.values("author"))
            kwargs["queryset"] = User.objects.filter(pk__in=writers).order_by("name_key", "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Remove the icons to add, change or delete an account beside the author field.

        Accounts are managed elsewhere.
        """
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "author" and field is not None:
            for name in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{name}_related", False)
        return field

    def save_model(self, request: HttpRequest, obj: Post, form: PostAdminForm, change: bool) -> None:
        self._warn_of_left_out(request, form.cleaned_data.get("body") or "")
        if not change and not request.user.is_superuser:
            obj.author = cast(User, request.user)
        save_post(obj, by=cast(User, request.user), intends=form.intends)
        self.forget_unsaved_text(request, obj, change=change)

    def save_related(self, request: HttpRequest, form: PostAdminForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "tag_names" in form.cleaned_data:
            form.instance.tags.set(Tag.objects.named(form.cleaned_data["tag_names"]))
        keep_version(form.instance, by=cast(User, request.user))
        self.store_review(request, form.instance, form)

    def _warn_of_left_out(self, request: HttpRequest, typed: str) -> None:
        count = count_pictures(typed) - count_pictures(clean_post_html(typed))
        if count > 0:
            left_out = ngettext(
                "%(count)d picture was left out. The text can only show pictures that are stored on this site.",
                "%(count)d pictures were left out. The text can only show pictures that are stored on this site.",
                count,
            )
            self.message_user(request, left_out % {"count": count}, messages.WARNING)

    def view_on_site(self, obj: Post) -> str | None:
        return obj.get_absolute_url() if obj.is_published else None

    def response_add(
        self, request: HttpRequest, obj: Post, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._answer(request, obj)

    def response_change(self, request: HttpRequest, obj: Post) -> HttpResponse:
        return self._answer(request, obj)

    def _answer(self, request: HttpRequest, post: Post) -> HttpResponse:
        """Redirect to the form with a message that says what happened."""
        if "_preview" in request.POST:
            return HttpResponseRedirect(reverse("posts:post-preview", args=[post.slug]))
        self.message_user(request, self._outcome(request, post), messages.SUCCESS)
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.label_lower.replace('.', '_')}_change", args=[post.pk])
        )

    def _outcome(self, request: HttpRequest, post: Post) -> str:
        if post.is_published:
            message = _("It’s live: see it.") if "_publish" in request.POST else _("Saved: see it.")
            return format_html('<a href="{}">{}</a>', post.get_absolute_url(), message)
        if post.is_scheduled:
            when = with_zone(timezone.localtime(post.published_at))
            return _("Scheduled for %(when)s.") % {"when": when}
        if "_review" in request.POST:
            return _("Sent for review. You’ll be notified when it’s published or when changes are requested.")
        if "_return" in request.POST:
            return _("Sent back to its author.")
        return _("Unpublished. It’s a draft again.") if "_unpublish" in request.POST else _("Draft saved.")


def _count(service: Callable[[Post], bool], posts: QuerySet[Post]) -> int:
    """The number of posts that the service changed."""
    return sum(service(post) for post in posts)
