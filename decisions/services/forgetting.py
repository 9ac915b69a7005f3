"""What is kept of guests, and how long.

Whoever erases what is stored about them stays the same guest of what is still open: by a keyed hash of the address, which
nobody can read it from. So nobody counts twice by being forgotten and invited again.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from core.tasks.periodic import periodic
from decisions.models import Decision, Guest, Position, Voter

# So long after the end the links still lead to the result; then addresses are forgotten, and names stay beside what was chosen.
FORGOTTEN_AFTER = timedelta(days=90)


def mark_of(email: str) -> str:
    return salted_hmac("decisions.mark", email.lower(), algorithm="sha256").hexdigest()


@transaction.atomic
def forget_guest(emails: Sequence[str]) -> None:
    """Name and address go. What they chose stays, without a name; that they want no invitations stays too."""
    theirs = Guest.objects.filter(email__in=emails)
    taken = Exists(Position.objects.filter(guest=OuterRef("pk")))
    theirs.filter(~taken, voter=None).delete()
    for guest in theirs.select_related("decision"):
        guest.mark = "" if guest.decision.is_over else mark_of(guest.email)
        guest.email = guest.name = ""
        guest.save(update_fields=["email", "name", "mark"])


def remember_vote(member: User, emails: Sequence[str]) -> None:
    """A member leaves: in polls that are open they are the same voter if they come back with one of these addresses."""
    mine = Voter.objects.filter(decision__in=Decision.objects.open(), member=member, guest=None)
    for voter in mine:
        invited = Guest.objects.filter(decision=voter.decision_id, email__in=emails, voter=None).first()
        if invited is not None:
            invited.voter = voter
            invited.save(update_fields=["voter"])
        elif emails:
            marked = {"decision": voter.decision, "mark": mark_of(member.email or emails[0])}
            Guest.objects.get_or_create(**marked, defaults={"voter": voter})


@periodic(every=timedelta(days=1))
def forget_guests() -> int:
    """Hashes go when the decision is over, addresses some time later."""
    now = timezone.now()
    over = Q(decision__closed_at__lte=now) | Q(decision__closes_at__lte=now)
    count: int = Guest.objects.exclude(mark="").filter(over).update(mark="")
    then = now - FORGOTTEN_AFTER
    long_over = Q(decision__closed_at__lte=then) | Q(decision__closes_at__lte=then)
    return count + Guest.objects.exclude(email="").filter(long_over).update(email="")
