"""The admin of emails and suppressed addresses."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.web.admin import DateFilter, QuickListMixin
from notifications.models import EmailSuppression, GuestConsent, OutgoingEmail, ReplyMail


class LookOnlyAdmin(QuickListMixin, admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(LookOnlyAdmin):
    list_display = ["created_at", "reader", "state", "tries", "due_at", "sent_at", "failure"]
    list_filter = ["state", ("created_at", DateFilter)]
    list_select_related = ["member", "subscriber"]
    search_fields = ["address", "guest_email", "subscriber__email", "member__username", "message_id"]
    ordering = ["-created_at", "-pk"]
    actions = ["send_again"]

    @admin.display(description=_("to"))
    def reader(self, email: OutgoingEmail) -> str:
        return str(email.member or email.subscriber or email.guest_email)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_outgoingemail")

    @admin.action(description=_("Send the selected emails again"), permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutgoingEmail]) -> None:
        """Failed and uncertain emails. They may arrive twice, with the same Message-ID."""
        stuck = queryset.filter(state__in=[OutgoingEmail.State.FAILED, OutgoingEmail.State.UNSURE])
        count = stuck.update(
            state=OutgoingEmail.State.READY, tries=0, due_at=timezone.now(), came_back_at=None
        )
        message = ngettext(
            "%(count)d email will be sent again.", "%(count)d emails will be sent again.", count
        ) % {"count": count}
        self.message_user(request, message, messages.SUCCESS if count else messages.WARNING)


@admin.register(EmailSuppression)
class EmailSuppressionAdmin(LookOnlyAdmin):
    """Deleting a row allows emails to the address again."""

    list_display = ["email", "cause", "detail", "created_at"]
    list_filter = ["cause"]
    search_fields = ["email"]
    ordering = ["-created_at"]


@admin.register(GuestConsent)
class GuestConsentAdmin(LookOnlyAdmin):
    list_display = ["email", "confirmed_at"]
    search_fields = ["email"]
    ordering = ["-confirmed_at"]


@admin.register(ReplyMail)
class ReplyMailAdmin(LookOnlyAdmin):
    list_display = ["created_at", "member", "outcome", "detail", "comment"]
    list_filter = ["outcome", ("created_at", DateFilter)]
    list_select_related = ["member", "comment__post"]
    search_fields = ["member__username"]
    ordering = ["-created_at", "-pk"]
