"""The member model. One row is one member, profile included (docs/decisions/0003)."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.models import AbstractUser, AnonymousUser, Permission
from django.db import models, transaction
from django.db.models import F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models.birthdays import BirthdayMixin
from accounts.models.images import ProfilePictureField
from accounts.models.querysets import NO_END, UserManager, unlisted_members
from accounts.models.validators import validate_username_chars
from accounts.signals import access_ended
from core.markup.comments import RENDERER_VERSION, render_markdown
from core.markup.plain import plain_text
from core.models import SiteSettings
from core.models.rows import RowConstructorMixin
from core.utils.site_locale import read_in
from core.utils.text import one_line, search_key, skeleton, validate_name
from core.utils.urls import path_of

AVATAR_TONES = 8
# Fields from which other columns are derived on saving.
SOURCES_OF_OTHERS = {"display_name", "username", "tagline", "bio"}
MADE_OF_OTHERS = {
    "name_key",
    "name_skeleton",
    "username_skeleton",
    "bio_html",
    "renderer_version",
    "search_text",
}


def permissions_to_moderate(member: int | OuterRef) -> models.QuerySet[Permission]:
    """The permission that makes this member a moderator, if they have it directly or through a group."""
    return _held_by(member, "comments", "moderate_comment")


def permissions_to_edit(member: int | OuterRef) -> models.QuerySet[Permission]:
    """The permission that makes this member an editor, if they have it directly or through a group."""
    return _held_by(member, "posts", "change_post")


def _held_by(member: int | OuterRef, app: str, codename: str) -> models.QuerySet[Permission]:
    permission = Permission.objects.filter(codename=codename, content_type__app_label=app)
    return permission.filter(Q(group__user=member) | Q(user=member))


# The manager is made from a queryset by mptt, which the mypy plugin cannot see. from_db returns Self, which
# is a different class in each base.
class User(BirthdayMixin, RowConstructorMixin, AbstractUser):  # type: ignore[django-manager-missing, misc]
    """A member. Guests have no row: their comments carry a name and an address."""

    username = models.CharField(
        _("username"),
        max_length=30,
        unique=True,
        validators=[validate_username_chars],
        error_messages={"unique": _("This username is taken. Try another.")},
    )
    first_name = None  # type: ignore[assignment]  # Django's way of removing an inherited field
    last_name = None  # type: ignore[assignment]  # the same
    display_name = models.CharField(
        _("name"),
        max_length=60,
        blank=True,
        validators=[validate_name],
        help_text=_("The name shown with your comments."),
    )
    name_key = models.CharField(
        max_length=60,
        editable=False,
        default="",
        help_text="The name without case and accents: the directory is sorted by it, for readers of every language alike.",
    )
    # The skeletons of the names (core.utils.text.skeleton), used by accounts/models/names.py. A username
    # older than that rule that looks like an earlier one has "#" and its number appended.
    name_skeleton = models.CharField(max_length=200, editable=False, default="")
    username_skeleton = models.CharField(max_length=80, editable=False, default="")
    tagline = models.CharField(_("tagline"), max_length=90, blank=True)
    bio = models.TextField(_("about you"), max_length=2000, blank=True)
    bio_html = models.TextField(editable=False, blank=True)
    renderer_version = models.PositiveSmallIntegerField(
        editable=False, default=0, help_text="Version of the renderer that made the HTML; 0 if none did."
    )
    avatar = ProfilePictureField(_("picture"), upload_to="avatars/", blank=True)
    avatar_alt = models.CharField(_("alt text of the picture"), max_length=150, blank=True)
    cover = ProfilePictureField(_("banner picture"), upload_to="covers/", blank=True)
    cover_alt = models.CharField(_("alt text of the banner"), max_length=150, blank=True)
    thread_order = models.CharField(
        max_length=8,
        blank=True,
        editable=False,
        help_text="The order in which this member last sorted comments; blank means oldest first.",
    )

    # One of core.models.site.time_zones(). Blank means the site's.
    time_zone = models.CharField(
        _("time zone"), max_length=50, blank=True, default="", db_default="", editable=False
    )

    # One of SiteSettings.offered. Blank means the site's.
    language = models.CharField(
        _("language"), max_length=20, blank=True, default="", db_default="", editable=False
    )

    # Whether they follow the posts they comment on (notifications/services/preferences.py).
    follows_by_commenting = models.BooleanField(default=False, db_default=False, editable=False)

    # Opt-in features. Only with one of them is a member's last visit recorded
    # (accounts/services/presence.py).
    mails_when_away = models.BooleanField(default=False, db_default=False, editable=False)
    summary_after_weeks = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    last_active_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When the worker checks what they have missed. Empty after a summary was sent, until their next visit.
    summary_due_at = models.DateTimeField(null=True, blank=True, editable=False)

    search_text = models.TextField(
        editable=False, default="", help_text="Name, tagline and bio as the directory searches them."
    )

    wants_party = models.BooleanField(
        _("Dress up the site for me on party days"), default=True, db_default=True
    )
    takes_introductions = models.BooleanField(_("members can ask to be introduced to me"), default=False)
    # Whether they opted in to being found by "Who knows about …" (search/expertise.py).
    found_by_expertise = models.BooleanField(
        _("members find me under “Who knows about …”"), default=True, db_default=True
    )
    # Written by accounts.services.permissions alone. It expires by itself and needs no query.
    silent_until = models.DateTimeField(_("suspended until"), null=True, blank=True, editable=False)

    # When their links became clickable for everyone; until then they are plain text (docs/decisions/0064).
    # Like the next field, written by accounts.services.permissions alone.
    known_since = models.DateTimeField(_("known since"), null=True, blank=True, editable=False)
    # Others see only the username and the published comments until a moderator has reviewed the profile
    # (docs/decisions/0063).
    profile_hidden = models.BooleanField(_("profile hidden"), default=False, db_default=False, editable=False)

    # Set on an account that was merged: only its name is left, and it redirects there
    # (accounts/services/merging.py).
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="merged_accounts",
    )
    merged_at = models.DateTimeField(null=True, blank=True, editable=False)

    # When the account became a memorial: closed as if deleted, but the profile stays (memorials/).
    memorial_since = models.DateTimeField(null=True, blank=True, editable=False)

    # Set when a password is removed, until that is saved. Django itself notes a new one in `_password`.
    _lost_password = False

    objects = UserManager()  # type: ignore[misc]  # AbstractUser declares it as a class variable

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(Lower("username"), name="one_member_per_username_in_any_case"),
            # Rows that were not saved one by one have none.
            models.UniqueConstraint(
                fields=["username_skeleton"],
                condition=~Q(username_skeleton=""),
                name="one_member_per_look_of_a_username",
                violation_error_message=_(
                    "This name is taken or too similar to an existing one. Try another."
                ),
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("pk")), name="merged_into_another"),
            models.CheckConstraint(
                condition=Q(memorial_since=None) | Q(is_active=False), name="memorial_is_closed"
            ),
            models.CheckConstraint(
                name="birthday_is_a_day_of_a_month",
                condition=Q(birthday_day=None, birthday_month=None, birthday_year=None)
                # With an explicit "is not null": a CHECK that evaluates to NULL is not violated.
                | Q(birthday_day__isnull=False, birthday_month__isnull=False)
                & (
                    Q(birthday_day__range=(1, 31), birthday_month__in=[1, 3, 5, 7, 8, 10, 12])
                    | Q(birthday_day__range=(1, 30), birthday_month__in=[4, 6, 9, 11])
                    | Q(birthday_day__range=(1, 29), birthday_month=2)
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["name_key", "id"], name="members_by_name"),
            models.Index(fields=["-date_joined", "-id"], name="members_newest_first"),
            models.Index(fields=["name_skeleton"], name="members_by_look_of_name"),
            models.Index(fields=["id"], condition=Q(is_staff=True), name="members_on_staff"),
            models.Index(
                fields=["birthday_month", "birthday_day"],
                condition=Q(birthday_day__isnull=False),
                name="members_by_birthday",
            ),
            models.Index(
                fields=["summary_due_at"],
                condition=Q(summary_due_at__isnull=False),
                name="members_to_summarise",
            ),
        ]

    def __str__(self) -> str:
        return self.get_display_name()

    def make_of_others(self) -> None:
        """Set the derived columns (MADE_OF_OTHERS). `bulk_create` does not call this by itself."""
        self.display_name = one_line(self.display_name)
        self.tagline = one_line(self.tagline)
        name = self.display_name or self.username
        self.name_key = search_key(name)[:60]
        self.name_skeleton = skeleton(name)[:200]
        if self.username_skeleton.partition("#")[0] != (look := skeleton(self.username)):
            self.username_skeleton = look
        self.draw_bio()
        self.search_text = search_key(
            " ".join([self.display_name, self.username, self.tagline, plain_text(self.bio_html)])
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with the columns that are computed from others.

        A new or lost password ends other sessions and tokens.
        """
        stored = kwargs.get("update_fields")
        if stored is None or (SOURCES_OF_OTHERS | MADE_OF_OTHERS) & {*stored}:
            self.make_of_others()
            if stored is not None:
                kwargs["update_fields"] = {*stored, *MADE_OF_OTHERS}
        # False when sign-in rehashes the same password: Django clears `_password` before it saves.
        has_new = self._password is not None  # type: ignore[attr-defined]  # not in the stubs
        ends_access = not self._state.adding and (has_new or self._lost_password)
        with transaction.atomic() if ends_access else nullcontext():
            super().save(*args, **kwargs)
            if ends_access:
                access_ended.send(sender=User, member=self)
        self._lost_password = False

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self._lost_password = raw_password is None

    def set_unusable_password(self) -> None:
        """Remove the password. Like a new one, this ends other sessions and tokens when it is saved."""
        super().set_unusable_password()
        self._lost_password = True

    def draw_bio(self) -> None:
        """Render the HTML of the text."""
        self.bio_html = render_markdown(self.bio).html
        self.renderer_version = RENDERER_VERSION

    def clean(self) -> None:
        """Lowercase the username, and refuse a new display name that imitates another.

        Raises ValidationError.
        """
        super().clean()
        self.username = self.username.lower()
        from accounts.models.names import validate_display_name  # noqa: PLC0415 - names imports models

        if not User.objects.filter(pk=self.pk, display_name=one_line(self.display_name)).exists():
            validate_display_name(self.display_name, but=self)

    def get_absolute_url(self) -> str:
        return path_of("accounts:member-detail", self.username)

    def get_display_name(self) -> str:
        """The name shown to others. That of a hidden profile is its username."""
        return self.username if self.profile_hidden else self.display_name or self.username

    get_full_name = get_display_name
    get_short_name = get_display_name

    @property
    def initial(self) -> str:
        return self.get_display_name()[:1].upper()

    @property
    def tone(self) -> int:
        """The background colour behind the initial, from 1 to AVATAR_TONES."""
        return (self.pk or 0) % AVATAR_TONES + 1

    @property
    def zone(self) -> ZoneInfo:
        """The member's time zone, or the site's."""
        try:
            return ZoneInfo(self.time_zone) if self.time_zone else SiteSettings.current().zone
        except (ZoneInfoNotFoundError, ValueError):  # no longer in this machine's time zone database
            return SiteSettings.current().zone

    def reading(self) -> AbstractContextManager[None]:
        """A context in which output is in this member's language and time zone."""
        return read_in(self.language, self.zone)

    @property
    def is_noted(self) -> bool:
        """Whether visits are recorded, because they chose a feature that needs it."""
        return self.mails_when_away or self.summary_after_weeks is not None

    @cached_property
    def muted_ids(self) -> frozenset[int]:
        """The ids of the members this member has muted."""
        return frozenset(self.mutes.values_list("muted_id", flat=True))

    @property
    def has_page(self) -> bool:
        """Whether the profile can be opened: the rule of UserQuerySet.with_page."""
        return self.is_active or self.memorial_since is not None

    @property
    def is_host(self) -> bool:
        """Whether this is a host, who uses the admin."""
        return self.is_active and self.is_staff

    @property
    def role(self) -> str:
        """The role as the badge shows it, usually empty. For many members, call set_moderator_flags first."""
        return gettext("Host") if self.is_host else gettext("Moderator") if self.is_moderator else ""

    @property
    def may_write(self) -> bool:
        """Whether they may write, thank, report and ask now.

        Everything that lets members contribute uses this or `check_may_write`.
        """
        return self.is_active and (self.silent_until is None or self.silent_until <= timezone.now())

    @property
    def is_banned(self) -> bool:
        """Whether they are suspended without an end."""
        return self.silent_until is not None and self.silent_until >= NO_END

    def shows_page_to(self, reader: "User | AnonymousUser") -> bool:
        """Whether this reader sees more of the profile than the name.

        While the member is banned, hidden or without anything public, only they and moderators do.
        """
        if self == reader or (reader.is_authenticated and reader.is_moderator):
            return True
        return not (self.is_veiled or self.is_unlisted)

    @property
    def is_veiled(self) -> bool:
        """Whether they are banned or the profile is hidden: others see a name and the published comments."""
        return self.is_banned or self.profile_hidden

    @property
    def is_known(self) -> bool:
        """Whether others see their links as links: they are no longer new here, or the host trusts them."""
        return self.known_since is not None or self.is_staff or self.is_superuser

    def shows_links_to(self, reader: "User | AnonymousUser") -> bool:
        """Whether this reader sees their links as links.

        Until they are known, only they and moderators do.
        """
        return self.is_known or self == reader or (reader.is_authenticated and reader.is_moderator)

    @cached_property
    def is_unlisted(self) -> bool:
        """Whether they have nothing public, because everything they wrote was held or removed."""
        return User.objects.filter(unlisted_members(), pk=self.pk).exists()

    @cached_property
    def is_moderator(self) -> bool:
        """Whether they may moderate.

        One query, as every page needs it (has_perm takes two and reads all permissions).
        """
        return self.may_write and (self.is_superuser or permissions_to_moderate(self.pk).exists())

    @cached_property
    def uses_admin(self) -> bool:
        """Whether they are a host or an editor.

        Cached like is_moderator, for the account menu of every page.
        """
        return self.is_active and (
            self.is_staff or self.is_superuser or permissions_to_edit(self.pk).exists()
        )


def get_display_name(user: User) -> str:
    """For settings.ACCOUNT_USER_DISPLAY."""
    return user.get_display_name()
