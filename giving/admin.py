from typing import Any

from django import forms
from django.contrib import admin
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core.parts import is_on
from core.utils.form_fields import OneLineField
from core.web.admin import EditableListMixin
from giving.models import Gift, GivingSettings, Pledge, Way


class GivingAdminMixin(admin.ModelAdmin):
    """Only while the part is on. Single-line texts have no control characters."""

    one_line: tuple[str, ...] = ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_on("giving") and super().has_module_permission(request)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.one_line:
            kwargs["form_class"] = OneLineField
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(GivingSettings)
class GivingSettingsAdmin(GivingAdminMixin):
    """Redirect from the list to the one row, or to its creation."""

    fields = ["text", "currency", "monthly_cost", "stripe_secret"]
    one_line = ("currency", "stripe_secret")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not GivingSettings.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        row = GivingSettings.objects.first()
        if row is None:
            return redirect("admin:giving_givingsettings_add")
        return redirect(reverse("admin:giving_givingsettings_change", args=[row.pk]))

    def save_model(
        self, request: HttpRequest, obj: GivingSettings, form: forms.ModelForm, change: bool
    ) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)


@admin.register(Way)
class WayAdmin(EditableListMixin, GivingAdminMixin):
    list_display = ["name", "address", "position"]
    list_editable = ["position"]
    one_line = ("name",)


@admin.register(Gift)
class GiftAdmin(GivingAdminMixin):
    """Gifts entered by hand. Those by Stripe are added automatically."""

    list_display = ["received_on", "amount", "currency", "thank_as", "is_thanked"]
    date_hierarchy = "received_on"
    fields = ["amount", "currency", "received_on", "thank_as", "is_thanked", "refunded"]
    readonly_fields = ["refunded"]
    one_line = ("thank_as", "currency")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        return {"currency": GivingSettings.current().currency}

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Gift | None:
        """Lock the gift before saving it, so that a concurrent Stripe event waits and is not overwritten."""
        gift = super().get_object(request, object_id, from_field)
        if gift is None or request.method != "POST" or not connection.in_atomic_block:
            return gift
        return Gift.objects.select_for_update(no_key=True).filter(pk=gift.pk).first()


@admin.register(Pledge)
class PledgeAdmin(GivingAdminMixin):
    """Members' pledges without their names, which are for them to reveal."""

    list_display = ["since", "amount", "currency"]
    list_display_links = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
