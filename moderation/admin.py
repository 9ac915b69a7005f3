"""Comments and decisions in the admin, with the same actions as in the queue through the same services."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.views.access import MemberRequest
from comments.models import Comment
from core.markup.plain import excerpt
from core.web.admin import DateFilter, EditableListMixin, IndexSearchMixin, QuickListMixin
from moderation.models import (
    Appeal,
    Decision,
    ModerationAction,
    ModerationSettings,
    RemovalReason,
    Report,
    Restriction,
)
from moderation.models.member_querysets import RestrictionQuerySet
from moderation.services import decisions as services
from moderation.services.members import lift


class ReadOnlyAdmin(QuickListMixin, admin.ModelAdmin):
    """Read-only: rows are written by the services, which maintain the tree, the counters and the log."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.opts.get_fields() if field.concrete and not field.many_to_many]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_moderate_permission(request) or super().has_view_permission(request, obj)

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("comments.moderate_comment")


@admin.register(Comment)
class CommentAdmin(IndexSearchMixin, ReadOnlyAdmin):
    indexed_as = "comments"
    list_display = ["short_text", "author_name", "post", "status", "created_at", "place"]
    fieldsets = [
        (
            None,
            {"fields": ["post", "parent", "author", "body", "status", "why_held", "created_at", "edited_at"]},
        ),
        (_("Guest"), {"fields": ["guest_name", "guest_email", "guest_url", "source_key"]}),
        (_("Place in the thread"), {"fields": ["tree_id", "level", "lft", "rght"]}),
    ]
    list_display_links = ["short_text"]
    list_filter = ["status", ("created_at", DateFilter)]
    list_select_related = ["author", "post"]
    # Ordering by any other column would sort all comments for each page.
    sortable_by = ["created_at"]
    search_fields = ["body"]
    search_help_text = _(
        "Words in the comment, or the author’s name. You can use from:, in: and “phrases” too."
    )
    # Newest first by primary key, so that the index is used whatever the number of comments.
    ordering = ["-pk"]
    actions = ["approve_selected", "remove_selected", "mark_selected_as_spam"]

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """Order comments of one status by the time they were written, which has an index.

        By primary key, 20,000 held comments were sorted for each page.
        """
        is_of_state = "status__exact" in request.GET
        return ["-created_at", "-pk"] if is_of_state else [*self.ordering]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        """The comments that moderators may see. Those deleted by their authors are left out here too."""
        return super().get_queryset(request).exclude(status=Comment.Status.DELETED)

    @admin.display(description=_("message"))
    def short_text(self, comment: Comment) -> str:
        return excerpt(comment.html, 80) or "…"

    @admin.display(description=_("author"), ordering="author__name_key")
    def author_name(self, comment: Comment) -> str:
        return comment.author_name

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "why_held"]

    @admin.display(description=_("why it was held"))
    def why_held(self, comment: Comment) -> str:
        return "\n".join(comment.why_held)

    @admin.display(description=_("view in thread"))
    def place(self, comment: Comment) -> str:
        return format_html('<a href="{}">{}</a>', comment.get_absolute_url(), _("View"))

    @admin.action(description=_("Approve the selected comments"), permissions=["moderate"])
    def approve_selected(self, request: MemberRequest, queryset: QuerySet[Comment]) -> None:
        self._decide(request, queryset, Decision.Action.APPROVE)

    @admin.action(description=_("Remove the selected comments"), permissions=["moderate"])
    def remove_selected(self, request: MemberRequest, queryset: QuerySet[Comment]) -> None:
        self._decide(request, queryset, Decision.Action.REMOVE)

    @admin.action(description=_("Mark the selected comments as spam"), permissions=["moderate"])
    def mark_selected_as_spam(self, request: MemberRequest, queryset: QuerySet[Comment]) -> None:
        self._decide(request, queryset, Decision.Action.SPAM)

    def _decide(self, request: MemberRequest, queryset: QuerySet[Comment], action: str) -> None:
        comments = list(queryset.order_by("post_id", "pk"))
        try:
            decisions = services.decide_many(comments, action, by=request.user)
        except PermissionDenied as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        if decisions:
            done = ngettext(
                "%(count)d comment: %(action)s.", "%(count)d comments: %(action)s.", len(decisions)
            )
            self.message_user(
                request,
                done % {"count": len(decisions), "action": Decision.Action(action).label},
                messages.SUCCESS,
            )
        if missed := len(comments) - len(decisions):
            left = ngettext(
                "%(count)d comment was left unchanged.", "%(count)d comments were left unchanged.", missed
            )
            self.message_user(request, left % {"count": missed}, messages.WARNING)


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "reason", "reporter", "short_text", "decision"]
    list_filter = ["reason", ("decision", admin.EmptyFieldListFilter)]
    list_select_related = ["reporter", "comment", "decision"]
    ordering = ["-created_at", "-pk"]

    @admin.display(description=_("comment"))
    def short_text(self, report: Report) -> str:
        return _short_words(report.comment)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = [
        "created_at",
        "moderator",
        "action",
        "short_text",
        "status_before",
        "status_after",
        "text",
        "note",
    ]
    list_filter = ["action", ("created_at", DateFilter)]
    list_select_related = ["moderator", "comment", "text"]
    search_fields = ["note", "moderator__username"]
    ordering = ["-created_at", "-pk"]
    actions = ["undo_selected"]

    @admin.action(description=_("Undo the selected decisions"), permissions=["moderate"])
    def undo_selected(self, request: MemberRequest, queryset: QuerySet[Decision]) -> None:
        decisions = list(queryset.select_related("comment").order_by("comment__post_id", "-pk"))
        try:
            undone = services.undo_many(decisions, by=request.user)
        except PermissionDenied as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        if undone:
            done = ngettext("%(count)d decision undone.", "%(count)d decisions undone.", len(undone))
            self.message_user(request, done % {"count": len(undone)}, messages.SUCCESS)
        if missed := len(decisions) - len(undone):
            left = ngettext(
                "%(count)d decision can’t be undone: something else has happened since.",
                "%(count)d decisions can’t be undone: something else has happened since.",
                missed,
            )
            self.message_user(request, left % {"count": missed}, messages.WARNING)

    @admin.display(description=_("comment"))
    def short_text(self, decision: Decision) -> str:
        return _short_words(decision.comment)


def _short_words(comment: Comment) -> str:
    return (
        str(comment.Status.DELETED.label)
        if comment.status == Comment.Status.DELETED
        else excerpt(comment.html, 80)
    )


@admin.register(Restriction)
class RestrictionAdmin(ReadOnlyAdmin):
    """Restrictions are set on the moderation pages, beside the member's history; lifted there or here."""

    list_display = ["created_at", "kind", "whom", "set_by", "ends_at", "lifted_at"]
    list_filter = ["kind", ("lifted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["member", "set_by"]
    search_fields = ["member__username", "member__display_name", "domain"]
    ordering = ["-created_at", "-pk"]
    actions = ["lift_selected"]

    @admin.display(description=_("about"))
    def whom(self, restriction: Restriction) -> str:
        return str(restriction.about)

    @admin.action(description=_("Lift the selected restrictions"), permissions=["moderate"])
    def lift_selected(self, request: MemberRequest, queryset: QuerySet[Restriction]) -> None:
        lifted, refused = 0, set()
        for restriction in cast(RestrictionQuerySet, queryset).with_members().order_by("pk"):
            try:
                lifted += lift(restriction, by=request.user)
            except PermissionDenied as refusal:
                refused.add(str(refusal))
        self.message_user(
            request,
            ngettext("%(count)d restriction lifted.", "%(count)d restrictions lifted.", lifted)
            % {"count": lifted},
            messages.SUCCESS,
        )
        for sentence in sorted(refused):
            self.message_user(request, sentence, messages.ERROR)


@admin.register(Appeal)
class AppealAdmin(ReadOnlyAdmin):
    """Appeals are answered on the moderation pages, with a message."""

    list_display = ["created_at", "member", "state", "answered_by", "answered_at", "place"]
    list_filter = ["state"]
    list_select_related = ["member", "answered_by"]
    ordering = ["-created_at", "-pk"]

    @admin.display(description=_("in moderation"))
    def place(self, appeal: Appeal) -> str:
        return format_html('<a href="{}">{}</a>', reverse("moderation:appeal", args=[appeal.pk]), _("View"))


@admin.register(ModerationAction)
class ModerationActionAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "moderator", "action", "member", "domain", "text", "ends_at"]
    list_filter = ["action", ("created_at", DateFilter)]
    list_select_related = ["moderator", "member", "text"]
    ordering = ["-created_at", "-pk"]


class HostOnlyAdmin(admin.ModelAdmin):
    """For the host only; other staff may not change it."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff

    has_add_permission = has_module_permission

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    has_view_permission = has_change_permission

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RemovalReason)
class RemovalReasonAdmin(EditableListMixin, HostOnlyAdmin):
    list_display = ["title", "is_offered", "position"]
    list_editable = ["is_offered", "position"]


@admin.register(ModerationSettings)
class ModerationSettingsAdmin(HostOnlyAdmin):
    """One row, created when it is first viewed here or changed (/moderation/figures/), and never deleted."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Redirect from the list to the only row, which is created if necessary."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        row, _is_new = ModerationSettings.objects.get_or_create(pk=1)
        return redirect("admin:moderation_moderationsettings_change", row.pk)
