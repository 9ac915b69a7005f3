from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core.parts import is_on
from core.utils.form_fields import OneLineField
from core.web.admin import EditableListMixin
from rooms.models import Room


@admin.register(Room)
class RoomAdmin(EditableListMixin, admin.ModelAdmin):
    list_display = ["name", "kind", "topic", "for_members", "position"]
    list_editable = ["position"]
    fields = ["name", "kind", "address", "topic", "hours", "for_members", "source", "position"]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in {"name", "address", "topic", "hours", "source"}:
            kwargs["form_class"] = OneLineField
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_on("rooms") and super().has_module_permission(request)

    def save_model(self, request: HttpRequest, obj: Room, form: Any, change: bool) -> None:
        """Clear the stored status if the source changes."""
        if {"kind", "source"} & {*form.changed_data}:
            obj.told = obj.told_at = None
        super().save_model(request, obj, form, change)
