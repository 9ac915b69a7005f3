"""The site's settings: one row, cached in the memory of each process, and a log of its changes.

Blank means the default from the environment (docs/decisions/0076).
"""

import time
import zoneinfo
from datetime import UTC, datetime
from email.utils import formataddr, parseaddr
from functools import lru_cache
from hashlib import blake2b
from typing import Any, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.validators import MaxValueValidator
from django.db import DatabaseError, models
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.replicas import PRIMARY
from core.utils.languages import name_of_interface
from core.utils.stylesheet import ACCENT_HUE, Typeface, Width

# In pixels: tab, phone (Apple), phone (Android), splash screen.
ICON_SIZES = (32, 180, 192, 512)

CHECK_SECONDS = 2.0
"""How long a process may not notice what another one has saved."""


@lru_cache
def time_zones() -> frozenset[str]:
    """Names of time zones to choose from: places, not historical abbreviations."""
    return frozenset(
        name
        for name in zoneinfo.available_timezones()
        if name == "UTC"
        or ("/" in name and not name.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/")))
    )


def offered_zone(typed: str | None) -> str:
    """The time zone that a device reports, or "" if it is not offered."""
    return typed if typed and typed in time_zones() else ""


def icon_name(key: str, size: int | str) -> str:
    """The storage name of an icon. size: one of ICON_SIZES, or "ico"."""
    return f"site/{key}.ico" if size == "ico" else f"site/{key}-{size}.png"


def as_json(value: Any) -> Any:
    """A value of a setting for the log of changes. Times become text, in UTC."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


class SiteSettingsQuerySet(models.QuerySet):
    """The one row of settings."""

    def stored(self) -> "SiteSettings":
        """The row in the database, or an unsaved one with defaults."""
        return cast(SiteSettings, self.filter(pk=1).first() or SiteSettings(pk=1))


class SiteSettings(models.Model):
    """The single row. Read it by `SiteSettings.current()`, change it by core.services.site_settings.

    `version` grows with every change: it must be part of the key of everything cached that shows a setting.
    """

    class ColourScheme(models.TextChoices):
        AUTO = "auto", _("Same as the reader’s device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class HomeLayout(models.TextChoices):
        LIST = "list", _("List: titles and summaries")
        COVERS = "covers", _("Covers: every post with its picture")
        MAGAZINE = "magazine", _("Magazine: the newest post large, the others side by side")

    class DateStyle(models.TextChoices):
        LONG = "long", _("Long, with the name of the month")
        SHORT = "short", _("Short, numbers only")
        ISO = "iso", _("Year-month-day (ISO 8601)")

    class SignUp(models.TextChoices):
        """Who can create an account."""

        OPEN = "open", _("Anyone with an email address")
        INVITED = "invited", _("People with an invitation")
        CLOSED = "closed", _("No one; members can still sign in")

    version = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    name = models.CharField(_("name"), max_length=60, blank=True)
    tagline = models.CharField(
        _("tagline"),
        max_length=160,
        blank=True,
        help_text=_("One line, shown on the home page and in search results."),
    )
    # The key for core.services.site_icon; "" for the default logo.
    icon = models.CharField(_("logo"), max_length=32, blank=True)
    accent_hue = models.PositiveSmallIntegerField(
        _("accent hue"),
        default=ACCENT_HUE,
        validators=[MaxValueValidator(359)],
        help_text=_("0 to 359. Lightness is fixed, so text stays readable with every hue."),
    )
    typeface = models.CharField(_("typeface"), max_length=10, choices=Typeface.choices, default=Typeface.BOOK)
    width = models.CharField(_("width"), max_length=6, choices=Width.choices, default=Width.MEDIUM)
    colour_scheme = models.CharField(
        _("light or dark"),
        max_length=5,
        choices=ColourScheme.choices,
        default=ColourScheme.AUTO,
        help_text=_("Readers can switch for themselves."),
    )
    home_layout = models.CharField(
        _("home page"),
        max_length=10,
        choices=HomeLayout.choices,
        default=HomeLayout.LIST,
        help_text=_("Posts without a cover show their title."),
    )
    footer_text = models.CharField(
        _("footer text"),
        max_length=300,
        blank=True,
        help_text=_("One or two sentences at the end of every page."),
    )
    announcement = models.CharField(
        _("announcement"),
        max_length=300,
        blank=True,
        help_text=_("One or two sentences at the top of every page."),
    )
    announcement_address = models.CharField(
        _("where the announcement leads"),
        max_length=300,
        blank=True,
        help_text=_("Optional, such as /posts/summer/ or https://example.org/."),
    )
    announcement_from = models.DateTimeField(
        _("shown from"), null=True, blank=True, help_text=_("Leave blank to show it at once.")
    )
    announcement_until = models.DateTimeField(
        _("shown until"), null=True, blank=True, help_text=_("Leave blank to show it until you clear it.")
    )
    # [{"label": …, "address": …}], in order; addresses are paths of this site or http(s) URLs.
    navigation = models.JSONField(_("navigation"), default=list, blank=True)
    social_links = models.JSONField(_("social links"), default=list, blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True)
    # Codes of the other languages that readers may choose (core/utils/languages.py).
    languages = models.JSONField(
        _("other languages"), default=list, db_default=Value([], models.JSONField()), blank=True
    )
    browser_language = models.BooleanField(
        _("start in the browser’s language"),
        default=False,
        db_default=False,
        help_text=_("For visitors who haven’t chosen one. Otherwise they start in the site’s language."),
    )
    time_zone = models.CharField(_("time zone"), max_length=50, blank=True)
    date_style = models.CharField(_("dates"), max_length=5, choices=DateStyle.choices, default=DateStyle.LONG)
    sign_up = models.CharField(
        _("who can sign up"), max_length=10, choices=SignUp.choices, default=SignUp.OPEN
    )

    welcome_mail = models.TextField(
        _("welcome email"),
        max_length=2000,
        blank=True,
        help_text=_(
            "Sent once to each new member, when their address is confirmed. Leave blank to send none."
        ),
    )
    sender_name = models.CharField(
        _("sender’s name"),
        max_length=60,
        blank=True,
        help_text=_("The name that emails come from, such as yours."),
    )
    reply_to = models.EmailField(
        _("address for replies"),
        blank=True,
        help_text=_(
            "Where replies to emails go, such as your own address. Everyone who gets an email can see it. Leave blank for the sender’s address."
        ),
    )
    embed_origins = models.TextField(
        _("sites that can show comments"),
        max_length=2000,
        blank=True,
        help_text=_("One per line, such as https://blog.example. Leave blank to allow none."),
    )
    webmentions_in = models.BooleanField(
        _("accept webmentions"),
        default=True,
        help_text=_(
            "When a page of another site links to a post, it becomes a comment that a moderator reviews first."
        ),
    )
    webmentions_out = models.BooleanField(
        _("send webmentions"),
        default=False,
        help_text=_("Tells other sites when posts or published comments link to them, if they want to know."),
    )
    counts_views = models.BooleanField(
        _("count readers"),
        default=True,
        help_text=_("Without cookies, other companies or stored addresses. Figures are on the dashboard."),
    )

    # Keys of core.parts, in any order.
    parts = models.JSONField(_("community"), default=list, blank=True)

    objects = SiteSettingsQuerySet.as_manager()

    # The settings cached in this process, and when they were read.
    _known: "tuple[SiteSettings, float] | None" = None

    class Meta:
        verbose_name = _("site settings")
        verbose_name_plural = _("site settings")
        default_permissions = ("change",)
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_row_of_site_settings"),
            models.CheckConstraint(condition=Q(accent_hue__lte=359), name="accent_hue_is_an_angle"),
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def current(cls) -> "SiteSettings":
        """The settings, at most CHECK_SECONDS old, usually without a query. Never change the returned object.

        If the database is unavailable they stay as they were, so that error pages have a name to show.
        """
        known, now = SiteSettings._known, time.monotonic()
        if known is not None and now - known[1] < CHECK_SECONDS:
            return known[0]
        try:
            # Not from a replica: what is cached must contain the change that was just saved.
            row = cls.objects.using(PRIMARY).stored()
        except DatabaseError:
            row = known[0] if known else cls(pk=1)
        SiteSettings._known = row, now
        return row

    @staticmethod
    def forget() -> None:
        """Make this process read the settings again."""
        SiteSettings._known = None

    @property
    def title(self) -> str:
        return self.name or settings.SITE_NAME

    @property
    def subtitle(self) -> str:
        return self.tagline or settings.SITE_TAGLINE

    @property
    def shows_announcement(self) -> bool:
        """Whether an announcement is shown now. It must be part of cache keys, beside the version."""
        begins, ends, now = self.announcement_from, self.announcement_until, timezone.now()
        return bool(self.announcement) and (begins is None or begins <= now) and (ends is None or now < ends)

    @property
    def announcement_key(self) -> str:
        """A hash of its text and link, so that readers who dismissed an announcement see a changed one."""
        words = f"{self.announcement}\n{self.announcement_address}"
        return blake2b(words.encode(), digest_size=6).hexdigest()

    @property
    def icons(self) -> dict[str, str]:
        """URLs of the logo by size, such as "s32"; empty without a logo."""
        if not self.icon:
            return {}
        return {f"s{size}": default_storage.url(icon_name(self.icon, size)) for size in ICON_SIZES}

    @property
    def language_code(self) -> str:
        return self.language or settings.LANGUAGE_CODE

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """The codes of the languages that readers can choose, the site's first.

        A single one means there is no choice.
        """
        return (self.language_code, *(code for code in self.languages if code != self.language_code))

    @cached_property
    def is_multilingual(self) -> bool:
        return len(self.offered) > 1

    @property
    def offered_languages(self) -> list[tuple[str, str]]:
        """These languages with their names in the language itself; empty if there is no choice."""
        return [(code, name_of_interface(code)) for code in self.offered] if self.is_multilingual else []

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The site's time zone; UTC if this machine does not know it (any more)."""
        try:
            return zoneinfo.ZoneInfo(self.time_zone or settings.TIME_ZONE)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):  # a zone that this machine no longer knows
            return zoneinfo.ZoneInfo("UTC")

    @property
    def from_email(self) -> str:
        """The sender of emails.

        Its address is from the environment, because mail servers check it (RFC 7208). Its name is the host's
        choice, or from the environment, or the site's.
        """
        if not self.sender_name and settings.DEFAULT_FROM_EMAIL_IS_SET:
            return settings.DEFAULT_FROM_EMAIL
        return formataddr((self.sender_name or self.title, self.sender_address))

    @property
    def sender_address(self) -> str:
        """The bare address of the sender."""
        return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]

    @classmethod
    def fields_to_set(cls) -> list[str]:
        """The names of the fields that the host can set."""
        return [field.name for field in cls._meta.concrete_fields if field.editable and not field.primary_key]

    def values(self) -> dict[str, Any]:
        """These fields with values that JSON can represent."""
        return {
            name: as_json(cast(models.Field, self._meta.get_field(name)).value_from_object(self))
            for name in self.fields_to_set()
        }


class SiteSettingsChange(models.Model):
    """A saved change: which fields, from which values to which.

    It is never edited; an undo is another change.
    """

    version = models.PositiveIntegerField(unique=True)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    before = models.JSONField()
    after = models.JSONField()
    undoes = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="undone_by")

    class Meta:
        verbose_name = _("change to the settings")
        verbose_name_plural = _("changes to the settings")
        default_permissions = ()
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"{self.version}: {', '.join(self.after)}"
