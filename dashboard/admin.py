"""Invitations in the admin."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.utils.urls import absolute_url
from dashboard.models import Invitation


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    """Invitation links for one or more people, with an expiry date, and who signed up with them."""

    list_display = ["created_at", "note", "link", "used", "expires_at", "created_by"]
    list_display_links = ["created_at"]
    list_select_related = ["created_by"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["note"]

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        typed = ["note", "max_uses", "expires_at"]
        return ["link", *typed, "created_by", "who"] if obj else typed

    def get_readonly_fields(self, request: HttpRequest, obj: Invitation | None = None) -> list[str]:
        return ["link", "created_by", "who"] if obj else []

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Label the inputs of date and time.

        Django's "Date:" and "Time:" beside them are no labels for screen readers.
        """
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "expires_at" and field is not None:
            for part, label in zip(field.widget.widgets, (_("Date"), _("Time")), strict=True):
                part.attrs["aria-label"] = label
        return field

    @admin.display(description=_("link"))
    def link(self, invitation: Invitation) -> str:
        return format_html("<code>{}</code>", absolute_url(invitation.get_absolute_url()))

    @admin.display(description=_("used"))
    def used(self, invitation: Invitation) -> str:
        return _("%(used)d of %(all)d") % {"used": invitation.use_count, "all": invitation.max_uses}

    @admin.display(description=_("who used it"))
    def who(self, invitation: Invitation) -> str:
        people = [
            (use.member.get_absolute_url(), use.member.get_display_name())
            for use in invitation.uses.select_related("member")[:200]
        ]
        return format_html_join(", ", '<a href="{}">{}</a>', people) or "–"

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = cast(User, request.user)
        super().save_model(request, obj, form, change)
