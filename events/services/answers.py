"""Who comes. Each change has the occurrence locked, so that two people never get the last place (nor does the database allow it)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.permissions import check_may_write
from comments.services.writing import touch
from core.utils.locks import lock_row
from events.models import Answer, Occurrence
from notifications.models import Reason
from notifications.services.notify import announce_about_post

Says = Answer.Says


def give_answer(occurrence: Occurrence, member: User, says: str) -> Answer:
    """Note whether a member comes. A place that becomes free goes to who has waited longest, who is notified.

    Raises ValidationError (code "may_not_write", "closed") where no answer is taken.
    """
    check_may_write(member)
    with transaction.atomic():
        occurrence = lock_row(Occurrence.objects.with_event(), occurrence.pk)
        if not occurrence.event.takes_answers or occurrence.is_over:
            raise ValidationError(_("This event takes no answers any more."), code="closed")
        there = Answer.objects.filter(occurrence=occurrence, member=member).first()
        if there is not None and there.says == says:
            return there  # sent twice: nobody loses their place in the queue
        had_place = there is not None and there.has_place
        answer = there or Answer(occurrence=occurrence, member=member)
        answer.says, answer.asked_at = Says(says), timezone.now()
        answer.is_waiting = says == Says.YES and occurrence.is_full
        answer.save()
        occurrence.taken += int(answer.has_place) - int(had_place)
        _fill(occurrence)
        touch(occurrence.event.post)
    return answer


def _fill(occurrence: Occurrence) -> None:
    """Give free places to those who wait, in order, and store how many are taken. Needs the lock."""
    waiting = Answer.objects.filter(occurrence=occurrence, is_waiting=True).order_by("asked_at", "pk")
    free = occurrence.free
    moved = list(waiting) if free is None else list(waiting[:free])
    if moved:
        Answer.objects.filter(pk__in=[one.pk for one in moved]).update(is_waiting=False)
        occurrence.taken += len(moved)
    occurrence.save(update_fields=["taken", "places"])
    if moved and not occurrence.is_over:
        announce_about_post(occurrence.event.post, [one.member_id for one in moved], Reason.PLACE)


def set_places(occurrence: Occurrence, places: int | None) -> None:
    """Another limit. Needs the lock; raises ValidationError (code "too_few") when more have a place already."""
    if places is not None and places < occurrence.taken:
        raise ValidationError(
            _("%(taken)d people have a place already. Choose at least as many places.")
            % {"taken": occurrence.taken},
            code="too_few",
        )
    occurrence.places = places
    _fill(occurrence)


def withdraw(answer: Answer) -> None:
    """Delete an answer; its place is free."""
    with transaction.atomic():
        occurrence = lock_row(Occurrence.objects.with_event(), answer.occurrence_id)
        there = Answer.objects.filter(pk=answer.pk).first()
        if there is None:
            return
        there.delete()
        occurrence.taken -= int(there.has_place)
        _fill(occurrence)
        touch(occurrence.event.post)


def give_places_back(member: User, _deletion: Any) -> int:
    """A step of deleting an account."""
    found = list(Answer.objects.filter(member=member)[:20])
    for answer in found:
        withdraw(answer)
    return len(found)


def keep_one_answer(kept: User, other: User) -> None:
    """A step of merging accounts: where both have answered, the answer of the account that stays counts."""
    both = Answer.objects.filter(
        member=other, occurrence__in=Answer.objects.filter(member=kept).values("occurrence")
    )
    for answer in both:
        withdraw(answer)
