"""Events. The text of each is a post of its own kind, whose comments are its discussion.

See docs/decisions/0110.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import EmailCode
from core.markup.newcomers import is_well_known, unlinked
from core.utils.exists import ExistsForEach
from posts.models import Post

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class EventQuerySet(models.QuerySet):
    """Events, each with one or several dates."""

    def proposed(self) -> Self:
        return self.filter(state="proposed")

    def with_post(self) -> Self:
        return self.select_related("post__author")

    def with_page(self) -> Self:
        """Events whose page exists while the part is on."""
        return self.filter(state__in=["approved", "cancelled"], post__trashed_at=None)


class Event(models.Model):
    """An event. Title, URL and author are those of its post.

    starts_at and ends_at: the first date, in the time zone `zone`.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("awaiting approval")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")
        CANCELLED = "cancelled", _("cancelled")

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="event")
    # Markdown, as typed. The post contains it as HTML.
    text = models.TextField(_("text"), max_length=10_000, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    zone = models.CharField(_("time zone"), max_length=50)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    # An RFC 5545 rule with an end; "" for a single date. Below: the dates left out, in ISO format in the time
    # zone `zone`.
    rule = models.CharField(_("repetition"), max_length=300, blank=True)
    skipped = models.JSONField(_("except on"), default=list, blank=True)
    places = models.PositiveIntegerField(_("places"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PROPOSED)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="event_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "approved", "declined", "cancelled"]),
                name="event_state_is_known",
            ),
            models.CheckConstraint(condition=Q(places=None) | Q(places__gte=1), name="event_has_some_places"),
        ]

    def __str__(self) -> str:
        return self.post.title

    @property
    def clocks(self) -> ZoneInfo:
        """The time zone in which the event was planned; its rule counts days there."""
        return ZoneInfo(self.zone)

    @property
    def version(self) -> str:
        """A value that changes with every edit."""
        return self.changed_at.isoformat()

    @property
    def public_html(self) -> str:
        """The text as everyone may see it. Links of new members are plain text (core/markup/newcomers.py)."""
        return self.post.body if self.post.author.is_known else unlinked(self.post.body)

    @property
    def public_link(self) -> str:
        """The link, if it may be followed; "" for a new member's."""
        return self.link if self.post.author.is_known or is_well_known(self.link) else ""

    @property
    def takes_answers(self) -> bool:
        return self.state == self.State.APPROVED


class OccurrenceQuerySet(models.QuerySet):
    """The dates of events."""

    def shown_to(self, reader: User | AnonymousUser, now: datetime | None = None) -> Self:
        """Dates of events whose page this reader may find. now: for prepared queries, as in PostQuerySet."""
        posts = Post.objects.discoverable_by(reader, now).filter(pk=OuterRef("post"))
        events = Event.objects.with_page().filter(ExistsForEach(posts.order_by()), pk=OuterRef("event"))
        return self.filter(ExistsForEach(events.order_by()))

    def between(self, begin: datetime, end: datetime) -> Self:
        """Dates that overlap this period."""
        return self.filter(starts_at__lt=end, ends_at__gt=begin).order_by("starts_at", "pk")

    def to_come(self, now: datetime | None = None) -> Self:
        """Dates that are not over, the next first."""
        return self.filter(ends_at__gt=now or timezone.now()).order_by("starts_at", "pk")

    def with_event(self) -> Self:
        return self.select_related("event__post__author")

    def first_of(self, count: int) -> Self:
        """The first `count` dates with their events. Other tables are joined to these rows only."""
        keys = self.order_by("starts_at", "pk").values("pk")[:count]
        found = type(self)(self.model).filter(pk__in=keys).order_by("starts_at", "pk")
        return found.with_event()

    def over(self) -> Self:
        return self.filter(ends_at__lte=timezone.now())


class Occurrence(models.Model):
    """One date of an event. The rows are generated from the rule, so that lists and limits are queries."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="occurrences", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    places = models.PositiveIntegerField(null=True, blank=True)
    # The number of places taken. Written with the event locked (events/services/answers.py).
    taken = models.PositiveIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True, blank=True)
    # A host's report after the event.
    report = models.OneToOneField(
        Post, on_delete=models.SET_NULL, null=True, blank=True, related_name="reported_occurrence"
    )

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("occurrence")
        verbose_name_plural = _("occurrences")
        constraints = [
            models.UniqueConstraint(fields=["event", "starts_at"], name="event_starts_once_at_a_time"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="occurrence_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(places=None) | Q(taken__lte=F("places")), name="no_more_taken_than_places"
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at"], name="occurrences_by_start"),
            models.Index(fields=["ends_at"], name="occurrences_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.starts_at}"

    @property
    def is_over(self) -> bool:
        return self.ends_at <= timezone.now()

    @property
    def is_full(self) -> bool:
        return self.places is not None and self.taken >= self.places

    @property
    def free(self) -> int | None:
        """How many places are left; None if their number is not limited."""
        return None if self.places is None else max(self.places - self.taken, 0)

    @property
    def lasts(self) -> timedelta:
        return self.ends_at - self.starts_at


class Answer(models.Model):
    """The response of a member, or of a guest identified by email address.

    is_waiting: on the waiting list, in the order of `asked_at`. Of guests, hosts see only the name; their
    data is deleted some weeks after the event (events/services/guests.py).
    """

    class Says(models.TextChoices):
        YES = "yes", _("I’m coming")
        MAYBE = "maybe", _("Maybe")
        NO = "no", _("I can’t come")

    occurrence = models.ForeignKey(
        Occurrence, on_delete=models.CASCADE, related_name="answers", db_index=False
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="event_answers",
        null=True,
        blank=True,
    )
    guest_email = models.EmailField(blank=True, db_default="")
    guest_name = models.CharField(max_length=60, blank=True, db_default="")
    # The language in which the guest responded, for emails; "" for the site's.
    guest_language = models.CharField(max_length=20, blank=True, default="", db_default="")
    wants_mail = models.BooleanField(default=True, db_default=True)
    says = models.CharField(max_length=5, choices=Says)
    is_waiting = models.BooleanField(default=False)
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "member"], name="one_answer_each"),
            models.UniqueConstraint(
                fields=["occurrence", "guest_email"],
                condition=~Q(guest_email=""),
                name="one_answer_of_each_guest",
            ),
            models.CheckConstraint(
                condition=Q(member=None) | Q(guest_email="", guest_name=""),
                name="answer_of_a_member_or_a_guest",
            ),
            models.CheckConstraint(condition=Q(says__in=["yes", "maybe", "no"]), name="answer_is_known"),
            models.CheckConstraint(
                condition=Q(is_waiting=False) | Q(says="yes"), name="who_waits_wants_to_come"
            ),
        ]
        indexes = [models.Index(fields=["occurrence", "says", "asked_at"], name="answers_in_order")]

    def __str__(self) -> str:
        return f"{self.member_id or 'guest'} {self.says} {self.occurrence_id}"

    @property
    def has_place(self) -> bool:
        """Whether they are coming and are not on the waiting list."""
        return self.says == self.Says.YES and not self.is_waiting


class GuestRequest(models.Model):
    """A guest's response that awaits confirmation by an emailed code. The account was not looked up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="+")
    says = models.CharField(max_length=5, choices=Answer.Says)
    name = models.CharField(max_length=60)
    email = models.EmailField()
    # The language of the page, since the link in the email may be opened in another browser.
    language = models.CharField(max_length=20, blank=True, default="", db_default="")
    code = models.ForeignKey(EmailCode, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("response of a guest")
        verbose_name_plural = _("responses of guests")
        constraints = [
            models.CheckConstraint(
                condition=Q(says__in=["yes", "maybe", "no"]), name="answer_of_guest_is_known"
            )
        ]

    def __str__(self) -> str:
        """Without a name, since it is logged."""
        return f"{self.says} {self.occurrence_id}"

    def get_absolute_url(self) -> str:
        return reverse("events:guest-code", args=[self.pk])


def sync_publication(*, is_on: bool) -> None:
    """Publish the posts of approved and cancelled events, or unpublish them all while the part is off."""
    posts = Post.objects.filter(kind=Post.Kind.EVENT, trashed_at=None)
    if not is_on:
        posts.exclude(published_at=None).update(published_at=None)
        return
    published = Event.objects.with_page().values("pk")
    posts.filter(pk__in=published, published_at=None).update(published_at=F("created_at"))
