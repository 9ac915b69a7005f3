"""Guests without an account respond with a code emailed to them.

Accounts are looked up only after the correct code has proved access to the mailbox. If it is a member's, the
response is the member's, so that no one counts twice.
"""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.email_codes import make_code, make_link_token
from core.tasks.mail import enqueue_mail
from core.tasks.periodic import periodic
from core.utils.email import build_email
from core.utils.locks import lock_row
from core.utils.ratelimit import sender_key
from core.utils.site_locale import language_to_keep
from core.utils.urls import absolute_url
from events.models import Answer, GuestRequest, Occurrence
from events.services.answers import give_answer, give_guest_answer, lock_address, withdraw
from events.services.wording import when_there

# The same response within this time is the same request: the button was clicked twice.
TWICE = timedelta(minutes=5)
KEPT = timedelta(days=2)
# How long after an event the data of its guests is deleted.
FORGOTTEN_AFTER = timedelta(days=30)


def ask_guest(occurrence: Occurrence, says: str, *, name: str, email: str, sender: str) -> GuestRequest:
    """Store a guest's unconfirmed response and email them a code. sender: the IP address.

    Raises TooFast, and ValidationError (code "closed"); then nothing is stored.
    """
    if not occurrence.event.takes_answers or occurrence.is_over:
        raise ValidationError(_("This event no longer accepts responses."), code="closed")
    values = {"occurrence": occurrence, "says": says, "name": name, "email": email}
    with transaction.atomic():
        since = timezone.now() - TWICE
        same = GuestRequest.objects.filter(**values, code__sender=sender_key(sender), confirmed_at=None)
        if twin := same.filter(created_at__gt=since).first():
            return twin
        request = GuestRequest.objects.create(**values, language=language_to_keep())
        mail_code(request, sender)
    return request


@transaction.atomic
def mail_code(request: GuestRequest, sender: str) -> None:
    """Send a new code, which invalidates earlier ones. Raises TooFast."""
    request = lock_row(GuestRequest.objects.select_related("occurrence__event__post"), request.pk)
    request.code, digits = make_code(request.email, sender_key(sender))
    request.save(update_fields=["code"])
    token = make_link_token(link_purpose(request), request.email)
    context = {
        "code": digits,
        "link": absolute_url(reverse("events:guest-link", args=[request.pk, token])),
        "post": request.occurrence.event.post,
        "when": when_there(request.occurrence),
    }
    subject = _("Your code for %(title)s") % {"title": request.occurrence.event.post.title}
    enqueue_mail(
        build_email(request.email, "events/email/guest_code", context, subject=subject), is_urgent=True
    )


def link_purpose(request: GuestRequest) -> str:
    """The purpose of the link token: this response, and only until a newer email is requested."""
    return f"event:{request.pk}:{request.code_id}"


def confirm(request: GuestRequest) -> Answer:
    """Store the response after confirmation.

    Raises ValidationError as give_answer does, and if the request has been erased since.
    """
    with transaction.atomic():
        lock_address(request.email)
        if not GuestRequest.objects.filter(pk=request.pk).exists():
            raise ValidationError(_("This event no longer accepts responses."), code="closed")
        member: User | None = User.objects.with_address(request.email)
        answer = (
            give_answer(request.occurrence, member, request.says)
            if member is not None
            else give_guest_answer(
                request.occurrence,
                request.says,
                email=request.email,
                name=request.name,
                language=request.language,
            )
        )
        GuestRequest.objects.filter(pk=request.pk).update(confirmed_at=timezone.now())
    return answer


@periodic(every=timedelta(hours=1))
def forget_guests() -> int:
    """Delete unconfirmed requests, and guests of long-past events. The numbers stay."""
    now = timezone.now()
    count: int = GuestRequest.objects.filter(created_at__lt=now - KEPT).delete()[0]
    over = Answer.objects.filter(occurrence__ends_at__lt=now - FORGOTTEN_AFTER, member=None)
    return count + over.exclude(guest_email="", guest_name="").update(
        guest_email="", guest_name="", guest_language=""
    )


def forget_address(*addresses: str) -> None:
    """Erase a guest's data. Places at future events go to the waiting list."""
    for address in sorted(addresses):
        with transaction.atomic():
            lock_address(address)
            GuestRequest.objects.filter(email=address).delete()
            for answer in Answer.objects.filter(guest_email=address).order_by("occurrence__event", "pk"):
                withdraw(answer)
