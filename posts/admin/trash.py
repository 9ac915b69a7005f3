"""The trash in the admin: deleted posts are moved there, and restored or purged from there."""

from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from posts.models import Post
from posts.services.trash import purge_post, restore_post, trash_post


class TrashMixin(admin.ModelAdmin):
    delete_confirmation_template = "admin/posts/post/delete_confirmation.html"
    delete_selected_confirmation_template = "admin/posts/post/delete_selected_confirmation.html"
    trash_actions = ["restore_selected", "purge_selected"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.untrash_view)
        return [
            path("<path:object_id>/untrash/", view, name=self._name("untrash")),
            *super().get_urls(),
        ]

    def _name(self, what: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{what}"

    def untrash_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """POST restores the post. The button is on its form and in the message after deleting it."""
        post = self.get_object(request, object_id)
        if post is None:
            # As Django's own views do; the stubs lack it.
            missing: HttpResponse = cast(Any, self)._get_obj_does_not_exist_redirect(
                request, self.opts, object_id
            )
            return missing
        if not self.may_restore(request, post):
            raise PermissionDenied
        if request.method == "POST":
            if restore_post(post):
                self.message_user(request, _("Restored, with its comments."), messages.SUCCESS)
            else:
                self.message_user(request, _("It isn’t in the trash any more."), messages.INFO)
        return HttpResponseRedirect(reverse(f"admin:{self._name('change')}", args=[post.pk]))

    def may_restore(self, request: HttpRequest, post: Post) -> bool:
        """Whether the user may publish, or deleted the post.

        So contributors cannot restore what the host deleted.
        """
        is_theirs = post.trashed_by_id == request.user.pk and super().has_change_permission(request, post)
        return request.user.has_perm("posts.publish_post") or is_theirs

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        post: Post | None = context.get("original")
        if post is not None and post.trashed_at:
            context |= {
                "may_restore": self.may_restore(request, post),
                "trash_ends_at": post.trashed_at + timedelta(days=settings.TRASH_DAYS),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Redirect to the list, with a message that contains an undo button."""
        message = render_to_string(
            "admin/posts/post/_deleted.html",
            {"title": obj_display, "restore_url": reverse(f"admin:{self._name('untrash')}", args=[obj_id])},
            request,
        )
        self.message_user(request, message, messages.SUCCESS)
        return HttpResponseRedirect(reverse(f"admin:{self._name('changelist')}"))

    def has_change_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        """A post in the trash must be restored before it can be changed."""
        return super().has_change_permission(request, obj) and not (obj is not None and obj.trashed_at)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """List nothing: moving to the trash deletes no related rows, and nothing protects the post."""
        may = all(self.has_delete_permission(request, post) for post in objs)
        refused = set() if may else {str(self.opts.verbose_name)}
        return [str(post) for post in objs], {}, refused, []

    def delete_model(self, request: HttpRequest, obj: Post) -> None:
        trash_post(obj, by=cast(User, request.user))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        for post in queryset:
            if self.has_delete_permission(request, post):
                trash_post(post, by=cast(User, request.user))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer the actions of the trash in the trash only, and the others elsewhere."""
        is_trash = request.GET.get("state") == "trash"
        return {
            name: action
            for name, action in super().get_actions(request).items()
            if (name in self.trash_actions) is is_trash
        }

    @admin.action(description=gettext_lazy("Restore from the trash"), permissions=["publish"])
    def restore_selected(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        count = sum(restore_post(post) for post in queryset)
        message = ngettext(
            "%(count)d restored, with its comments.", "%(count)d restored, with their comments.", count
        )
        self.message_user(request, message % {"count": count})

    @admin.action(description=gettext_lazy("Delete for good, with the comments"), permissions=["publish"])
    def purge_selected(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        count = sum(purge_post(post) for post in queryset)
        self.message_user(
            request,
            ngettext("%(count)d deleted for good.", "%(count)d deleted for good.", count) % {"count": count},
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return super().delete_view(
            request, object_id, {"trash_days": settings.TRASH_DAYS} | (extra_context or {})
        )
