"""Positions on a proposal, each with its reason as a comment below it."""

import secrets
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.services.permissions import check_may_write
from comments.models import Comment
from comments.models.submission import Submission
from comments.services.guest_writing import post_comment_of_guest
from comments.services.writing import publish_comment
from core.utils.locks import lock_row
from core.utils.reasons import register_reasons
from decisions.models import Decision, Guest, Position
from decisions.services.asking import is_host
from decisions.services.forgetting import still_invited
from decisions.services.inviting import notify_of_opening
from decisions.services.voting import member_with

SHOWN = 100

register_reasons({"invited_guest": gettext_lazy("From a guest invited by a member.")})


@dataclass(frozen=True)
class Tally:
    """The number of people with one position, and its share in percent."""

    stance: str
    label: str
    count: int
    share: int


def take_position(
    decision: Decision, *, stance: str, reason: str, by: User, submission: Submission | None = None
) -> Comment:
    """State a position and its reason. Earlier reasons stay; the new one counts.

    Raises ValidationError (codes "over", "early", "same" and those of publish_comment) and TooFast.
    """
    stance = Position.Stance(stance)

    def store(comment: Comment) -> None:
        there = lock_row(Decision.objects, decision.pk)
        check_takes(there)
        mine = Position.objects.filter(decision=there, member=by)
        mine.filter(is_current=True).exclude(reason=comment).update(is_current=False)
        # The same text again within minutes is the same comment.
        if not mine.filter(reason=comment).update(is_current=True):
            Position.objects.create(decision=there, member=by, stance=stance, reason=comment)

    check_takes(decision)
    body = f"**{stance.label}.** {reason}"
    root = decision.comment
    return publish_comment(
        post=root.post, author=by, body=body, parent=root, submission=submission, and_store=store
    )


def take_position_as_guest(
    guest: Guest, *, stance: str, reason: str, submission: Submission | None = None
) -> Comment:
    """State a position by emailed link. If the address is a member's, the position is the member's.

    The name shown is the guest's. It is held if the spam filter or the post's rules require it, if it
    contains a link, or if no host invited them. Raises ValidationError and TooFast as take_position does.
    """
    stance = Position.Stance(stance)

    def store(comment: Comment) -> None:
        there = lock_row(Decision.objects, guest.decision_id)
        check_takes(there)
        here = still_invited(guest)
        member = member_with(here.email)
        if member is not None:
            check_may_write(member)
        theirs = Position.objects.filter(
            Q(guest=here) | Q(member=member, member__isnull=False), decision=there
        )
        theirs.filter(is_current=True).exclude(reason=comment).update(is_current=False)
        if not theirs.filter(reason=comment).update(is_current=True):
            Position.objects.create(decision=there, member=member, guest=here, stance=stance, reason=comment)

    check_takes(guest.decision)
    inviter = guest.invited_by
    return post_comment_of_guest(
        parent=guest.decision.comment,
        name=guest.name,
        email=guest.email,
        body=f"**{stance.label}.** {reason}",
        source_key=f"guest:{guest.pk.hex}:{secrets.token_hex(8)}",
        reasons=[] if inviter is not None and is_host(inviter) else [{"code": "invited_guest"}],
        and_store=store,
        submission=submission,
    )


def check_takes(decision: Decision) -> None:
    """Raise ValidationError (codes "over", "early") if the proposal takes no positions now."""
    if decision.is_over:
        raise ValidationError(
            _("This proposal is closed. Your text is below; you can post it as a comment."), code="over"
        )
    if not decision.takes_positions:
        raise ValidationError(
            _("This proposal is still being discussed. Your text is below; you can post it as a comment."),
            code="early",
        )


@transaction.atomic
def move_on(decision: Decision, stage: str) -> bool:
    """Advance to the next stage. Returns False if someone else did already, or if it is over.

    Guests are notified when positions are accepted.
    """
    if decision.next_stage != stage or decision.is_over:
        return False
    rows = Decision.objects.filter(pk=decision.pk, stage=decision.stage, closed_at=None)
    is_moved = bool(rows.update(stage=stage))
    if is_moved and decision.stage == Decision.Stage.DISCUSS:
        notify_of_opening(decision)
    return is_moved


def tally_of(decision: Decision) -> list[Tally]:
    """The current positions. One whose reason is not public does not count."""
    held = decision.positions.filter(is_current=True, reason__status="public")
    counts = dict(held.order_by().values_list("stance").annotate(Count("pk")))
    total = sum(counts.values())
    return [
        Tally(
            stance.value,
            str(stance.label),
            counts.get(stance.value, 0),
            round(100 * counts.get(stance.value, 0) / total) if total else 0,
        )
        for stance in Position.Stance
    ]


def positions_of(decision: Decision) -> list[Position]:
    """Newest first, including earlier ones of the same people."""
    shown = decision.positions.filter(reason__status="public").select_related("reason__author", "guest")
    positions = list(shown.order_by("-pk")[:SHOWN])
    for position in positions:
        position.reason.post = decision.comment.post  # for its link
    return positions


def position_of(decision: Decision, member: User) -> Position | None:
    """The member's current position with its reason, or None."""
    return decision.positions.filter(member=member, is_current=True).select_related("reason").first()


def position_of_guest(guest: Guest) -> Position | None:
    return guest.positions.filter(is_current=True).select_related("reason").first()
