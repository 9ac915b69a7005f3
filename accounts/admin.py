"""Members in the host's desk."""

from typing import Any

from allauth.socialaccount import admin as _theirs  # noqa: F401 - so that there is something to take away
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.forms import PictureField, WebAddressField
from accounts.models import ProfileLink, User
from accounts.pictures import SHAPES, ProfilePictureField, remove_picture
from accounts.signals import profile_changed


class ProfileLinkInline(admin.TabularInline):
    model = ProfileLink
    extra = 0
    fields = ["label", "url", "position"]
    formfield_overrides = {models.URLField: {"form_class": WebAddressField}}


@admin.register(User)
class MemberAdmin(UserAdmin):
    list_display = ["username", "display_name", "email", "date_joined", "is_active", "is_in_moderators"]
    list_filter = ["is_active", "is_staff", "groups"]
    search_fields = ["username", "display_name", "email"]
    ordering = ["-date_joined"]
    actions = None
    inlines = [ProfileLinkInline]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password", "email"]}),
        (_("Their page"), {"fields": ["display_name", "tagline", "bio", "avatar", "avatar_alt", "cover", "cover_alt"]}),
        (_("What they may do"), {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["username", "email", "usable_password", "password1", "password2"]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        moderators = User.groups.through.objects.filter(user=OuterRef("pk"), group__name="moderators")
        return super().get_queryset(request).annotate(in_moderators=Exists(moderators))

    @admin.display(description=_("moderator"), boolean=True, ordering="in_moderators")
    def is_in_moderators(self, member: User) -> bool:
        return member.in_moderators  # type: ignore[attr-defined]

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Whatever the host uploads here goes the way of every picture: looked at, redrawn, without its place data."""
        if isinstance(db_field, ProfilePictureField):
            kwargs |= {"form_class": PictureField, "shape": SHAPES[db_field.name]}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fields = list(super().get_readonly_fields(request, obj))
        if obj:
            fields.append("email")  # addresses are confirmed by those who own them
        if not request.user.is_superuser:
            fields += ["is_staff", "is_superuser", "groups"]  # nobody lends rights they were lent
        return fields

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        return list(super().get_inlines(request, obj)) if obj else []

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        former = [form.initial[field] for field in SHAPES if field in form.changed_data and form.initial.get(field)]
        super().save_model(request, obj, form, change)
        for picture in former:
            remove_picture(picture.name)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        profile_changed.send(sender=User, member=form.instance)


# Keys come from the environment, and whose account elsewhere brings in whom is nobody's to write.
admin.site.unregister([SocialAccount, SocialApp, SocialToken])
