"""Proposing, confirming, opening and undoing a memorial.

Two people must agree: a host, and a second keeper whom the host names.
"""

from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AccountDeletion, User
from accounts.services.permissions import check_may_write
from comments.services.discussion import choose_rules
from core.parts import is_on
from core.utils.locks import lock_row
from core.utils.site_locale import read_in
from memorials.models import Custodian, Memorial, Step, slug_of
from memorials.services import mails
from memorials.services.book import forget_book
from memorials.services.closing import close_account, end_access, open_account
from posts.models import Post

State = Memorial.State
Kind = Step.Kind


@dataclass(frozen=True)
class Proposal:
    """A proposed memorial: of whom, and who looks after it."""

    member: User
    keeper: User
    dates: str = ""
    visibility: str = Post.Visibility.PUBLIC


def may_host(user: Any) -> bool:
    """Whether they may propose a memorial: hosts who may change accounts."""
    return bool(user.is_authenticated and user.is_staff and user.has_perm("accounts.change_user"))


def is_custodian(memorial: Memorial, user: Any) -> bool:
    """Whether the member chose this person during their lifetime."""
    if not user.is_authenticated:
        return False
    return Custodian.objects.filter(member=memorial.member_id, custodian=user.pk).exists()


def custodian_of(memorial: Memorial) -> User | None:
    """The person the member chose, if they may still write here and are not a keeper."""
    named = Custodian.objects.filter(member=memorial.member_id, custodian__is_active=True)
    row = (
        named.exclude(custodian__in=[memorial.host_id, memorial.keeper_id])
        .select_related("custodian")
        .first()
    )
    return row.custodian if row is not None else None


def may_edit(memorial: Memorial, user: Any) -> bool:
    """Whether they may edit the page and make the book: both keepers, and the custodian once it is open."""
    return memorial.is_kept_by(user) or (memorial.is_open and is_custodian(memorial, user))


def may_undo(memorial: Memorial, user: Any) -> bool:
    """Whether they may undo it: keepers for 30 days, later only the site's owner (for late corrections)."""
    until = memorial.undo_until
    if until is None:
        return False
    in_time = memorial.is_kept_by(user) and timezone.now() <= until
    return in_time or bool(user.is_authenticated and user.is_active and user.is_superuser)


def note(memorial: Memorial, kind: str, by: User | None = None, words: str = "") -> Step:
    """Record a step in the history of the memorial. by: None for what happens by itself."""
    return Step.objects.create(memorial=memorial, kind=kind, by=by, words=words)


def propose(proposal: Proposal, *, by: User) -> Memorial:
    """Ask the second keeper to confirm. Nothing about the account changes until then.

    Raises PermissionDenied, and ValidationError for the fields "member" and "keeper". A repeated request
    changes nothing.
    """
    check_may_write(by)
    if not may_host(by):
        raise PermissionDenied
    with transaction.atomic():
        member: User = lock_row(User.objects, proposal.member.pk)
        _check_people(member, proposal.keeper, by)
        memorial = Memorial.objects.with_members().filter(member=member).first()
        if (
            memorial is not None
            and memorial.state == State.PROPOSED
            and memorial.keeper_id == proposal.keeper.pk
        ):
            return memorial
        if memorial is None:
            memorial = Memorial(post=_post_for(member), member=member)
        memorial.host, memorial.keeper = by, proposal.keeper
        memorial.host_confirmed_at, memorial.keeper_confirmed_at = timezone.now(), None
        memorial.state, memorial.opened_at, memorial.settled_at = State.PROPOSED, None, None
        memorial.dates = proposal.dates or memorial.dates
        memorial.save()
        Post.objects.filter(pk=memorial.pk).update(visibility=proposal.visibility)
        note(memorial, Kind.PROPOSED, by)
        mails.ask_keeper(memorial)
    return memorial


def _check_people(member: User, keeper: User, host: User) -> None:
    if not member.is_active:
        raise ValidationError({"member": _("This account is closed, or already a memorial.")})
    if member.pk == host.pk:
        raise ValidationError({"member": _("This is your own account.")})
    if (member.is_staff or member.is_superuser) and not host.is_superuser:
        raise ValidationError({"member": _("Only the owner of the site can do this for another host.")})
    if keeper.pk in {member.pk, host.pk}:
        raise ValidationError({"keeper": _("Name someone else: two people look after a memorial.")})
    if not keeper.may_write:
        raise ValidationError({"keeper": _("This member can’t confirm at the moment. Name someone else.")})


def _post_for(member: User) -> Post:
    """An unpublished post. The title is in the site's language, since everyone reads it."""
    with read_in(""):
        title = _("In memory of %(name)s") % {"name": member.get_display_name()}
    post = Post(kind=Post.Kind.MEMORIAL, title=title, author=member, slug=slug_of(member))
    post.save()
    choose_rules(post, close_after_days=0)  # it never closes, whatever the default for posts
    return post


def confirm(memorial: Memorial, *, by: User) -> Memorial:
    """Confirm as the second keeper: close the account and open the memorial. A second click changes nothing.

    Raises PermissionDenied, and ValidationError if the account has been closed since.
    """
    check_may_write(by)
    with transaction.atomic():
        memorial = locked(memorial)
        if memorial.keeper_id != by.pk:
            raise PermissionDenied
        if memorial.state != State.PROPOSED:
            return memorial
        _check_host(memorial)
        memorial.keeper_confirmed_at = memorial.opened_at = timezone.now()
        memorial.state = State.OPEN
        memorial.before = close_account(memorial.member)
        memorial.save()
        note(memorial, Kind.CONFIRMED, by)
        note(memorial, Kind.OPENED)
        if is_on("memorials"):
            _publish(memorial)
        mails.notify_opened(memorial, custodian_of(memorial))
    return memorial


def _check_host(memorial: Memorial) -> None:
    """Check that the host still may propose it. Otherwise one person alone would close the account."""
    host = memorial.host
    if host is None or not (host.may_write and may_host(host)):
        raise ValidationError(
            _(
                "The host who asked you can no longer keep this memorial. Please ask another host to begin it again."
            )
        )
    if memorial.keeper is not None:
        _check_people(memorial.member, memorial.keeper, host)


def decline(memorial: Memorial, *, by: User) -> Memorial:
    """Withdraw as either keeper from a memorial that is not open yet."""
    with transaction.atomic():
        memorial = locked(memorial)
        if not memorial.is_kept_by(by):
            raise PermissionDenied
        if memorial.state == State.PROPOSED:
            memorial.state = State.DECLINED
            memorial.save(update_fields=["state"])
            note(memorial, Kind.DECLINED, by)
    return memorial


def undo(memorial: Memorial, *, by: User) -> Memorial:
    """Reopen the account as it was. What others wrote on the page is kept but hidden.

    Raises PermissionDenied after 30 days, except for the site's owner, and once the account is being erased.
    A second click changes nothing.
    """
    with transaction.atomic():
        memorial = locked(memorial)
        if memorial.state == State.UNDONE:
            return memorial
        is_begun = AccountDeletion.objects.filter(member=memorial.member, begun_at__isnull=False).exists()
        if is_begun or not may_undo(memorial, by):
            raise PermissionDenied
        AccountDeletion.objects.filter(member=memorial.member, begun_at=None).delete()
        open_account(memorial.member, memorial.before)
        memorial.state, memorial.before = State.UNDONE, {}
        memorial.host_confirmed_at = memorial.keeper_confirmed_at = memorial.opened_at = None
        memorial.save()
        Post.objects.filter(pk=memorial.pk).update(published_at=None, updated_at=timezone.now())
        forget_book(memorial.pk)
        note(memorial, Kind.UNDONE, by)
        mails.notify_undone(memorial)
    return memorial


def settle(memorial: Memorial) -> bool:
    """Delete sessions and tokens once the keepers can no longer undo it. Returns False if it is too early."""
    with transaction.atomic():
        memorial = locked(memorial)
        until = memorial.undo_until
        if until is None or memorial.settled_at is not None or timezone.now() <= until:
            return False
        end_access(memorial.member)
        memorial.settled_at = timezone.now()
        memorial.save(update_fields=["settled_at"])
        note(memorial, Kind.SETTLED)
    return True


def notify_keepers(memorial: Memorial, words: str, *, by: User | None) -> None:
    """Report a mistake, such as that the person is alive. Both keepers are notified, and it is logged."""
    with transaction.atomic():
        note(memorial, Kind.TOLD, by, words)
        mails.notify_of_message(memorial, words, by)


def _publish(memorial: Memorial) -> None:
    Post.objects.filter(pk=memorial.pk).update(published_at=memorial.opened_at, updated_at=memorial.opened_at)
    memorial.post.refresh_from_db()


def locked(memorial: Memorial) -> Memorial:
    """The memorial with its rows locked, members first, as everywhere."""
    member: User = lock_row(User.objects, memorial.member_id)
    found = cast(Memorial, lock_row(Memorial.objects, memorial.pk))
    found.member = member
    return found
