"""The editor in the admin: its URLs, what its scripts need, and the library of uploads."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.utils.dates import date_format
from posts.editor import views
from posts.editor.autosave import (
    FIELDS,
    Seen,
    content_version,
    find,
    forget,
    is_newer,
    opened_with,
    settings_of,
)
from posts.editor.uploads import add_upload
from posts.models import Page, Post
from posts.models.editing import Autosave, Upload

# Session key: the windows whose text was saved. The drafts of these on the device are out of date.
SAVED_KEYS = "editor_saved_keys"


class EditorAdminMixin(admin.ModelAdmin):
    """Adds the editor to the change form of posts."""

    def get_urls(self) -> list[URLPattern]:
        def at(route: str, view: Any, name: str) -> URLPattern:
            return path(
                f"editor/{route}", self.admin_site.admin_view(view.as_view()), name=f"posts_editor_{name}"
            )

        return [
            at("uploads/", views.UploadsView, "uploads"),
            at("fetch/", views.FetchPictureView, "fetch"),
            at("card/", views.CardView, "card"),
            at("markdown/", views.MarkdownView, "markdown"),
            at("autosave/", views.AutosaveView, "autosave_new"),
            at("autosave/<int:pk>/", views.AutosaveView, "autosave"),
            at("discard/", views.AutosaveDiscardView, "discard_new"),
            at("discard/<int:pk>/", views.AutosaveDiscardView, "discard"),
            *super().get_urls(),
        ]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Post | None = None,
    ) -> HttpResponse:
        form = context["adminform"].form
        if "body" in form.fields:
            form.fields["body"].widget.config = self._config(request, form, obj)
        return super().render_change_form(
            request, context, add=add, change=change, form_url=form_url, obj=obj
        )

    def _config(self, request: HttpRequest, form: Any, post: Post | None) -> dict[str, Any]:
        key = request.POST.get("autosave_key") or request.GET.get("draft") or get_random_string(20)
        unsaved = find(key=key, by=cast(User, request.user), post=post)
        theirs = getattr(form, "theirs", None)
        # A form with errors has written its input into the instance it was given, so read the stored one.
        stored = Post.objects.filter(pk=post.pk).first() if post and request.method == "POST" else post
        began_with = request.POST.get("content_version", "")
        if post is not None and stored is not None:
            post.published_at = stored.published_at  # the buttons depend on it
        config = {
            "urls": _urls(post) | {"add": reverse(f"admin:{self._name_of('add')}")},
            "key": key,
            "kind": self._kind(),
            "post": post.pk if post else None,
            "revision": _revision(unsaved, Seen.of(request.POST)),
            "saved": content_version(theirs or stored) if theirs or not began_with else began_with,
            "settings": self._settings(request, form, stored),
            "theirs": views.other_text(theirs) if theirs else None,
            "isPublic": bool(stored and stored.is_published),
            "isUnsaved": request.method == "POST",
            "savedKeys": request.session.get(SAVED_KEYS, []),
        }
        if (
            request.method == "GET"
            and unsaved
            and any(getattr(unsaved, f) != form.initial.get(f, "") for f in FIELDS)
        ):
            form.initial |= {name: getattr(unsaved, name) for name in FIELDS}
            config["restored"] = _restored(unsaved, request)
        if post is None and "draft" not in request.GET and request.method == "GET":
            config["unfinished"] = self._unfinished(request)
        return config

    def _settings(self, request: HttpRequest, form: Any, stored: Post | None) -> dict[str, str]:
        """The settings with which the form was opened; after a conflict about them, the current ones."""
        if stored is None:
            return {}
        began_with = opened_with(request.POST)
        return began_with if began_with and not form.is_outdated else settings_of(stored, form.fields)

    def _kind(self) -> str:
        return Post.Kind.PAGE if self.model is Page else Post.Kind.POST

    def _name_of(self, what: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{what}"

    def _unfinished(self, request: HttpRequest) -> list[dict[str, str]]:
        """What this user started here and never saved, newest first."""
        add = reverse(f"admin:{self._name_of('add')}")
        rows = Autosave.objects.of_new_posts(request.user).filter(kind=self._kind())
        return [
            {
                "title": row.title or _("Untitled"),
                "when": _when(row),
                "url": f"{add}?draft={_own_key(row)}",
                "key": _own_key(row),
            }
            for row in rows
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list of posts, with a note about unsaved text."""
        unfinished = self._unfinished(request) if request.method == "GET" else []
        return super().changelist_view(request, {"unfinished": unfinished} | (extra_context or {}))

    def forget_unsaved_text(self, request: HttpRequest, post: Post, *, change: bool) -> None:
        """Drop the window's unsaved text after a save, because the post now contains it."""
        key = request.POST.get("autosave_key", "")
        request.session[SAVED_KEYS] = [key, *request.session.get(SAVED_KEYS, [])][:20]
        user, seen, stored = cast(User, request.user), Seen.of(request.POST), post if change else None
        if is_newer(find(key=key, by=user, post=stored), seen):
            self.message_user(
                request,
                _(
                    "Another window has unsaved text for this post that this one hadn’t seen. It’s kept: you’ll find it in the editor."
                ),
                messages.WARNING,
            )
        transaction.on_commit(lambda: forget(key=key, by=user, post=stored, seen=seen))


def _revision(unsaved: Autosave | None, seen: Seen | None) -> int:
    """The revision of the unsaved text that a window knows.

    One whose form was refused keeps its earlier one.
    """
    if seen is not None and is_newer(unsaved, seen):
        return seen.revision
    return unsaved.revision if unsaved else 0


def _urls(post: Post | None) -> dict[str, str]:
    args = [post.pk] if post else []
    suffix = "" if post else "_new"
    return {
        "uploads": reverse("admin:posts_editor_uploads"),
        "fetch": reverse("admin:posts_editor_fetch"),
        "card": reverse("admin:posts_editor_card"),
        "markdown": reverse("admin:posts_editor_markdown"),
        "autosave": reverse(f"admin:posts_editor_autosave{suffix}", args=args),
        "discard": reverse(f"admin:posts_editor_discard{suffix}", args=args),
    }


def _when(row: Autosave) -> str:
    return date_format(timezone.localtime(row.updated_at), "DATETIME_FORMAT")


def _restored(row: Autosave, request: HttpRequest) -> str:
    if row.editor_id == request.user.pk:
        return _("Unsaved changes from %(when)s were restored.") % {"when": _when(row)}
    return _("Unsaved changes by %(name)s from %(when)s were restored.") % {
        "name": row.editor.get_display_name(),
        "when": _when(row),
    }


def _own_key(row: Autosave) -> str:
    """The key without the part that names its owner (autosave.key_of)."""
    return row.key.split("-", 2)[-1]


class UploadForm(forms.ModelForm):
    """A new file. `by`: the user who adds it."""

    by: Any
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("A picture (JPEG, PNG, GIF or WebP), a recording, or a file to download."),
    )

    class Meta:
        model = Upload
        fields = ["file", "alt"]

    def clean_file(self) -> Any:
        alt = self.data.get("alt", "")[:250]
        self.instance = add_upload(self.cleaned_data["file"], by=self.by, alt=alt)
        return self.instance.file

    def _post_clean(self) -> None:
        """Validate nothing: the service has already stored or refused the file."""

    def save(self, commit: bool = True) -> Upload:
        return self.instance

    def save_m2m(self) -> None:
        """There are no related rows to save."""


@admin.register(Upload)
class UploadAdmin(admin.ModelAdmin):
    """The library: files uploaded for posts, with the HTML to type for each without the editor."""

    list_display = ["thumbnail", "title", "kind", "alt", "file_size", "created_at", "uploaded_by"]
    list_display_links = ["thumbnail", "title"]
    list_filter = ["kind"]
    list_per_page = 40
    list_select_related = ["uploaded_by"]
    search_fields = ["title", "alt"]
    readonly_fields = ["thumbnail", "kind", "file_size", "in_posts", "created_at", "uploaded_by"]
    fields = ["thumbnail", "title", "alt", "in_posts", "kind", "file_size", "created_at", "uploaded_by"]
    actions = None

    def get_fields(self, request: HttpRequest, obj: Upload | None = None) -> Any:
        return self.fields if obj else ["file", "alt"]

    def get_readonly_fields(self, request: HttpRequest, obj: Upload | None = None) -> list[str]:
        return self.readonly_fields if obj else []

    def get_form(
        self, request: HttpRequest, obj: Upload | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Use the form that stores a new file through the same service as the editor."""
        if obj is not None:
            return super().get_form(request, obj, change=change, **kwargs)
        return type("UploadForm", (UploadForm,), {"by": request.user})

    def save_model(self, request: HttpRequest, obj: Upload, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Upload | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("picture"))
    def thumbnail(self, upload: Upload) -> str:
        url = upload.thumbnail_url()
        return (
            format_html('<img class="thumb" src="{}" alt="{}" loading="lazy">', url, upload.alt)
            if url
            else "–"
        )

    @admin.display(description=gettext_lazy("size"), ordering="size")
    def file_size(self, upload: Upload) -> str:
        return filesizeformat(upload.size)

    @admin.display(description=gettext_lazy("in a post"))
    def in_posts(self, upload: Upload) -> SafeString:
        """The HTML to type if there is no editor."""
        line = "![%s](%s)" if upload.is_picture else "[%s](%s)"
        return format_html("<code>{}</code>", line % (upload.alt or upload.title, upload.file.url))
