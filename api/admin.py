"""Webhooks in the admin: events, a test, and the log with “send again”."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from api.models import Delivery, Event, Format, Webhook
from api.services.failures import failure_of
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
        # Not the admin's own widget, which adds a link to the URL.
        widgets = {"address": forms.URLInput(attrs={"class": "vTextField"})}

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
        """Leaves out empty fields."""
        typed = ["name", "address", "format", "room", "events", "is_active"]
        if obj is None:
            return typed
        times = [name for name in ("failing_since", "switched_off_at") if getattr(obj, name)]
        return [*typed, "signing_secret", *times]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.test_view)
        return [path("<int:pk>/test/", view, name="api_webhook_test"), *super().get_urls()]

    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: send a test, from the webhook's own page."""
        webhook = get_object_or_404(Webhook, pk=pk)
        if not self.has_change_permission(request, webhook):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self.send_a_test(request, Webhook.objects.filter(pk=pk))
        return redirect("admin:api_webhook_change", pk)

    @admin.display(description=_("signing secret"))
    def signing_secret(self, webhook: Webhook) -> str:
        return format_html('<code translate="no">{}</code>', webhook.secret)

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:
        """When a webhook is turned on again, its failures count from zero."""
        if obj.is_active and obj.switched_off_at is not None:
            obj.switched_off_at = obj.failing_since = None
        super().save_model(request, obj, form, change)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        for webhook in queryset:
            webhook.delete()

    @admin.action(description=_("Send a test message"), permissions=["change"])
    def send_a_test(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        active = list(queryset.filter(is_active=True))
        if not active:
            self.message_user(request, _("Switch the webhook on to send a test."), messages.WARNING)
            return
        for webhook in active:
            send_test(webhook)
        log = reverse("admin:api_delivery_changelist")
        if len(active) == 1:
            log += f"?webhook__id__exact={active[0].pk}"
        message = ngettext(
            "%(count)d test message will be sent in a moment.",
            "%(count)d test messages will be sent in a moment.",
            len(active),
        ) % {"count": len(active)}
        link = format_html('{} <a href="{}">{}</a>', message, log, _("View the log"))
        self.message_user(request, link, messages.SUCCESS)


@admin.register(Delivery)
class DeliveryAdmin(QuickListMixin, admin.ModelAdmin):
    """The log. A message is composed again when it is sent again, without what is no longer public."""

    list_display = ["created_at", "webhook", "event", "outcome", "tries"]
    list_filter = ["state", "event", "webhook"]
    list_select_related = ["webhook"]
    ordering = ["-created_at", "-pk"]
    actions = ["send_again"]

    def get_fields(self, request: HttpRequest, obj: Delivery | None = None) -> Any:
        """Leaves out empty fields."""
        times = {Delivery.State.WAITING: ["due_at"], Delivery.State.SENT: ["sent_at"]}
        shown = ["webhook", "event", "outcome", "created_at"]
        if obj is None:
            return shown
        code = ["status_code"] if obj.status_code else []
        return [*shown, *times.get(Delivery.State(obj.state), []), "tries", *code, "message_id"]

    def get_readonly_fields(self, request: HttpRequest, obj: Delivery | None = None) -> Any:
        return self.get_fields(request, obj)

    @admin.display(description=_("state"), ordering="state")
    def outcome(self, delivery: Delivery) -> str:
        """The state, and below it what went wrong."""
        state, failure = delivery.get_state_display(), failure_of(delivery)
        return format_html('{}<br><span class="quiet">{}</span>', state, failure) if failure else state

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
        message = ngettext(
            "%(count)d message will be sent again.", "%(count)d messages will be sent again.", count
        )
        self.message_user(
            request, message % {"count": count}, messages.SUCCESS if count else messages.WARNING
        )
