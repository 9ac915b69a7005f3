"""The read-only admin of received and sent webmentions."""

from django.contrib import admin
from django.http import HttpRequest

from core.web.admin import QuickListMixin
from webmention.models import Mention, SentMention


class LookOnlyAdmin(QuickListMixin, admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Mention)
class MentionAdmin(LookOnlyAdmin):
    list_display = ["source", "post", "state", "received_at", "checked_at"]
    list_filter = ["state"]
    list_select_related = ["post"]
    ordering = ["-received_at", "-pk"]


@admin.register(SentMention)
class SentMentionAdmin(LookOnlyAdmin):
    list_display = ["target", "kind", "subject", "state", "sent_at", "error"]
    list_filter = ["state", "kind"]
    ordering = ["-pk"]
