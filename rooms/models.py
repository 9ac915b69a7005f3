"""External voice and chat rooms, and who is in them."""

import re
from datetime import timedelta
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User

# How long a service's status is shown: a little more than two polls.
FRESH = timedelta(minutes=3)
# How long a member is shown after clicking “I’m there”.
STAY = timedelta(hours=1)
DISCORD_SERVER = re.compile(r"[0-9]{15,22}")
DISCORD_WIDGET = "https://discord.com/api/guilds/{}/widget.json"


class RoomQuerySet(models.QuerySet):
    """Links to rooms on other services."""

    def readable_by(self, reader: User | AnonymousUser) -> Self:
        return self if isinstance(reader, User) else self.filter(for_members=False)

    def that_tell(self) -> Self:
        """Rooms whose service is polled for who is there."""
        return self.exclude(source="")


class Room(models.Model):
    """A link to a room on another service.

    source: where the status comes from, "" for none: the id of a Discord server, or the URL of a Mumble
    server's viewer (Channel Viewer Protocol). told: the status at told_at, as
    rooms.services.asking.RoomStatus.as_json returns it.
    """

    class Kind(models.TextChoices):
        MUMBLE = "mumble", "Mumble"
        JITSI = "jitsi", "Jitsi"
        DISCORD = "discord", "Discord"
        MATRIX = "matrix", "Matrix"
        TEAMSPEAK = "teamspeak", "TeamSpeak"
        OTHER = "other", _("Other")

    # URL schemes that open other programs than a browser.
    SCHEMES = {
        Kind.MUMBLE: {"mumble"},
        Kind.TEAMSPEAK: {"ts3server", "teamspeak"},
        Kind.MATRIX: {"matrix"},
    }

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("service"), max_length=9, choices=Kind, default=Kind.JITSI)
    address = models.CharField(
        _("address"),
        max_length=300,
        help_text=_("Where the room is, such as https://meet.example/table or mumble://voice.example."),
    )
    topic = models.CharField(
        _("topic"), max_length=200, blank=True, help_text=_("What people meet there for.")
    )
    hours = models.CharField(
        _("hours"),
        max_length=120,
        blank=True,
        help_text=_("When people are usually there, such as Fridays from 20:00."),
    )
    for_members = models.BooleanField(
        _("members only"),
        default=True,
        help_text=_("Anyone who knows the address of a room can often enter it."),
    )
    source = models.CharField(
        _("who is there"),
        max_length=300,
        blank=True,
        help_text=_(
            "Discord: the server ID, after switching on the widget in the server settings. Mumble: the "
            "address of the channel viewer (JSON). Without it, members can say themselves that they’re there."
        ),
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Lower numbers come first.")
    )
    told = models.JSONField(null=True, editable=False)
    told_at = models.DateTimeField(null=True, editable=False)

    objects = RoomQuerySet.as_manager()

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(told__isnull=True, told_at__isnull=True)
                | models.Q(told__isnull=False, told_at__isnull=False),
                name="told_room_says_when",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse addresses that do not fit the service. Raises ValidationError for the fields."""
        errors: dict[str, Any] = {}
        if self.address and not self._is_address(self.address, self.SCHEMES.get(self.Kind(self.kind), set())):
            errors["address"] = _(
                "Enter an address that starts with https://, or with the name of the service, such as mumble://."
            )
        if self.source and self.kind == self.Kind.DISCORD and not DISCORD_SERVER.fullmatch(self.source):
            errors["source"] = _(
                "Enter the server ID: a long number. Discord shows it in the settings of the widget."
            )
        elif self.source and self.kind == self.Kind.MUMBLE and not self._is_address(self.source, set()):
            errors["source"] = _("Enter an address that starts with https://.")
        elif self.source and self.kind not in {self.Kind.DISCORD, self.Kind.MUMBLE}:
            errors["source"] = _("This service doesn’t say who is there. Leave this blank.")
        if errors:
            raise ValidationError(errors)

    @staticmethod
    def _is_address(address: str, schemes: set[str]) -> bool:
        try:
            parts = urlsplit(address)
            host = parts.hostname or (parts.scheme == "matrix" and parts.path)
        except ValueError:
            return False
        return parts.scheme in {"https", *schemes} and bool(host) and not re.search(r"[\s<>\"\\]", address)

    @property
    def source_url(self) -> str:
        """The URL that is polled for who is there."""
        if self.kind == self.Kind.DISCORD:
            return DISCORD_WIDGET.format(self.source)
        return self.source

    @property
    def is_fresh(self) -> bool:
        """Whether the service's status is recent enough to show."""
        return self.told_at is not None and timezone.now() - self.told_at < FRESH


class PresenceQuerySet(models.QuerySet):
    """Who says that they are in a room."""

    def now(self) -> Self:
        """Those that have not expired."""
        return self.filter(until__gt=timezone.now())

    def visible_to(self, reader: User | AnonymousUser) -> Self:
        people = self.filter(member__in=User.objects.listed_for(reader))
        return people.exclude(member__in=reader.muted_ids) if isinstance(reader, User) else people


class Presence(models.Model):
    """A member says that they are in a room. They can be in one at a time."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="presence"
    )
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="presences")
    until = models.DateTimeField(_("until"))

    objects = PresenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("person in a room")
        verbose_name_plural = _("people in rooms")

    def __str__(self) -> str:
        return f"{self.member_id} in {self.room_id}"
