"""What is kept of guests, and how long.

Whoever erases what is stored about them stays the same guest of what is still open: by a keyed hash of the address, which
nobody can read it from. So nobody counts twice by being forgotten and invited again.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.models import User
from core.tasks.periodic import periodic
from core.utils.locks import lock_row
from decisions.models import Decision, Guest, Voter

# So long after the end the links still lead to the result; then addresses are forgotten. Names stay beside what was chosen, and
# nowhere else: not of those who took no part, and not in a secret vote.
FORGOTTEN_AFTER = timedelta(days=90)


def mark_of(email: str) -> str:
    return salted_hmac("decisions.mark", email.lower(), algorithm="sha256").hexdigest()


def still_invited(guest: Guest) -> Guest:
    """The guest as they are now. Needs the decision's lock. Raises ValidationError (code "gone") where they were erased,
    or the invitation was withdrawn."""
    there = Guest.objects.select_related("voter__member").filter(pk=guest.pk).exclude(email="").first()
    if there is None:
        raise ValidationError(_("This invitation was deleted."), code="gone")
    if there.withdrawn_at is not None:
        raise ValidationError(_("This invitation was withdrawn."), code="gone")
    return there


@transaction.atomic
def forget_guest(emails: Sequence[str]) -> None:
    """Name and address go. What they chose stays, without a name; that they want no invitations stays too.

    Each decision is locked: a vote that is on its way is stored before, or refused.
    """
    theirs = Guest.objects.filter(email__in=emails)
    for key, decision_key in theirs.order_by("decision").values_list("pk", "decision"):
        decision = lock_row(Decision.objects, decision_key)
        guest = theirs.filter(pk=key).first()
        if guest is None:
            continue
        if guest.voter_id is None and not guest.positions.exists():
            guest.delete()
            continue
        guest.mark = "" if decision.is_over else mark_of(guest.email)
        guest.email = guest.name = ""
        guest.save(update_fields=["email", "name", "mark"])


def remember_vote(member: User, emails: Sequence[str]) -> None:
    """A member leaves: in polls that are open they are the same voter if they come back with one of these addresses."""
    mine = Voter.objects.filter(decision__in=Decision.objects.open(), member=member, guest=None)
    for voter in mine if emails else []:
        marked = Q(mark=mark_of(emails[0]))
        known = Guest.objects.filter(marked | Q(email__in=emails), decision=voter.decision_id)
        invited = known.filter(voter=None).first()
        if invited is not None:
            invited.voter = voter
            invited.save(update_fields=["voter"])
        elif not known.exists():
            Guest.objects.create(decision_id=voter.decision_id, mark=mark_of(emails[0]), voter=voter)


@periodic(every=timedelta(days=1))
def forget_guests() -> int:
    """Hashes go when the decision is over, addresses some time later; names with them, but for those in the results."""
    now = timezone.now()
    over = Q(decision__closed_at__lte=now) | Q(decision__closes_at__lte=now)
    count: int = Guest.objects.exclude(mark="").filter(over).update(mark="")
    then = now - FORGOTTEN_AFTER
    long_over = Q(decision__closed_at__lte=then) | Q(decision__closes_at__lte=then)
    known = Guest.objects.exclude(email="", name="").filter(long_over)
    gone, _tables = known.silent().delete()  # they can take no part any more
    secret = known.filter(decision__is_secret=True).update(email="", name="")
    return count + gone + secret + known.exclude(email="").update(email="")
