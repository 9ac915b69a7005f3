"""Closing a poll or a proposal, and saying what came of it."""

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
from decisions.services.inviting import tell_guests
from notifications.services.notify import announce_outcome

DUE_SHOWN = 8


def close(decision: Decision, *, by: User) -> None:
    """Of two who close it at once, one does; the other is told who was quicker. ValidationError (code "over")."""
    with transaction.atomic():
        there = lock_row(Decision.objects, decision.pk)
        if not there.is_over:
            there.closed_at, there.closed_by = timezone.now(), by
            there.save(update_fields=["closed_at", "closed_by"])
            return
    when = before_stop(date_format(timezone.localtime(there.ended_at), "DATETIME_FORMAT"))
    if there.closed_by is not None and there.closed_by_id != by.pk:
        name = there.closed_by.get_display_name()
        said = _("%(name)s closed this already, on %(when)s.") % {"name": name, "when": when}
    else:
        said = _("This was closed already, on %(when)s.") % {"when": when}
    raise ValidationError(said, code="over")


def state_outcome(decision: Decision, *, text: str, review_on: date | None, by: User) -> Comment:
    """Publish what came of it as a reply, for everyone who took part; where comments are closed too. There is one,
    and another in place of one that was deleted or removed.

    Raises ValidationError (codes "still_open", "stated" and what publish_comment raises) and TooFast.
    """

    def store(comment: Comment) -> None:
        there = lock_row(Decision.objects, decision.pk)
        if comment.is_repeated and there.outcome_id == comment.pk:
            return
        if there.has_outcome:
            raise ValidationError(
                _("Someone has published the outcome already. Your text is below; post it as a comment."),
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


def tell_who_took_part(comment: Comment) -> None:
    """An outcome became public: everyone who voted or took a position is notified. In the transaction that publishes it."""
    if comment.is_new:
        decision = comment.__dict__.pop("settles", None)
    else:
        decision = Decision.objects.filter(outcome=comment).first()
    if decision is None:
        return
    voted = Voter.objects.filter(decision=decision).exclude(member=None).values_list("member", flat=True)
    thought = Position.objects.filter(decision=decision).exclude(member=None).values_list("member", flat=True)
    announce_outcome(comment, sorted({*voted, *thought} - {comment.author_id}))
    tell_guests(decision, comment.pk)


def due_for(host: User) -> list[Decision]:
    """Those to be looked at again, as far as there is room on the dashboard. No query while the part is off."""
    if not (is_on("decisions") and is_host(host)):
        return []
    return list(Decision.objects.to_review().select_related("comment__post")[:DUE_SHOWN])


def put_off_review(decision: Decision, until: date | None) -> None:
    """It was reviewed; until: when to look at it again, None for never."""
    Decision.objects.filter(pk=decision.pk).update(review_on=until)
