"""People without an account who are invited to take part."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from decisions.models.decision import Decision, Voter


class GuestQuerySet(models.QuerySet):
    def invited(self) -> Self:
        """Those whose link takes a vote or a position."""
        return self.filter(withdrawn_at=None).exclude(email="")

    def silent(self) -> Self:
        """Those who have not taken part."""
        return self.filter(voter=None, positions=None)

    def to_tell_of_opening(self) -> Self:
        """Who was invited before they could vote or take a position, and can now: their link leads somewhere."""
        now = timezone.now()
        takes_part = Q(decision__kind=Decision.Kind.POLL) | Q(decision__stage__in=Decision.TAKE_POSITIONS)
        is_shown = Q(
            decision__comment__status="public",
            decision__comment__post__published_at__lte=now,
        )
        return self.filter(takes_part, is_shown, awaits_opening=True, decision__opens_at__lte=now)


class Guest(models.Model):
    """Somebody who was invited to take part by a mailed link, without an account.

    voter: None until the link was used to vote. If the address is that of a member, it is the member's own vote, so that
    both count once; the results name it as the guest was invited.

    mark: once name and address were erased, a keyed hash of the address, by which whoever is invited again is the same
    guest. It goes when the decision is over.

    withdrawn_at: the link takes nothing any more, and says so. Of nobody who has taken part.

    awaits_opening: invited before they could take part, and not told yet that they can.

    told_of: the key of the outcome that they were emailed; once, however often it is held and approved again.
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
    # Of whoever invited them, until they vote in another one; "" for the site's.
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
    """An address that wants no invitations to votes any more."""

    email = models.EmailField(unique=True)

    def __str__(self) -> str:
        return self.email
