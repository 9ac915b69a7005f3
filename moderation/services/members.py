"""Actions on members and the blocklist. The moderation pages and the admin both use these services.

Each action is recorded in ModerationAction, the member is notified, and it can be undone.
"""

from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.models.querysets import NO_END
from accounts.services.permissions import set_suspension, why_not_write
from comments.models import Comment
from core.utils.locks import lock_row
from core.utils.ratelimit import check_rates
from moderation.models import (
    Appeal,
    Decision,
    MemberNote,
    ModerationAction,
    ProfileReport,
    RemovalReason,
    Restriction,
    TrustOverride,
)
from moderation.services.blocklist import read_domain, read_network
from moderation.services.decisions import decide
from moderation.signals import appeal_answered, restriction_lifted, restriction_set


def reason_not_to_act(by: User, member: User) -> str:
    """Why this moderator may not act on this member; "" if they may.

    No one acts on themselves or the host, and only the host acts on moderators.
    """
    if by.pk == member.pk:
        return _("You can’t moderate yourself. Ask another moderator.")
    if member.is_host:
        return _("The host can’t be suspended.")
    if not by.is_host and (member.is_superuser or User.objects.staff().filter(pk=member.pk).exists()):
        return _("Only the host can moderate moderators.")
    return ""


def _check_may_act(by: User, member: User) -> None:
    if why := reason_not_to_act(by, member):
        raise PermissionDenied(why)


# --- restrictions of members ----------------------------------------------------


def suspend(
    member: User, *, by: User, ends_at: datetime, text: RemovalReason | None = None, words: str = ""
) -> Restriction:
    """Suspend a member until a time. They are notified and can appeal. Needs a reason or a message.

    Raises PermissionDenied, and ValidationError if the end is in the past or after SUSPENSION_MAX_DAYS.
    """
    now = timezone.now()
    if not now < ends_at <= now + timedelta(days=settings.SUSPENSION_MAX_DAYS, minutes=1):
        days = settings.SUSPENSION_MAX_DAYS
        raise ValidationError(
            _("Choose an end date between now and %(days)d days from now. For anything longer, use a ban.")
            % {"days": days},
            code="end",
        )
    return _restrict(member, Restriction.Kind.SUSPENSION, by=by, ends_at=ends_at, text=text, words=words)


def ban(member: User, *, by: User, text: RemovalReason | None = None, words: str = "") -> Restriction:
    """Ban a member. They are notified and can appeal. Needs a reason or a message.

    Raises PermissionDenied, and ValidationError if they are banned already.
    """
    return _restrict(member, Restriction.Kind.BAN, by=by, ends_at=None, text=text, words=words)


def _restrict(
    member: User, kind: str, *, by: User, ends_at: datetime | None, text: RemovalReason | None, words: str
) -> Restriction:
    _check_may_act(by, member)
    with transaction.atomic():
        lock_row(User.objects, member.pk)
        if Restriction.objects.of(member).in_force().filter(kind=Restriction.Kind.BAN).exists():
            raise ValidationError(
                _("%(name)s is already banned.") % {"name": member.get_display_name()}, code="banned"
            )
        restriction = Restriction.objects.create(
            kind=kind, member=member, text=text, words=words, set_by=by, ends_at=ends_at
        )
        _update_silent_until(member)
        _write_down(
            ModerationAction.Action.BAN if kind == Restriction.Kind.BAN else ModerationAction.Action.SUSPEND,
            restriction,
            by,
        )
        restriction_set.send(sender=Restriction, restriction=restriction)
    return restriction


def _update_silent_until(member: User) -> None:
    """Set User.silent_until from all current restrictions. The member's row must be locked."""
    ends = [
        ends_at or NO_END
        for ends_at in Restriction.objects.of(member).in_force().values_list("ends_at", flat=True)
    ]
    set_suspension(member, max(ends, default=None))


def lift(restriction: Restriction, *, by: User) -> bool:
    """Lift a restriction early. Returns False if it has ended already or a colleague was faster.

    Raises PermissionDenied for one's own, and for one set by the host if someone else wants to lift it.
    """
    if restriction.member_id == by.pk:
        raise PermissionDenied(_("This is about you. Another moderator has to decide."))
    if restriction.set_by.is_host and not by.is_host:
        raise PermissionDenied(_("The host set this, so only the host can lift it."))
    with transaction.atomic():
        member = lock_row(User.objects, restriction.member_id) if restriction.member_id else None
        if (
            not Restriction.objects.filter(pk=restriction.pk)
            .in_force()
            .update(lifted_at=timezone.now(), lifted_by=by)
        ):
            return False
        restriction.refresh_from_db()
        if member is not None:
            _update_silent_until(member)
        _write_down(ModerationAction.Action.LIFT, restriction, by)
        restriction_lifted.send(sender=Restriction, restriction=restriction)
    return True


def _write_down(action: str, restriction: Restriction, by: User) -> ModerationAction:
    return ModerationAction.objects.create(
        action=action,
        moderator=by,
        member=restriction.member,
        restricted=restriction.kind,
        domain=restriction.domain,
        text=restriction.text,
        ends_at=restriction.ends_at,
        restriction=restriction,
    )


# --- blocklist ---------------------------------------------------------------------


def block_domain(domain: str, *, by: User, words: str, ends_at: datetime | None = None) -> Restriction:
    """Block links to a domain and its subdomains. Raises ValidationError."""
    domain = read_domain(domain, may_block_shared=by.is_host)
    return _close(
        Restriction(kind=Restriction.Kind.DOMAIN, domain=domain, words=words, set_by=by, ends_at=ends_at),
        ModerationAction.Action.DOMAIN,
    )


def block_network(block: str, *, by: User, words: str, days: int) -> Restriction:
    """Block newcomers from a network for some days. Raises ValidationError.

    block: an address, CIDR, or Assessment.network.
    """
    ends_at = timezone.now() + timedelta(days=days)
    network = Restriction(
        kind=Restriction.Kind.NETWORK, network=read_network(block), words=words, set_by=by, ends_at=ends_at
    )
    return _close(network, ModerationAction.Action.NETWORK)


def _close(restriction: Restriction, action: str) -> Restriction:
    with transaction.atomic():
        same = Restriction.objects.in_force().filter(
            kind=restriction.kind, domain=restriction.domain, network=restriction.network
        )
        if same.exists():
            raise ValidationError(
                _("%(what)s is already blocked.") % {"what": restriction.about}, code="closed"
            )
        restriction.save()
        _write_down(action, restriction, restriction.set_by)
    return restriction


# --- trust levels and notes ----------------------------------------------------------


def set_level(member: User, level: int | None, *, by: User, words: str) -> TrustOverride:
    """Override a trust level; None: compute it again. Raises PermissionDenied."""
    _check_may_act(by, member)
    with transaction.atomic():
        row = TrustOverride.objects.create(member=member, level=level, set_by=by, words=words)
        ModerationAction.objects.create(action=ModerationAction.Action.LEVEL, moderator=by, member=member)
    return row


def write_note(member: User, words: str, *, by: User) -> MemberNote:
    """Add a note. Raises PermissionDenied for one about oneself."""
    if by.pk == member.pk:
        raise PermissionDenied(_("You can’t write notes about yourself."))
    return MemberNote.objects.create(member=member, words=words, written_by=by)


# --- appeals --------------------------------------------------------------------------


def why_not_appeal(member: User, cause: Decision | Restriction) -> str:
    """Why this member cannot appeal against this now; "" if they can."""
    if hasattr(cause, "appeal"):
        return _("You’ve already appealed against this.")
    if isinstance(cause, Restriction):
        return "" if cause.member_id == member.pk and cause.is_in_force else _("This has already ended.")
    if cause.comment.author_id != member.pk or not cause.can_be_appealed:
        return _("There’s nothing to appeal against here.")
    if cause.created_at < timezone.now() - timedelta(days=settings.APPEAL_DAYS):
        return _("The time to appeal against this decision has passed.")
    return ""


def make_appeal(member: User, cause: Decision | Restriction, words: str) -> Appeal:
    """Appeal against a decision about one's own comment, or a restriction. A repeated request is one appeal.

    Raises PermissionDenied, with the reason, and TooFast.
    """
    about = {"restriction": cause} if isinstance(cause, Restriction) else {"decision": cause}
    with transaction.atomic():
        lock_row(User.objects, member.pk)
        if (twin := Appeal.objects.filter(member=member, words=words, **about).first()) is not None:
            return twin
        if why := why_not_appeal(member, cause):
            raise PermissionDenied(why)
        check_rates(Appeal.objects.filter(member=member), settings.APPEAL_RATES)
        return Appeal.objects.create(member=member, words=words, **about)


def why_not_answer(appeal: Appeal, by: User) -> str:
    """Why this moderator may not answer; "" if they may.

    Not the one who decided, unless there is no one else.
    """
    if appeal.member_id == by.pk:
        return _("This is your own appeal. Another moderator has to answer it.")
    if appeal.restriction and appeal.restriction.set_by.is_host and not by.is_host:
        return _("The host set this, so only the host can answer.")
    if appeal.restriction:
        is_in_force, decided_by = appeal.restriction.is_in_force, appeal.restriction.set_by_id
    else:
        decision = cast(Decision, appeal.decision)  # a constraint ensures that it is one of the two
        is_in_force, decided_by = decision.can_be_appealed, decision.moderator_id
    if not is_in_force:  # it has ended or was undone: there is nothing to grant
        return ""
    if decided_by != by.pk or (appeal.restriction and by.is_host):
        return ""
    if User.objects.moderating().exclude(pk__in=[by.pk, appeal.member_id]).exists():
        return _("This was your own decision. Another moderator has to answer.")
    return ""


def answer_appeal(appeal: Appeal, *, grant: bool, answer: str, by: User) -> bool:
    """Answer an appeal. If it is granted, undo the decision. Returns False if a colleague was faster.

    Raises PermissionDenied, with the reason.
    """
    if why := why_not_answer(appeal, by):
        raise PermissionDenied(why)
    state = Appeal.State.GRANTED if grant else Appeal.State.DECLINED
    with transaction.atomic():
        now = timezone.now()
        if (
            not Appeal.objects.open()
            .filter(pk=appeal.pk)
            .update(state=state, answer=answer, answered_by=by, answered_at=now)
        ):
            return False
        appeal.refresh_from_db()
        if grant and appeal.restriction is not None:
            lift(appeal.restriction, by=by)
        elif grant and appeal.decision is not None:
            _show_again(appeal.decision, by)
        ModerationAction.objects.create(
            action=ModerationAction.Action.GRANT if grant else ModerationAction.Action.DECLINE,
            moderator=by,
            member=appeal.member,
            restricted=appeal.restriction.kind if appeal.restriction else "",
            restriction=appeal.restriction,
        )
        appeal_answered.send(sender=Appeal, appeal=appeal)
    return True


def _show_again(decision: Decision, by: User) -> None:
    """Publish the comment again, unless it is public already or its author deleted it."""
    comment = Comment.objects.get(pk=decision.comment_id)
    if comment.status in {Comment.Status.REMOVED, Comment.Status.SPAM}:
        decide(comment, Decision.Action.APPROVE, by=by, note=_("An appeal was accepted."))


# --- reports of profiles --------------------------------------------------------------


def report_profile(member: User, *, reporter: User, reason: str, note: str = "") -> ProfileReport:
    """Report a profile. While a report by the same member is open, it is returned.

    Raises PermissionDenied, with the reason, and TooFast.
    """
    if why := why_not_write(reporter):
        raise PermissionDenied(why)
    if member.pk == reporter.pk:
        raise PermissionDenied(_("This is your own profile; you can edit it."))
    opened = ProfileReport.objects.filter(member=member, reporter=reporter, outcome="")
    if (report := opened.first()) is not None:
        return report
    check_rates(ProfileReport.objects.filter(reporter=reporter), settings.REPORT_RATES)
    try:
        with transaction.atomic():
            return ProfileReport.objects.create(member=member, reporter=reporter, reason=reason, note=note)
    except IntegrityError:  # a double click
        return opened.get()


def why_not_close_reports(by: User, member: User) -> str:
    """Why this moderator may not close reports of that profile; "" if they may.

    Any moderator may close those of the host's. No one closes reports about themselves, unless there is no
    one else.
    """
    if by.pk == member.pk:
        return reason_not_to_act(by, member) if User.objects.moderating().exclude(pk=by.pk).exists() else ""
    return "" if member.is_host else reason_not_to_act(by, member)


def close_profile_reports(member: User, outcome: str, *, by: User) -> int:
    """Close the open reports of a profile. Returns how many there were. Raises PermissionDenied."""
    if why := why_not_close_reports(by, member):
        raise PermissionDenied(why)
    opened = ProfileReport.objects.filter(member=member, outcome="")
    return opened.update(outcome=outcome, closed_by=by, closed_at=timezone.now())
