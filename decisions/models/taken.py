"""Choices of voters, and positions on proposals."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comments.models import Comment
from decisions.models.decision import Decision, Option, Voter
from decisions.models.guest import Guest


class Choice(models.Model):
    """The choice of a voter in a named poll. place: from 1, if options are ranked."""

    voter = models.ForeignKey(Voter, on_delete=models.CASCADE, related_name="choices", db_index=False)
    option = models.ForeignKey(Option, on_delete=models.CASCADE, related_name="choices")
    place = models.PositiveSmallIntegerField(null=True)
    # The poll allows one option per voter.
    is_only = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["voter", "option"], name="each_option_chosen_once"),
            models.UniqueConstraint(
                fields=["voter"], condition=Q(is_only=True), name="one_option_of_each_voter"
            ),
            models.UniqueConstraint(fields=["voter", "place"], name="each_place_given_once"),
        ]

    def __str__(self) -> str:
        return f"{self.voter_id}: {self.option_id}"


class Position(models.Model):
    """The position of a member or guest on a proposal, with the comment that explains it. Earlier ones stay.

    If a guest's address is a member's, both are set: it is the member's position, taken with the guest's
    link.
    """

    class Stance(models.TextChoices):
        """From full support to a serious objection (BLOCK)."""

        AGREE = "agree", _("Agree")
        ABSTAIN = "abstain", _("Abstain")
        DISAGREE = "disagree", _("Disagree")
        BLOCK = "block", pgettext_lazy("position on a proposal", "Block")

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="positions")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="positions"
    )
    guest = models.ForeignKey(Guest, on_delete=models.CASCADE, null=True, related_name="positions")
    stance = models.CharField(max_length=8, choices=Stance)
    reason = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="position")
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "member"],
                condition=Q(is_current=True),
                name="one_position_of_each_member",
            ),
            models.UniqueConstraint(
                fields=["guest"], condition=Q(is_current=True), name="one_position_of_each_guest"
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=False) | Q(guest__isnull=False), name="position_is_somebodys"
            ),
            models.CheckConstraint(
                condition=Q(stance__in=["agree", "abstain", "disagree", "block"]), name="stance_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id or self.guest_id}: {self.stance}"
