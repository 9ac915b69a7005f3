"""Account deletion (docs/decisions/0024): a week in which it can be cancelled, then for good.

The final deletion has two parts. `_close` removes name, profile, addresses and keys in one transaction. Then
settings.ACCOUNT_DELETION_STEPS work through what may be thousands of rows, some at a time: each step is given the member and the choice, does
one batch in transactions of its own, and returns how much it did; 0 means that nothing is left. So a step may be killed
anywhere, run twice, or run in two workers.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cache

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import AccountDeletion, EmailCode, RetiredUsername, Topic, User
from accounts.models.images import SHAPES, remove_picture
from accounts.models.names import NEUTRAL_NAME, digest_of
from accounts.services.mails import send_mail_about
from accounts.signals import access_ended, member_leaves, profile_changed
from core.tasks.periodic import is_stopping
from core.utils.locks import lock_row
from core.utils.urls import absolute_url

Step = Callable[[User, AccountDeletion], int]
ROWS_AT_ONCE = 500
# How many batches one turn of the worker does before emails and other periodic tasks get theirs.
BATCHES_AT_ONCE = 20
TRY_AGAIN = timedelta(hours=1)
SALT = "accounts.departures.stay"


# --- requesting and cancelling ---------------------------------------------------------


def why_not(member: User) -> str:
    """Why a member cannot delete their account, and what to do first; empty when they can."""
    if member.is_staff or member.is_superuser:
        return _(
            "You’re the host. Hand the site over to somebody else in the admin first; they can then make you an ordinary member."
        )
    if member.is_moderator:
        return _("You’re a moderator. Ask the host to remove you from the moderators first.")
    return ""


@transaction.atomic
def request_deletion(member: User, words: str) -> AccountDeletion:
    """Deactivate the account, end its sessions, and schedule the deletion. A second click changes nothing.

    words: one of AccountDeletion.Words. Raises PermissionDenied, with the reason, for those who may not.
    """
    member = lock_row(User.objects, member.pk)
    if reason := why_not(member):
        raise PermissionDenied(reason)
    account_deletion, is_new = AccountDeletion.objects.get_or_create(
        member=member,
        defaults={"words": words, "due_at": timezone.now() + timedelta(days=settings.ACCOUNT_DELETION_DAYS)},
    )
    if is_new:
        User.objects.filter(pk=member.pk).update(is_active=False)
        end_sessions(member)
        profile_changed.send(sender=User, member=member)
        send_cancel_link(account_deletion)
    return account_deletion


def send_cancel_link(account_deletion: AccountDeletion) -> None:
    cancel_url = absolute_url(reverse("accounts:stay", args=[make_cancel_token(account_deletion)]))
    send_mail_about(
        "deletion_asked", to=account_deletion.member, account_deletion=account_deletion, cancel_url=cancel_url
    )


@transaction.atomic
def cancel_deletion(account_deletion: AccountDeletion) -> bool:
    """Cancel the deletion. Returns False if it is too late, was cancelled already, or the host closed the account."""
    waiting = (
        AccountDeletion.objects.select_for_update()
        .filter(pk=account_deletion.pk, begun_at=None, is_final=False)
        .first()
    )
    if waiting is None:
        return False
    waiting.delete()
    User.objects.filter(pk=account_deletion.pk).update(is_active=True)
    profile_changed.send(sender=User, member=User.objects.get(pk=account_deletion.pk))
    return True


def deletion_of(member: User) -> AccountDeletion | None:
    """While the deletion can still be cancelled."""
    return (
        AccountDeletion.objects.filter(member=member, begun_at=None, is_final=False)
        .select_related("member")
        .first()
    )


def deletion_at(email: str) -> AccountDeletion | None:
    """The same, by one of their confirmed addresses."""
    confirmed = EmailAddress.objects.filter(email__iexact=email, verified=True).values("user")
    return (
        AccountDeletion.objects.filter(member__in=confirmed, begun_at=None, is_final=False)
        .select_related("member")
        .first()
    )


def memorial_at(email: str) -> User | None:
    """Whose account with this confirmed address is a memorial."""
    confirmed = EmailAddress.objects.filter(email__iexact=email, verified=True).values("user")
    return User.objects.filter(pk__in=confirmed, memorial_since__isnull=False).first()


def close_for_good(member: User) -> None:
    """The host closed an account that is scheduled for deletion: no link and no sign-in of theirs opens it again."""
    AccountDeletion.objects.filter(member=member, begun_at=None).update(is_final=True)


def make_cancel_token(account_deletion: AccountDeletion) -> str:
    """For a link in an email: says who, and which leave-taking it was, so that it is worth nothing for a later one."""
    return signing.dumps([account_deletion.pk, account_deletion.asked_at.timestamp()], salt=SALT)


def read_cancel_token(token: str) -> tuple[User, AccountDeletion | None] | None:
    """The member, and their scheduled deletion if it is still pending. None if the token is invalid."""
    try:
        pk, asked_at = signing.loads(
            token, salt=SALT, max_age=timedelta(days=settings.ACCOUNT_DELETION_DAYS + 1)
        )
    except signing.BadSignature:
        return None
    member = User.objects.filter(pk=pk).first()
    if member is None:
        return None
    account_deletion = deletion_of(member)
    return (
        member,
        account_deletion if account_deletion and account_deletion.asked_at.timestamp() == asked_at else None,
    )


def addresses_of(member: User) -> list[str]:
    """A member's email addresses in lowercase, the main one first.

    Without those that were given and never confirmed: they may be somebody else's, whose data is not to be touched.
    """
    known = EmailAddress.objects.filter(user=member).order_by("-primary", "pk")
    confirmed = {
        email.lower(): is_confirmed for email, is_confirmed in known.values_list("email", "verified")
    }
    # Accounts made by a command have an address without a row.
    confirmed.setdefault(member.email.lower(), bool(member.email))
    return [email for email, is_confirmed in confirmed.items() if is_confirmed]


def end_sessions(member: User) -> None:
    for session in UserSession.objects.filter(user=member):
        session.end()
    access_ended.send(sender=User, member=member)


# --- for good -----------------------------------------------------------------------


@cache
def _steps() -> list[Step]:
    return [import_string(path) for path in settings.ACCOUNT_DELETION_STEPS]


def carry_out(account_deletion: AccountDeletion) -> bool:
    """Do as much as one turn allows. Returns whether it is all done now."""
    if account_deletion.begun_at is None and not _close(account_deletion):
        return False
    member = User.objects.get(pk=account_deletion.pk)
    batches = 0
    for step in _steps():
        while step(member, account_deletion):
            batches += 1
            if batches >= BATCHES_AT_ONCE or is_stopping():
                return False
    AccountDeletion.objects.filter(pk=account_deletion.pk).delete()
    return True


def put_off(account_deletion: AccountDeletion) -> None:
    """Try again later, so that others have their turn."""
    AccountDeletion.objects.filter(pk=account_deletion.pk).update(due_at=timezone.now() + TRY_AGAIN)


@transaction.atomic
def _close(account_deletion: AccountDeletion) -> bool:
    """Remove everything that identifies the member or lets them sign in. Returns False if they cancelled at the last moment."""
    waiting = (
        AccountDeletion.objects.select_for_update().filter(pk=account_deletion.pk, begun_at=None).first()
    )
    if waiting is None:
        return False
    member: User = lock_row(User.objects, account_deletion.pk)
    if member.is_active:  # the host opened the account again
        waiting.delete()
        return False
    member.is_active = True  # otherwise the account has no role
    if why_not(member):
        put_off(waiting)  # they were given one in the meantime
        return False
    waiting.begun_at = account_deletion.begun_at = timezone.now()
    waiting.save(update_fields=["begun_at"])
    member_leaves.send(sender=User, member=member)
    for former in [member, *member.merged_accounts.all()]:
        RetiredUsername.objects.get_or_create(digest=digest_of(former.username))
    for former in member.merged_accounts.all():
        _make_nobody(former)
    end_sessions(member)
    EmailCode.objects.filter(email__in=addresses_of(member)).delete()
    for rows in (EmailAddress, Authenticator, SocialAccount):
        rows.objects.filter(user=member).delete()
    member.groups.clear()
    member.user_permissions.clear()
    for shape in SHAPES:
        remove_picture(getattr(member, shape).name)
    for chosen in member.chosen_pictures.all():
        remove_picture(chosen.file.name)
        chosen.delete()
    _make_nobody(member)
    profile_changed.send(sender=User, member=member)
    return True


def _make_nobody(member: User) -> None:
    """The row stays, since comments refer to it; nothing in it identifies the member."""
    joined = member.date_joined.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    nobody = User(
        pk=member.pk,
        username=f"former-{get_random_string(12, 'abcdefghijkmnpqrstuvwxyz23456789')}",
        display_name=_(NEUTRAL_NAME),
        is_active=False,
        date_joined=joined,
        known_since=joined if member.is_known else None,  # the links in their comments stay what they are
    )
    nobody.set_unusable_password()
    nobody.save(force_update=True)


def drop_topics(member: User, _deletion: AccountDeletion) -> int:
    """Their topics; a topic that nobody else has is deleted too."""
    some = list(member.topics.select_related("topic")[:ROWS_AT_ONCE])
    for row in some:
        with transaction.atomic():
            topic = Topic.objects.select_for_update().filter(pk=row.topic_id).first()
            row.delete()
            if topic is not None and not topic.members.exists():
                topic.delete()
    return len(some)


def pointing_here() -> list[models.ManyToOneRel]:
    """Every foreign key to a member, of all apps, including those without a reverse name."""
    return [
        field
        for field in User._meta.get_fields(include_hidden=True)
        if isinstance(field, models.ManyToOneRel)
    ]


def drop_rows(member: User, _deletion: AccountDeletion) -> int:
    """Delete all rows that belong to a member (on_delete=CASCADE), of all apps, and clear other references (SET_NULL)."""
    for relation in pointing_here():
        if relation.related_model is AccountDeletion:
            continue
        rows = relation.related_model._base_manager.filter(**{relation.field.name: member})
        if relation.on_delete is models.CASCADE:
            batch = rows.filter(pk__in=list(rows.values_list("pk", flat=True)[:ROWS_AT_ONCE]))
            deleted, _by_model = batch.delete()
            if deleted:
                return deleted
        elif relation.on_delete is models.SET_NULL and (
            changed := rows.update(**{relation.field.name: None})
        ):
            return changed
    return 0
