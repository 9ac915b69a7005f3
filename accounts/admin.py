"""Members in the admin."""

from http import HTTPStatus
from typing import Any, cast

from allauth.account.admin import EmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.admin import AuthenticatorAdmin
from allauth.mfa.models import Authenticator
from allauth.socialaccount import admin as _theirs  # noqa: F401 - registers what is unregistered below
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.admin import UserSessionAdmin
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, SetUnusablePasswordMixin, UserChangeForm
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.crypto import salted_hmac
from django.utils.text import format_lazy
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django_tasks_db.admin import DBTaskResultAdmin
from django_tasks_db.models import DBTaskResult

from accounts.forms.links import WebAddressField
from accounts.forms.merging import MergeIntoForm
from accounts.forms.profile import PictureField
from accounts.models import ProfileLink, User
from accounts.models.images import SHAPES, ProfilePictureField, remove_picture
from accounts.services.deletion import close_for_good, deletion_of
from accounts.services.merging import merge_accounts
from accounts.signals import profile_changed
from core.utils.dates import date_format
from core.web.admin import IndexSearchMixin, QuickListMixin, TickBoxesMixin

# The group of hosts who are not superusers. They are staff, which is how the rest of the code recognises a
# host.
HOSTS = "hosts"
RIGHTS = ["is_staff", "is_superuser", "groups", "user_permissions"]


def may_touch(user: User | AnonymousUser, member: User | None) -> bool:
    """Whether an admin user may change or delete this member. Privileged accounts are for superusers only."""
    if member is None or user.is_superuser:
        return True
    return not (
        member.is_staff or member.is_superuser or member.groups.exists() or member.user_permissions.exists()
    )


class ForSuperusers(admin.ModelAdmin):
    """Models that give access or rights: addresses, second factors, sessions, groups, queued emails."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Related rows are deleted with a member, so the permission to delete the member is enough."""
        owner = getattr(obj, "user", None)
        return (
            request.user.is_superuser or (owner is not None and may_touch(request.user, owner))
        ) and super().has_delete_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser


class ProfileLinkInline(admin.StackedInline):
    model = ProfileLink
    extra = 0
    fields = ["label", "url", "position"]
    formfield_overrides = {models.URLField: {"form_class": WebAddressField}}


def state_of(member: User) -> str:
    """A fingerprint of everything this form shows and saves, and of whether the account has been merged."""
    values = [
        str(field.value_from_object(member))
        for field in User._meta.concrete_fields
        if field.name not in {"last_login", "last_active_at", "summary_due_at"}
    ]
    return salted_hmac("accounts.admin.state", "\0".join(values)).hexdigest()


class MemberChangeForm(UserChangeForm):
    """The change form of a member.

    An account scheduled for deletion is inactive, but the host can still close it. `seen` is the account's
    fingerprint when the form was opened. A form opened before a merge, or before the member changed
    something, saves nothing.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self.state = state_of(self.instance)
        self.account_deletion = deletion_of(self.instance)
        if self.account_deletion is not None and "is_active" in self.fields:
            self.initial["is_active"] = True
            self.fields["is_active"].help_text = _(
                "This member is deleting their account and can change their mind until %(day)s. Untick this to close the account now; then they can’t."
            ) % {"day": date_format(localtime(self.account_deletion.due_at), "DATE_FORMAT")}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.instance.memorial_since is not None and cleaned.get("is_active"):
            self.add_error("is_active", _("This account is a memorial. Undo the memorial on its own page."))
        if cleaned.get("seen") and cleaned["seen"] != self.state:
            raise ValidationError(
                _(
                    "This account has changed since you opened this page. Open the page again, then make your changes."
                ),
                code="stale",
            )
        return cleaned


class MemberPasswordForm(AdminPasswordChangeForm):
    """The password form.

    Django builds its help text once, in English; here it follows the reader's language.
    """

    usable_password_help_text = format_lazy(  # type: ignore[assignment]  # lazy: in the reader's language
        '{}<ul id="id_unusable_warning" class="messagelist"><li class="warning">{}</li></ul>',
        SetUnusablePasswordMixin.usable_password_help_text,
        _("If disabled, the current password for this user will be lost."),
    )


@admin.register(User)
class MemberAdmin(TickBoxesMixin, IndexSearchMixin, QuickListMixin, UserAdmin):
    list_display = ["username", "display_name", "email", "joined_on", "is_active", "is_in_moderators"]
    list_filter = ["is_active", "is_staff", "groups"]
    indexed_as = "names"
    search_fields = ["username", "display_name", "email"]
    ordering = ["-date_joined", "-pk"]
    actions = None
    form = MemberChangeForm
    change_password_form = MemberPasswordForm
    inlines = [ProfileLinkInline]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password", "email", "seen"]}),
        (
            _("Profile"),
            {"fields": ["display_name", "tagline", "bio", "avatar", "avatar_alt", "cover", "cover_alt"]},
        ),
        (_("Permissions"), {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["username", "email", "usable_password", "password1", "password2"],
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        moderators = User.groups.through.objects.filter(user=OuterRef("pk"), group__name="moderators")
        return super().get_queryset(request).annotate(in_moderators=Exists(moderators))

    @admin.display(description=User._meta.get_field("date_joined").verbose_name, ordering="date_joined")
    def joined_on(self, member: User) -> str:
        """The day only: with the time, the list is wider than a 1280-pixel screen."""
        return date_format(localtime(member.date_joined))

    @admin.display(description=_("moderator"), boolean=True, ordering="in_moderators")
    def is_in_moderators(self, member: User) -> bool:
        return bool(getattr(member, "in_moderators"))  # noqa: B009 - annotated by get_queryset

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Process pictures uploaded here like all others: validated, re-encoded, without metadata."""
        if isinstance(db_field, ProfilePictureField):
            kwargs |= {"form_class": PictureField, "shape": SHAPES[db_field.name]}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fields = list(super().get_readonly_fields(request, obj))
        if obj:
            fields.append("email")  # addresses are confirmed by their owners
        if not request.user.is_superuser:
            fields += RIGHTS  # only superusers grant rights
        return fields

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse changes of privileged accounts, even one's own, to all but superusers (docs/decisions/0056).

        An account that was merged into another is only a name; it cannot be edited any more.
        """
        is_left = obj is None or obj.merged_into_id is None
        return is_left and super().has_change_permission(request, obj) and may_touch(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and may_touch(request.user, obj)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.merge_view)
        return [path("<int:pk>/merge/", view, name="accounts_user_merge"), *super().get_urls()]

    def merge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Merge this account into another: enter a username, read what will happen, confirm."""
        other = get_object_or_404(User.objects.public(), pk=pk)
        if not self.has_change_permission(request, other):
            raise PermissionDenied
        form = MergeIntoForm(request.POST or None, other=other)
        kept = form.cleaned_data["kept"] if form.is_valid() else None
        if kept is not None and not may_touch(request.user, kept):
            raise PermissionDenied
        if kept is not None and "confirmed" in request.POST:
            try:
                merge_accounts(kept, other, by=cast(User, request.user))
            except ValidationError as error:  # it was closed or given a role a moment ago
                messages.error(request, error.messages[0])
                return redirect("admin:accounts_user_change", other.pk)
            self.log_change(request, kept, f"@{other.username} (#{other.pk}) → @{kept.username}")
            messages.success(
                request,
                _("@%(other)s is now part of @%(kept)s.") % {"other": other.username, "kept": kept.username},
            )
            return redirect("admin:accounts_user_change", kept.pk)
        context = self.admin_site.each_context(request) | {
            "title": _("Merge @%(name)s into another account") % {"name": other.username},
            "form": form,
            "other": other,
            "kept": kept,
            "opts": self.opts,
            "original": other,
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return render(request, "admin/accounts/user/merge.html", context, status=status)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        return list(super().get_inlines(request, obj)) if obj else []

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        former = [
            form.initial[field] for field in SHAPES if field in form.changed_data and form.initial.get(field)
        ]
        if getattr(form, "account_deletion", None) is not None:
            if not obj.is_active:
                close_for_good(obj)
            obj.is_active = User.objects.values_list("is_active", flat=True).get(pk=obj.pk) and obj.is_active
        super().save_model(request, obj, form, change)
        for picture in former:
            remove_picture(picture.name)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not form.instance.is_staff and form.instance.groups.filter(name=HOSTS).exists():
            User.objects.filter(pk=form.instance.pk).update(is_staff=True)
        profile_changed.send(sender=User, member=form.instance)


class PermissionGroupAdmin(TickBoxesMixin, GroupAdmin):
    pass


OPENS_ACCOUNTS = {
    EmailAddress: EmailAddressAdmin,
    Authenticator: AuthenticatorAdmin,
    UserSession: UserSessionAdmin,
    DBTaskResult: DBTaskResultAdmin,
    Group: PermissionGroupAdmin,
}
for model, theirs in OPENS_ACCOUNTS.items():
    admin.site.unregister(model)
    admin.site.register(model, type(theirs.__name__, (ForSuperusers, theirs), {}))

# Keys come from the environment, and connections to external accounts must not be edited.
admin.site.unregister([SocialAccount, SocialApp, SocialToken])
