"""Webhooks in the admin: what to send where, a test, and the log with “send again”."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from api.models import Delivery, Event, Format, Webhook
from api.services.webhooks import send_again, send_test
from core.web.admin import QuickListMixin


class WebhookForm(forms.ModelForm):
    events = forms.MultipleChoiceField(
        label=_("What to send"),
        choices=[(event.value, event.label) for event in Event if event != Event.TEST],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )

    class Meta:
        model = Webhook
        fields = ["name", "address", "format", "room", "events", "is_active"]

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        if not address.startswith("https://"):
            raise ValidationError(_("The address must begin with https://."), code="not_https")
        return address

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("format") == Format.TELEGRAM and not data.get("room"):
            self.add_error("room", ValidationError(_("Enter the chat’s number or @name."), code="required"))
        return data


@admin.register(Webhook)
class WebhookAdmin(admin.ModelAdmin):
    form = WebhookForm
    list_display = ["name", "format", "is_active", "failing_since"]
    show_full_result_count = False
    actions = ["send_a_test"]
    readonly_fields = ["signing_secret", "failing_since", "switched_off_at"]

    def get_fields(self, request: HttpRequest, obj: Webhook | None = None) -> Any:
        typed = ["name", "address", "format", "room", "events", "is_active"]
        return [*typed, "signing_secret", "failing_since", "switched_off_at"] if obj else typed

    @admin.display(description=_("signing secret"))
    def signing_secret(self, webhook: Webhook) -> str:
        return format_html('<code translate="no">{}</code>', webhook.secret)

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:
        """Switched on again, it has its patience back."""
        if obj.is_active and obj.switched_off_at is not None:
            obj.switched_off_at = obj.failing_since = None
        super().save_model(request, obj, form, change)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        for webhook in queryset:
            webhook.delete()

    @admin.action(description=_("Send a test message"), permissions=["change"])
    def send_a_test(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        active = list(queryset.filter(is_active=True))
        for webhook in active:
            send_test(webhook)
        said = ngettext(
            "%(count)d test message will be sent. The log says what became of it.",
            "%(count)d test messages will be sent. The log says what became of them.",
            len(active),
        ) % {"count": len(active)}
        self.message_user(request, said, messages.SUCCESS if active else messages.WARNING)


@admin.register(Delivery)
class DeliveryAdmin(QuickListMixin, admin.ModelAdmin):
    """The log. A message is made anew when it is sent again: what is no longer public is not in it."""

    list_display = ["created_at", "webhook", "event", "subject", "state", "tries", "status_code", "error"]
    list_filter = ["state", "event", "webhook"]
    list_select_related = ["webhook"]
    ordering = ["-created_at", "-pk"]
    actions = ["send_again"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("api.change_webhook")

    @admin.action(description=_("Send again"), permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        count = sum(send_again(delivery) for delivery in queryset)
        said = ngettext(
            "%(count)d message will be sent again.", "%(count)d messages will be sent again.", count
        )
        self.message_user(request, said % {"count": count}, messages.SUCCESS if count else messages.WARNING)
