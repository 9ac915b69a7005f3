"""Voting in a poll, and its results.

Ranked options get Borda points: of n options the first gets n points, the second n - 1, and so on; an option
that was left out gets none.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Count, F, IntegerField, Q, Value, When, Window
from django.db.models.functions import Coalesce, Lower, NullIf, RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.services.permissions import check_may_write
from core.utils.locks import lock_row
from core.utils.site_locale import language_to_keep
from decisions.models import Choice, Decision, Guest, Option, Position, Voter
from decisions.services.forgetting import mark_of, still_invited

# How many names are shown beside one option.
NAMES = 100


class VoteEffect(Enum):
    """The effect of a submitted vote."""

    COUNTED = "counted"
    CHANGED = "changed"
    SAME = "same"


@dataclass
class Line:
    """One option in the results.

    points: votes, or Borda points if options are ranked. share: percent of the possible maximum.
    """

    option: Option
    points: int
    share: int
    names: list[str] = field(default_factory=list)
    further: int = 0


@dataclass(frozen=True)
class Results:
    """best: the options with the most points, several in a tie; none before the first vote."""

    lines: list[Line]
    voters: int
    best: list[Line]


def cast_vote(decision: Decision, member: User, chosen: Sequence[Option]) -> VoteEffect:
    """Vote as a member for these options in order.

    The poll is locked, so a vote is either before the end or refused. Raises ValidationError (codes
    "may_not_write", "over", "early", "none", "too_many", "strange", "voted").
    """
    check_may_write(member)
    with transaction.atomic():
        decision = lock_row(Decision.objects, decision.pk)
        options = list(decision.options.all())
        _check(decision, options, chosen)
        before = Voter.objects.filter(decision=decision, member=member).first()
        if decision.is_secret and before is not None:
            raise _cannot_change()
        became = _effect_of(decision, before, chosen)
        _count(decision, before or Voter.objects.create(decision=decision, member=member), options, chosen)
    return became


def cast_as_guest(guest: Guest, chosen: Sequence[Option]) -> VoteEffect:
    """Vote by emailed link. If the address is a member's, it is their one vote.

    Raises ValidationError as cast_vote does: a member who may not write cannot vote this way either.
    """
    with transaction.atomic():
        decision = lock_row(Decision.objects, guest.decision_id)
        options = list(decision.options.all())
        _check(decision, options, chosen)
        guest = still_invited(guest)
        voter = guest.voter
        member = voter.member if voter is not None else member_with(guest.email)
        if member is not None:
            check_may_write(member)
        if voter is None:
            voter = Voter.objects.filter(decision=decision, member=member).first() if member else None
            if voter is not None and not decision.is_secret and Guest.objects.filter(voter=voter).exists():
                raise ValidationError(
                    _("You’ve already voted with another link. Use that one to change your vote."),
                    code="voted",
                )
        if decision.is_secret and voter is not None:
            raise _cannot_change()
        became = _effect_of(decision, voter, chosen)
        voter = voter or Voter.objects.create(decision=decision, member=member)
        language = language_to_keep() or guest.language
        if (guest.voter_id, guest.language) != (voter.pk, language):
            guest.voter, guest.language = voter, language
            guest.save(update_fields=["voter", "language"])
        _count(decision, voter, options, chosen)
    return became


def _cannot_change() -> ValidationError:
    return ValidationError(_("You’ve already voted. A secret vote can’t be changed."), code="voted")


def _effect_of(decision: Decision, voter: Voter | None, chosen: Sequence[Option]) -> VoteEffect:
    """voter: the voter whose earlier vote is replaced, if any."""
    if voter is None:
        return VoteEffect.COUNTED
    before = [choice.option_id for choice in choices_of(voter)]
    if decision.method != Decision.Method.RANKED:
        chosen = sorted(chosen, key=lambda option: option.position)
    return VoteEffect.SAME if before == [option.pk for option in chosen] else VoteEffect.CHANGED


def _count(decision: Decision, voter: Voter, options: list[Option], chosen: Sequence[Option]) -> None:
    """voter: in a secret vote, a newly created one."""
    if decision.is_secret:
        _add_to_sums(decision, options, chosen)
    else:
        _choose(decision, voter, chosen)


def member_with(email: str) -> User | None:
    """The member who confirmed this address. Includes closed accounts, which may have voted."""
    address = EmailAddress.objects.filter(email__iexact=email, verified=True)
    found = address.select_related("user").first()
    return found.user if found else None


def merge_guest_votes(member: User, email: str) -> None:
    """When a member confirms an address, merge the guests with that address into the member.

    Whether a guest has taken part is read with the decision locked, because a vote may be in progress.
    """
    theirs = Q(email=email.lower()) | Q(mark=mark_of(email))
    for guest in Guest.objects.filter(theirs).order_by("decision"):
        with transaction.atomic():
            lock_row(Decision.objects, guest.decision_id)
            guest = Guest.objects.select_related("voter").get(pk=guest.pk)
            if guest.voter is not None and guest.voter.member_id is None:
                _assign_to_member(guest.voter, member)
            _take_over(guest, member)


def _assign_to_member(voter: Voter, member: User) -> None:
    if Voter.objects.filter(decision=voter.decision_id, member=member).exists():
        voter.delete()  # the member's own vote counts
    else:
        voter.member = member
        voter.save(update_fields=["member"])


def _take_over(guest: Guest, member: User) -> None:
    """Take over the guest's position, unless the member has one."""
    if Position.objects.filter(decision=guest.decision_id, member=member, is_current=True).exists():
        guest.positions.filter(member=None).update(is_current=False)
    guest.positions.filter(member=None).update(member=member)


def _choose(decision: Decision, voter: Voter, chosen: Sequence[Option]) -> None:
    voter.choices.all().delete()
    is_ranked = decision.method == Decision.Method.RANKED
    Choice.objects.bulk_create(
        Choice(
            voter=voter,
            option=option,
            place=place if is_ranked else None,
            is_only=decision.method == Decision.Method.SINGLE,
        )
        for place, option in enumerate(chosen, 1)
    )


def _check(decision: Decision, options: list[Option], chosen: Sequence[Option]) -> None:
    if decision.is_over:
        raise ValidationError(_("This poll is closed: votes aren’t counted any more."), code="over")
    if decision.is_to_come:
        raise ValidationError(_("This poll isn’t open yet."), code="early")
    if not chosen:
        raise ValidationError(_("Choose an option."), code="none")
    if not {option.pk for option in chosen} <= {option.pk for option in options}:
        raise ValidationError(_("Choose one of these options."), code="strange")
    most = most_of(decision, len(options))
    if len(chosen) > most:
        raise ValidationError(
            ngettext("Choose at most %(most)d option.", "Choose at most %(most)d options.", most)
            % {"most": most},
            code="too_many",
        )


def most_of(decision: Decision, options: int) -> int:
    """The largest number of options in one vote."""
    if decision.method == Decision.Method.SINGLE:
        return 1
    return min(decision.most or options, options) if decision.method == Decision.Method.SEVERAL else options


def _add_to_sums(decision: Decision, options: list[Option], chosen: Sequence[Option]) -> None:
    """Rewrite all options in one statement, so that none is newer than another (docs/decisions/0120)."""
    given = {option.pk: _points(decision, len(options), place) for place, option in enumerate(chosen, 1)}
    added = Case(
        *(When(pk=option.pk, then=Value(given.get(option.pk, 0))) for option in options),
        output_field=IntegerField(),
    )
    decision.options.update(sum=F("sum") + added)
    Decision.objects.filter(pk=decision.pk).update(ballots=F("ballots") + 1)


def _points(decision: Decision, options: int, place: int) -> int:
    return options + 1 - place if decision.method == Decision.Method.RANKED else 1


def vote_of(decision: Decision, member: User) -> list[Choice]:
    """A member's choices in a named poll, in order."""
    mine = Choice.objects.filter(voter__decision=decision, voter__member=member)
    return list(mine.select_related("option").order_by("place", "option__position"))


def choices_of(voter: Voter) -> list[Choice]:
    return list(voter.choices.select_related("option").order_by("place", "option__position"))


def has_voted(decision: Decision, member: User) -> bool:
    return Voter.objects.filter(decision=decision, member=member).exists()


def results_of(decision: Decision) -> Results:
    """At most four queries, however many votes there are."""
    options = list(decision.options.all())
    if decision.is_secret:
        voters, points = decision.ballots, {option.pk: option.sum for option in options}
    else:
        voters, (points, chosen) = decision.voters.count(), _counted(decision, len(options))
    most = voters * (len(options) if decision.method == Decision.Method.RANKED else 1)
    lines = [
        Line(option, points.get(option.pk, 0), round(100 * points.get(option.pk, 0) / most) if most else 0)
        for option in options
    ]
    top = max((line.points for line in lines), default=0)
    if not decision.is_secret:
        _name(decision, lines, chosen)
    return Results(lines, voters, [line for line in lines if top and line.points == top])


def _counted(decision: Decision, options: int) -> tuple[Counter[int], Counter[int]]:
    """The points, and the number of votes, by option id."""
    rows = Choice.objects.filter(voter__decision=decision).order_by().values_list("option", "place")
    points, chosen = Counter[int](), Counter[int]()
    for option, place, count in rows.annotate(count=Count("pk")):
        points[option] += count * _points(decision, options, place or 1)
        chosen[option] += count
    return points, chosen


def _name(decision: Decision, lines: list[Line], chosen: Counter[int]) -> None:
    """Add the names of voters to each option, up to a limit. Those who left are former members.

    Sorted by what is shown: neither the position nor the name of a guest must reveal whether there is an
    account.
    """
    by_option = {line.option.pk: line for line in lines}
    shown = Lower(Coalesce(NullIf("voter__guest__name", Value("")), "voter__member__username", Value("")))
    number = Window(RowNumber(), partition_by="option", order_by=[shown.asc(), F("pk").asc()])
    # The keys first, so that only the rows that are shown are sorted as a whole.
    first = Choice.objects.filter(voter__decision=decision).annotate(number=number).filter(number__lte=NAMES)
    rows = Choice.objects.filter(pk__in=first.values("pk")).select_related("voter__member", "voter__guest")
    # Hundreds of names: reading the other columns of these members took longer than the rest of the page.
    names = (f"voter__member__{name}" for name in ("username", "display_name", "profile_hidden"))
    for choice in rows.only("option", *names, "voter__guest__name").order_by(shown.asc(), "pk"):
        by_option[choice.option_id].names.append(_name_of(choice.voter))
    for line in lines:
        line.further = max(chosen[line.option.pk] - len(line.names), 0)


def _name_of(voter: Voter) -> str:
    guest = getattr(voter, "guest", None)
    if guest is not None and guest.name:
        return _("%(name)s (guest)") % {"name": guest.name}
    return voter.member.get_display_name() if voter.member else _("a former member")
