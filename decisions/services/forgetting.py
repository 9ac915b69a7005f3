"""What is stored about guests, and for how long.

After erasing their data, a guest is still recognised in open decisions by a keyed hash of the address, which
cannot be reversed. So no one can vote twice by being erased and invited again.
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

# How long after the end the links still show the result. Then addresses are deleted. Names are kept only next
# to a visible choice: not for guests who did not take part, and not in a secret vote.
FORGOTTEN_AFTER = timedelta(days=90)


def mark_of(email: str) -> str:
    """The keyed hash by which an erased guest is recognised. It cannot be reversed."""
    return salted_hmac("decisions.mark", email.lower(), algorithm="sha256").hexdigest()


def still_invited(guest: Guest) -> Guest:
    """The current row of the guest. The decision must be locked.

    Raises ValidationError (code "gone") if the guest was erased or the invitation withdrawn.
    """
    there = Guest.objects.select_related("voter__member").filter(pk=guest.pk).exclude(email="").first()
    if there is None:
        raise ValidationError(_("This invitation was deleted."), code="gone")
    if there.withdrawn_at is not None:
        raise ValidationError(_("This invitation was withdrawn."), code="gone")
    return there


@transaction.atomic
def forget_guest(emails: Sequence[str]) -> None:
    """Erase name and address of a guest. Their choices stay without a name, and so does an opt-out.

    Each decision is locked, so a concurrent vote is either stored before or refused.
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
    """When a member leaves, remember in open polls that their addresses have voted.

    If they come back with one of these, they are the same voter.
    """
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
    """Delete hashes when the decision is over, and addresses and unused names some time later.

    Names in the results stay.
    """
    now = timezone.now()
    over = Q(decision__closed_at__lte=now) | Q(decision__closes_at__lte=now)
    count: int = Guest.objects.exclude(mark="").filter(over).update(mark="")
    then = now - FORGOTTEN_AFTER
    long_over = Q(decision__closed_at__lte=then) | Q(decision__closes_at__lte=then)
    known = Guest.objects.exclude(email="", name="").filter(long_over)
    gone, _tables = known.silent().delete()  # they can no longer take part
    secret = known.filter(decision__is_secret=True).update(email="", name="")
    return count + gone + secret + known.exclude(email="").update(email="")
