"""Inviting people without an account to a poll or proposal by an emailed link.

Nothing here reveals whether an address belongs to a member: everyone invited gets the same email and the same
page.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django_tasks import task

from accounts.models import User
from accounts.services.permissions import check_may_write, check_text
from core.markup.plain import excerpt
from core.parts import is_on
from core.tasks.mail import enqueue_mail
from core.tasks.periodic import periodic
from core.utils.email import build_email
from core.utils.locks import lock_row
from core.utils.optout import one_click_headers
from core.utils.ratelimit import TooFast, check_hits, is_used_up
from core.utils.site_locale import language_to_keep, read_in
from core.utils.urls import absolute_url
from decisions.models import Decision, Guest, NoInvitations
from decisions.services.forgetting import mark_of
from notifications.models import EmailSuppression

# How many invitations one member may send per hour and per day. One address receives at most as many, and as
# many opening notices.
MOST = ((30, timedelta(hours=1)), (100, timedelta(days=1)))
TO_ONE_ADDRESS = [(3, 86_400)]
OPENINGS_AT_ONCE = 500


def _signer() -> Signer:
    return Signer(salt="decisions.guest", sep=".")


def link_of(guest: Guest) -> str:
    """The guest's absolute URL. Whoever has it takes part in the guest's name."""
    return absolute_url(reverse("decisions:by-link", args=[_signer().sign(guest.pk.hex)]))


def read_link(token: str) -> Guest | None:
    """The guest of a link. None if it is forged, or the guest was erased or deleted long after the end."""
    try:
        key = _signer().unsign(token)
    except BadSignature:
        return None
    rows = Guest.objects.select_related(
        "decision__comment__author",
        "decision__comment__post",
        "decision__outcome__author",
        "voter",
        "invited_by",
    )
    return rows.filter(pk=key).exclude(email="").first()


def invite(decision: Decision, people: Sequence[tuple[str, str]], *, by: User) -> int:
    """Email a link to each (name, address) that has none yet. Returns how many are new.

    Raises ValidationError (codes "may_not_write", "over", "held", "early", "advertising", "too_many", "enough" for addresses
    that have had too many today).
    """
    check_may_write(by)
    check_text(by, "\n".join([decision.title, *(name for name, _email in people)]))
    with transaction.atomic():
        lock_row(User.objects, by.pk)
        there = lock_row(Decision.objects, decision.pk)
        check_takes_guests(there)
        invited = set(there.guests.invited().values_list("email", flat=True))
        new = {email.lower(): name for name, email in people if email.lower() not in invited}
        _check_rates(by, len(new))
        _count_invitations(new)
        language = language_to_keep()
        erased = {guest.mark: guest for guest in there.guests.exclude(mark="")} if new else {}
        withdrawn = {guest.email: guest for guest in there.guests.exclude(withdrawn_at=None)} if new else {}
        for email, name in new.items():
            guest = erased.get(mark_of(email)) or withdrawn.get(email) or Guest(decision=there)
            guest.email, guest.name, guest.mark, guest.language = email, name, "", language
            guest.invited_by, guest.created_at, guest.withdrawn_at = by, timezone.now(), None
            guest.awaits_opening = not there.takes_part
            guest.save()
            send_invitation.enqueue(guest.pk.hex, guest.created_at.isoformat())
    return len(new)


def withdraw(decision: Decision, guest_key: str) -> bool:
    """Withdraw an invitation: the link stays but accepts nothing.

    Returns False if the guest has taken part or there is no such invitation.
    """
    with transaction.atomic():
        there = lock_row(Decision.objects, decision.pk)
        guest = there.guests.invited().silent().filter(pk=guest_key).first()
        if guest is None:
            return False
        guest.withdrawn_at, guest.awaits_opening = timezone.now(), False
        guest.save(update_fields=["withdrawn_at", "awaits_opening"])
    return True


def notify_of_opening(decision: Decision) -> None:
    """Notify guests that positions are accepted now, if they were invited before. Needs a transaction."""
    if decision.is_to_come:
        return  # they are notified when it opens
    if not (is_on("decisions") and decision.is_shown):  # hidden for now: they are notified when it is back
        decision.guests.invited().silent().update(awaits_opening=True)
        return
    decision.guests.filter(awaits_opening=True).update(awaits_opening=False)
    for key in decision.guests.invited().silent().values_list("pk", flat=True):
        send_opening.enqueue(key.hex)


@periodic(every=timedelta(minutes=1))
def notify_of_openings() -> int:
    """Notify guests of polls and proposals whose opening time has come.

    One transaction each, by one worker. If one is hidden at that time, its guests are notified when it is
    shown again.
    """
    if not is_on("decisions"):
        return 0
    count = 0
    for key in list(Guest.objects.awaiting_opening_notice().values_list("pk", flat=True)[:OPENINGS_AT_ONCE]):
        with transaction.atomic():
            if Guest.objects.filter(pk=key, awaits_opening=True).update(awaits_opening=False):
                send_opening.enqueue(key.hex)
                count += 1
    return count


def check_takes_guests(decision: Decision) -> None:
    """Raise ValidationError (codes "over", "held", "early") if nobody can be invited now."""
    if decision.is_over:
        message = _("This poll is closed.") if decision.is_poll else _("This proposal is closed.")
        raise ValidationError(message, code="over")
    # Each address is invited once, so an invitation that is skipped now would never be sent.
    if not decision.comment.is_public:
        raise ValidationError(
            _("This is awaiting review. Until it’s approved, only you and the moderators can see it."),
            code="held",
        )
    if not decision.is_shown:
        raise ValidationError(_("The post isn’t published yet."), code="early")


def _check_rates(by: User, new: int) -> None:
    for most, span in MOST:
        sent = Guest.objects.filter(invited_by=by, created_at__gt=timezone.now() - span).count()
        if sent + new > most:
            raise ValidationError(
                _(
                    "You can invite %(hour)d people in an hour and %(day)d in a day. Invite fewer, or try again later."
                )
                % {"hour": MOST[0][0], "day": MOST[1][0]},
                code="too_many",
            )


def _count_invitations(emails: Collection[str]) -> None:
    """Count today's invitations per address. Raises ValidationError (code "enough") before counting any."""
    exhausted = [email for email in emails if is_used_up("decision-guest", _key_of(email), TO_ONE_ADDRESS)]
    if exhausted:
        raise ValidationError(
            _(
                "No more invitations can be sent today to: %(addresses)s. Remove these, or invite them tomorrow."
            )
            % {"addresses": ", ".join(exhausted)},
            code="enough",
        )
    for email in emails:
        with suppress(TooFast):  # somebody else invited them in this moment
            check_hits("decision-guest", _key_of(email), TO_ONE_ADDRESS)


def _key_of(email: str) -> str:
    return salted_hmac("decisions.guest", email, algorithm="sha256").hexdigest()[:32]


def _guest_to_mail(guest_key: str) -> Guest | None:
    """The guest, or None if the link leads nowhere or the address opted out or bounces."""
    rows = Guest.objects.select_related("decision__comment__post", "decision__outcome", "invited_by")
    guest = rows.filter(pk=guest_key).first()
    if guest is None or not (guest.email and is_on("decisions") and guest.decision.is_shown):
        return None
    if guest.withdrawn_at is not None:
        return None
    is_unwanted = has_opted_out(guest.email) or EmailSuppression.objects.filter(email=guest.email).exists()
    return None if is_unwanted else guest


@task(queue_name="mail")
def send_invitation(guest_key: str, invited_at: str = "") -> None:
    """Send an invitation.

    invited_at: identifies the invitation. If it was withdrawn and made again before it was sent, only the
    latest is sent.
    """
    guest = _guest_to_mail(guest_key)
    if guest is None or guest.decision.is_over:
        return
    if invited_at and invited_at != guest.created_at.isoformat():
        return
    with read_in(guest.language):
        _mail_invitation(guest)


def _mail_invitation(guest: Guest) -> None:
    sentence = (
        _("You’re invited to vote: %(title)s")
        if guest.decision.is_poll
        else _("You’re invited to give your opinion: %(title)s")
    )
    inviter = guest.invited_by.get_display_name() if guest.invited_by else ""
    _mail(guest, "invitation", sentence % {"title": guest.decision.title}, inviter=inviter)


def _mail(guest: Guest, template: str, subject: str, **context: str) -> None:
    url = link_of(guest)
    stop_url = f"{url}no-more/"
    about = {"guest": guest, "decision": guest.decision, "url": url, "stop_url": stop_url, **context}
    headers = one_click_headers(stop_url)
    enqueue_mail(
        build_email(guest.email, f"decisions/email/{template}", about, subject=subject, headers=headers)
    )


@task(queue_name="mail")
def send_opening(guest_key: str) -> None:
    """Send an opening notice, unless the address has had too many today.

    It is counted apart from invitations; otherwise someone invited three times in a day would not be told of
    the first opening.
    """
    guest = _guest_to_mail(guest_key)
    if guest is None or not guest.decision.takes_part:
        return
    try:
        check_hits("decision-opening", _key_of(guest.email), TO_ONE_ADDRESS)
    except TooFast:
        return
    with read_in(guest.language):
        sentence = (
            _("You can vote now: %(title)s")
            if guest.decision.is_poll
            else _("You can take your position now: %(title)s")
        )
        _mail(guest, "opening", sentence % {"title": guest.decision.title})


@task(queue_name="mail")
def send_outcome(guest_key: str, outcome: int) -> None:
    """Email the outcome to a guest who took part."""
    guest = _guest_to_mail(guest_key)
    comment = guest.decision.outcome if guest is not None else None
    if guest is None or comment is None or comment.pk != outcome or not comment.is_public:
        return
    with transaction.atomic(), read_in(guest.language):
        not_notified = Guest.objects.filter(pk=guest.pk).exclude(told_of=outcome)
        if not_notified.update(told_of=outcome):
            subject = _("Outcome: %(title)s") % {"title": guest.decision.title}
            _mail(guest, "outcome", subject, words=excerpt(comment.public_html, 1000))


def notify_guests(decision: Decision, outcome: int) -> None:
    """Notify guests without an account who took part. Members get notifications."""
    voted = Q(voter__isnull=False, voter__member=None)
    for guest in decision.guests.filter(
        voted | Q(positions__member=None, positions__isnull=False)
    ).distinct():
        send_outcome.enqueue(guest.pk.hex, outcome)


def has_opted_out(email: str) -> bool:
    """Whether this address wants no more invitations from this site, to any decision."""
    return NoInvitations.objects.filter(email=email).exists()


def stop_inviting(guest: Guest) -> None:
    """Send no more invitations to this address."""
    NoInvitations.objects.get_or_create(email=guest.email)


def invite_again(guest: Guest) -> None:
    """Undo stop_inviting."""
    NoInvitations.objects.filter(email=guest.email).delete()
