"""Following, muting and introducing members."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Follow, Introduction, Mute, User
from accounts.services.mails import send_mail_about
from accounts.services.permissions import check_may_write, check_text
from core.utils import optout
from core.utils.locks import lock_row
from core.utils.ratelimit import check_rates


def _takes_introductions(member_pk: int) -> bool:
    return User.objects.filter(pk=member_pk, takes_introductions=True).exists()


def _take_introductions(member_pk: int, on: bool) -> None:
    User.objects.filter(pk=member_pk).update(takes_introductions=on)


# If it is turned off, the profile says so and no one can ask: no request stays unread.
INTRODUCTIONS = optout.register(
    optout.OptOut(
        "introductions",
        gettext_lazy("Requests for an introduction"),
        _takes_introductions,
        _take_introductions,
    )
)


@transaction.atomic
def follow(member: User, other: User, *, on: bool) -> None:
    """Follow or unfollow a member, who is not notified."""
    if not on:
        member.follows.filter(followed=other).delete()
        return
    Follow.objects.get_or_create(follower=member, followed=other)
    member.mutes.filter(muted=other).delete()


@transaction.atomic
def mute(member: User, other: User, *, on: bool) -> None:
    """Mute or unmute a member, who is not notified."""
    member.__dict__.pop("muted_ids", None)
    if not on:
        member.mutes.filter(muted=other).delete()
        return
    Mute.objects.get_or_create(member=member, muted=other)
    member.follows.filter(followed=other).delete()


@transaction.atomic
def send_introduction(asker: User, expert: User, words: str) -> Introduction:
    """Send a message to a member who accepts introductions, without revealing their address.

    Raises ValidationError if they accept none, have been asked already, or the sender may not write; and
    TooFast.
    """
    check_may_write(lock_row(User.objects, asker.pk))
    if asker == expert or not User.objects.listed().filter(pk=expert.pk, takes_introductions=True).exists():
        raise ValidationError(
            _("%(name)s isn’t accepting introductions at the moment.") % {"name": expert.get_display_name()},
            code="closed",
        )
    if asker.introductions_asked.filter(asked=expert).exclude(state=Introduction.State.ACCEPTED).exists():
        raise ValidationError(_("You’ve already asked. If they reply, you’ll get it by email."), code="twice")
    check_text(asker, words)
    check_rates(asker.introductions_asked.all(), settings.INTRODUCTION_RATES)
    introduction = Introduction.objects.create(asker=asker, asked=expert, words=words)
    if not expert.mutes.filter(muted=asker).exists():
        send_mail_about("introduction_asked", to=expert, opt_out=INTRODUCTIONS, introduction=introduction)
    return introduction


@transaction.atomic
def answer_introduction(introduction: Introduction, *, accept: bool, answer: str = "") -> bool:
    """Accept a request, with a message emailed to its sender, or decline it without notification.

    Returns False and changes nothing if it was answered already. Raises ValidationError if a suspended member
    accepts.
    """
    if accept:
        check_may_write(lock_row(User.objects, introduction.asked_id))
        check_text(introduction.asked, answer)
    state = Introduction.State.ACCEPTED if accept else Introduction.State.DECLINED
    waiting = Introduction.objects.filter(pk=introduction.pk, state=Introduction.State.WAITING)
    answered = waiting.update(state=state, answer=answer if accept else "", answered_at=timezone.now())
    introduction.refresh_from_db()
    if answered and accept:
        send_mail_about("introduction_accepted", to=introduction.asker, introduction=introduction)
    return bool(answered)
