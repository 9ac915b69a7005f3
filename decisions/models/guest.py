"""People without an account who are invited to vote or take a position."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from decisions.models.decision import Decision, Voter


class GuestQuerySet(models.QuerySet):
    """People without an account who were invited to a decision."""

    def invited(self) -> Self:
        """Guests whose link accepts a vote or a position."""
        return self.filter(withdrawn_at=None).exclude(email="")

    def silent(self) -> Self:
        """Guests who have not taken part."""
        return self.filter(voter=None, positions=None)

    def awaiting_opening_notice(self) -> Self:
        """Guests invited before the opening who have not been told that it has opened."""
        now = timezone.now()
        takes_part = Q(decision__kind=Decision.Kind.POLL) | Q(decision__stage__in=Decision.TAKE_POSITIONS)
        is_shown = Q(
            decision__comment__status="public",
            decision__comment__post__published_at__lte=now,
        )
        return self.filter(takes_part, is_shown, awaits_opening=True, decision__opens_at__lte=now)


class Guest(models.Model):
    """Someone without an account, invited by an emailed link to vote or take a position.

    voter: None until they vote with the link. If the address is a member's, it is the member's own vote, so
    that it counts once; the results show the guest's name.

    mark: after name and address are erased, a keyed hash of the address, by which the same person is
    recognised if invited again. It is deleted when the decision is over.

    withdrawn_at: the link no longer accepts anything, and says so. Only for guests who have not taken part.

    awaits_opening: invited before the opening and not told about it yet.

    told_of: the id of the outcome that they were emailed. They are emailed once, however often it is held and
    approved again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="guests", db_index=False)
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=100, blank=True)
    mark = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    # The language of the person who invited them, until they vote in another one; "" for the site's.
    language = models.CharField(max_length=20, blank=True, default="", db_default="")
    voter = models.OneToOneField(Voter, on_delete=models.SET_NULL, null=True, related_name="guest")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    awaits_opening = models.BooleanField(default=False, db_default=False, editable=False)
    told_of = models.PositiveBigIntegerField(null=True, editable=False)

    objects = GuestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["email"], name="guests_by_address"),
            models.Index(fields=["mark"], condition=~Q(mark=""), name="guests_by_mark"),
            models.Index(fields=["decision"], condition=Q(awaits_opening=True), name="guests_to_tell"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "email"], condition=~Q(email=""), name="each_address_invited_once"
            ),
            models.UniqueConstraint(
                fields=["decision", "mark"], condition=~Q(mark=""), name="each_erased_address_kept_once"
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="invited_address_is_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name


class NoInvitations(models.Model):
    """An address that opted out of invitations."""

    email = models.EmailField(unique=True)

    def __str__(self) -> str:
        return self.email
