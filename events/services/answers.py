"""Answers to events. Each change locks the event, so that two people never get the last place.

A constraint ensures the same.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.permissions import check_may_write
from comments.services.writing import touch
from core.utils.locks import lock_row, lock_word
from events.models import Answer, Event, Occurrence
from events.services.telling import tell
from notifications.models import Reason
from posts.models import Post

Says = Answer.Says


def lock_event(pk: int) -> Event:
    """The locked event. It is needed to change an event, its dates or their responses.

    It locks the post, which comments and `touch` lock too: two separate locks could deadlock. An address may
    be locked before it, but no other row. Needs a transaction.
    """
    lock_row(Post.objects, pk)
    return Event.objects.with_post().get(pk=pk)


def lock_occurrence(pk: int) -> Occurrence | None:
    """Lock the event of a date and return the date; None if it no longer exists."""
    event_id = Occurrence.objects.filter(pk=pk).values_list("event", flat=True).first()
    event = lock_event(event_id) if event_id else None
    occurrence = Occurrence.objects.filter(pk=pk).first()
    if event is None or occurrence is None:
        return None
    occurrence.event = event
    return occurrence


def give_answer(occurrence: Occurrence, member: User, says: str) -> Answer:
    """Store a member's response. A freed place goes to the first on the waiting list, who is notified.

    Raises ValidationError (code "may_not_write", "closed") if no response is accepted.
    """
    check_may_write(member)
    return _note(occurrence, says, member=member)


def give_guest_answer(
    occurrence: Occurrence, says: str, *, email: str, name: str, language: str = ""
) -> Answer:
    """Store the response of a guest whose address is confirmed. Raises ValidationError ("closed").

    language: for all further emails about their responses; "" for the site's. An opt-out from emails about
    events also applies to this one.
    """
    was_turned_off = Answer.objects.filter(guest_email=email, wants_mail=False).exists()
    answer = _note(
        occurrence,
        says,
        guest_email=email,
        guest_name=name,
        guest_language=language,
        wants_mail=not was_turned_off,
    )
    # With the event locked, because filling its places updates these rows too.
    Answer.objects.filter(pk=answer.pk).exclude(guest_name=name).update(guest_name=name)
    Answer.objects.filter(guest_email=email).exclude(guest_language=language).update(guest_language=language)
    return answer


def _note(occurrence: Occurrence, says: str, **who: Any) -> Answer:
    """who: fields of the Answer. The same `member` or `guest_email` updates the same row."""
    key = {name: who[name] for name in ("member", "guest_email") if name in who}
    with transaction.atomic():
        found = lock_occurrence(occurrence.pk)
        if found is None or not found.event.takes_answers or found.is_over:
            raise ValidationError(_("This event no longer accepts responses."), code="closed")
        occurrence = found
        there = Answer.objects.filter(occurrence=occurrence, **key).first()
        if there is not None:
            there.occurrence = occurrence
        if there is not None and there.says == says:
            return there  # a repeated request does not change the place on the waiting list
        had_place = there is not None and there.has_place
        answer = there or Answer(occurrence=occurrence, **who)
        answer.says, answer.asked_at = Says(says), timezone.now()
        answer.is_waiting = says == Says.YES and occurrence.is_full
        answer.save()
        occurrence.taken += int(answer.has_place) - int(had_place)
        fill(occurrence)
        touch(occurrence.event.post)
    return answer


def fill(occurrence: Occurrence) -> None:
    """Give free places to the waiting list in order, and store how many are taken. Needs the lock.

    A cancelled or past event gives no places. People stay on the waiting list in case it is approved again.
    """
    waiting = Answer.objects.filter(occurrence=occurrence, is_waiting=True).order_by("asked_at", "pk")
    free = occurrence.free if occurrence.event.takes_answers and not occurrence.is_over else 0
    moved = list(waiting) if free is None else list(waiting[:free])
    if moved:
        Answer.objects.filter(pk__in=[one.pk for one in moved]).update(is_waiting=False)
        occurrence.taken += len(moved)
    occurrence.save(update_fields=["taken", "places"])
    if moved:
        tell(occurrence.event.post, moved, Reason.PLACE)


def set_places(occurrence: Occurrence, places: int | None) -> None:
    """Change the number of places. Needs the lock; ValidationError (code "too_few") if more are taken."""
    if places is not None and places < occurrence.taken:
        raise ValidationError(
            _("%(taken)d people already have a place. Choose at least as many places.")
            % {"taken": occurrence.taken},
            code="too_few",
        )
    occurrence.places = places
    fill(occurrence)


def withdraw(answer: Answer) -> None:
    """Delete a response, which frees its place."""
    with transaction.atomic():
        occurrence = lock_occurrence(answer.occurrence_id)
        there = Answer.objects.filter(pk=answer.pk).first()
        if occurrence is None or there is None:
            return
        there.delete()
        occurrence.taken -= int(there.has_place)
        fill(occurrence)
        touch(occurrence.event.post)


def release_places(member: User, _deletion: Any) -> int:
    """The step of account deletion that frees their places."""
    found = list(Answer.objects.filter(member=member)[:20])
    for answer in found:
        withdraw(answer)
    return len(found)


def keep_one_answer(kept: User, other: User) -> None:
    """The step of merging accounts: if both have responded, the kept account's response counts."""
    both = Answer.objects.filter(
        member=other, occurrence__in=Answer.objects.filter(member=kept).values("occurrence")
    )
    for answer in both:
        withdraw(answer)


def lock_address(email: str) -> None:
    """Serialise responses with one address by a guest and a member. Call it before any event is locked.

    Otherwise a guest's response could be stored at the moment when the address becomes a member's, and would
    never be adopted. Needs a transaction.
    """
    lock_word(f"events: {email.lower()}")


def adopt_guest_answers(member: User, email: str) -> None:
    """Turn a guest's responses into the member's. If the member has responded too, that response counts."""
    with transaction.atomic():
        lock_address(email)
        for answer in Answer.objects.filter(guest_email=email.lower()).order_by("occurrence__event", "pk"):
            occurrence = lock_occurrence(answer.occurrence_id)
            if occurrence is None:
                continue
            if Answer.objects.filter(occurrence=answer.occurrence_id, member=member).exists():
                withdraw(answer)
            else:
                Answer.objects.filter(pk=answer.pk).update(
                    member=member, guest_email="", guest_name="", guest_language=""
                )
                touch(occurrence.event.post)
