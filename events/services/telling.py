"""Notifies people who responded about changes: members by notification, guests by email."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from core.tasks.mail import enqueue_mail
from core.utils import optout
from core.utils.email import build_email
from core.utils.site_locale import read_in
from core.utils.text import one_line
from core.utils.urls import absolute_url
from events.models import Answer, Occurrence
from events.services.wording import when_there
from notifications.models import EmailSuppression, Reason
from notifications.models.types import WORDS
from notifications.services.notify import announce_about_post
from posts.models import Post


def _is_there(answer: int) -> bool:
    return Answer.objects.filter(pk=answer).exclude(guest_email="").exists()


def _wants_mail(answer: int) -> bool:
    return Answer.objects.filter(pk=answer, wants_mail=True).exclude(guest_email="").exists()


def _want_mail(answer: int, on: bool) -> None:
    """Turn emails on or off for all events of the same guest."""
    addresses = Answer.objects.filter(pk=answer).exclude(guest_email="").values_list("guest_email", flat=True)
    Answer.objects.filter(guest_email__in=list(addresses)).update(wants_mail=on)


GUEST_MAIL = optout.register(
    optout.OptOut(
        "events", gettext_lazy("Emails about events you responded to"), _wants_mail, _want_mail, _is_there
    )
)


def tell(post: Post, answers: Iterable[Answer], reason: Reason, gone: Iterable[Occurrence] = ()) -> None:
    """Notify each of them once, in the transaction that changes the event. Answers may be deleted already.

    gone: the deleted dates with their event, to name them.
    """
    found = list(answers)
    members = dict.fromkeys(answer.member_id for answer in found if answer.member_id)
    announce_about_post(post, members, reason)
    guests = {answer.guest_email: answer for answer in found if answer.guest_email and answer.wants_mail}
    if not guests:
        return
    stopped = EmailSuppression.objects.filter(email__in=guests).values_list("email", flat=True)
    others = dict(Answer.objects.filter(guest_email__in=guests).values_list("guest_email", "pk"))
    times = {occurrence.pk: occurrence for occurrence in gone}
    for email in guests.keys() - set(stopped):
        with read_in(guests[email].guest_language):
            _mail(post, guests[email], reason, others.get(email), times.get(guests[email].occurrence_id))


def _mail(post: Post, answer: Answer, reason: Reason, key: int | None, gone: Occurrence | None) -> None:
    """Email a guest.

    key: the key of one of their existing responses, for the unsubscribe link; without one, they get no more
    emails.
    """
    occurrence = gone or Occurrence.objects.with_event().filter(pk=answer.occurrence_id).first()
    names: dict[str, Any] = {"name": post.author.get_display_name(), "title": post.title}
    context = {
        "said": WORDS[reason].heading % names,
        "post": post,
        "when": when_there(occurrence) if occurrence and reason != Reason.CANCELLED else "",
        "url": post.get_canonical_url(),
        "unsubscribe_url": GUEST_MAIL.url(key) if key else "",
        "data_url": absolute_url(reverse("comments:guest-data-ask")),
    }
    subject = one_line(WORDS[reason].subject % names)
    headers = GUEST_MAIL.headers(key) if key else {}
    enqueue_mail(
        build_email(answer.guest_email, "events/email/guest", context, subject=subject, headers=headers)
    )
