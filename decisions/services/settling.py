"""Closing a poll or proposal, and stating its outcome."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from comments.models import Comment
from comments.services.writing import publish_comment
from core.parts import is_on
from core.utils.dates import before_stop, date_format
from core.utils.locks import lock_row
from decisions.models import Decision, Position, Voter
from decisions.services.asking import is_host
from decisions.services.inviting import notify_guests
from notifications.services.notify import announce_outcome

DUE_SHOWN = 8


def close(decision: Decision, *, by: User) -> None:
    """Close the decision. Raises ValidationError (code "over") for the slower of two people."""
    with transaction.atomic():
        there = lock_row(Decision.objects, decision.pk)
        if not there.is_over:
            there.closed_at, there.closed_by = timezone.now(), by
            there.save(update_fields=["closed_at", "closed_by"])
            return
    when = before_stop(date_format(timezone.localtime(there.ended_at), "DATETIME_FORMAT"))
    if there.closed_by is not None and there.closed_by_id != by.pk:
        name = there.closed_by.get_display_name()
        message = _("%(name)s already closed this on %(when)s.") % {"name": name, "when": when}
    else:
        message = _("This was already closed on %(when)s.") % {"when": when}
    raise ValidationError(message, code="over")


def state_outcome(decision: Decision, *, text: str, review_on: date | None, by: User) -> Comment:
    """Publish the outcome as a reply, for everyone who took part, even if comments are closed.

    There is one; another can replace one that was deleted or removed. Raises ValidationError (codes
    "still_open", "stated" and those of publish_comment) and TooFast.
    """

    def store(comment: Comment) -> None:
        there = lock_row(Decision.objects, decision.pk)
        if comment.is_repeated and there.outcome_id == comment.pk:
            return
        if there.has_outcome:
            raise ValidationError(
                _("Someone has already published the outcome. Your text is below; post it as a comment."),
                code="stated",
            )
        there.outcome, there.review_on = comment, review_on
        there.save(update_fields=["outcome", "review_on"])
        comment.__dict__["settles"] = there

    if not decision.is_over:
        raise ValidationError(_("Close it first."), code="still_open")
    body = f"**{_('Outcome')}.** {text}"
    root = decision.comment
    return publish_comment(
        post=root.post, author=by, body=body, parent=root, and_store=store, is_last_word=True
    )


def notify_participants(comment: Comment) -> None:
    """Notify everyone who voted or took a position, in the transaction that publishes the outcome."""
    if comment.is_new:
        decision = comment.__dict__.pop("settles", None)
    else:
        decision = Decision.objects.filter(outcome=comment).first()
    if decision is None:
        return
    voted = Voter.objects.filter(decision=decision).exclude(member=None).values_list("member", flat=True)
    took_position = (
        Position.objects.filter(decision=decision).exclude(member=None).values_list("member", flat=True)
    )
    announce_outcome(comment, sorted({*voted, *took_position} - {comment.author_id}))
    notify_guests(decision, comment.pk)


def due_for(host: User) -> list[Decision]:
    """Decisions due for review, as many as fit on the dashboard. No query while the part is off."""
    if not (is_on("decisions") and is_host(host)):
        return []
    return list(Decision.objects.to_review().select_related("comment__post")[:DUE_SHOWN])


def put_off_review(decision: Decision, until: date | None) -> None:
    """Record a review. until: the date of the next one, None for never."""
    Decision.objects.filter(pk=decision.pk).update(review_on=until)
