"""Account deletion (docs/decisions/0024): cancellable for a week, then final.

The final deletion has two parts. `_close` removes name, profile, addresses and keys in one transaction. Then
settings.ACCOUNT_DELETION_STEPS work through what may be thousands of rows in batches. Each step gets the
member and their choice, does one batch in its own transactions, and returns the number of rows; 0 means that
nothing is left. So a step may be killed at any point, run twice, or run in two workers.
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
# How many batches one run of the worker does before emails and other periodic tasks get their turn.
BATCHES_AT_ONCE = 20
TRY_AGAIN = timedelta(hours=1)
SALT = "accounts.departures.stay"


# --- requesting and cancelling ---------------------------------------------------------


def why_not(member: User) -> str:
    """Why a member cannot delete their account and what to do first; empty if they can."""
    if member.is_staff or member.is_superuser:
        return _(
            "You’re the host. In the admin, hand the site over to someone else first; they can then make you an ordinary member."
        )
    if member.is_moderator:
        return _("You’re a moderator. Ask the host to remove you from the moderators first.")
    return ""


@transaction.atomic
def request_deletion(member: User, words: str) -> AccountDeletion:
    """Deactivate the account, end its sessions and schedule the deletion. A second request changes nothing.

    words: one of AccountDeletion.Words. Raises PermissionDenied, with the reason, if the member may not.
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
    """Email the link that cancels the deletion. It works until the deletion is carried out."""
    cancel_url = absolute_url(reverse("accounts:stay", args=[make_cancel_token(account_deletion)]))
    send_mail_about(
        "deletion_asked", to=account_deletion.member, account_deletion=account_deletion, cancel_url=cancel_url
    )


@transaction.atomic
def cancel_deletion(account_deletion: AccountDeletion) -> bool:
    """Cancel the deletion.

    Returns False if it is too late, already cancelled, or the host closed the account.
    """
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
    """The member's scheduled deletion, as long as it can be cancelled."""
    return (
        AccountDeletion.objects.filter(member=member, begun_at=None, is_final=False)
        .select_related("member")
        .first()
    )


def deletion_at(email: str) -> AccountDeletion | None:
    """The same, looked up by one of the member's confirmed addresses."""
    confirmed = EmailAddress.objects.filter(email__iexact=email, verified=True).values("user")
    return (
        AccountDeletion.objects.filter(member__in=confirmed, begun_at=None, is_final=False)
        .select_related("member")
        .first()
    )


def memorial_at(email: str) -> User | None:
    """The memorial account with this confirmed address."""
    confirmed = EmailAddress.objects.filter(email__iexact=email, verified=True).values("user")
    return User.objects.filter(pk__in=confirmed, memorial_since__isnull=False).first()


def close_for_good(member: User) -> None:
    """Close an account for the host while its deletion is scheduled: the member can no longer cancel it."""
    AccountDeletion.objects.filter(member=member, begun_at=None).update(is_final=True)


def make_cancel_token(account_deletion: AccountDeletion) -> str:
    """A signed token for the cancel link. It names this deletion, so it is not valid for a later one."""
    return signing.dumps([account_deletion.pk, account_deletion.asked_at.timestamp()], salt=SALT)


def read_cancel_token(token: str) -> tuple[User, AccountDeletion | None] | None:
    """The member, and their deletion if it is still pending. None if the token is invalid."""
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
    """The member's email addresses in lowercase, the primary one first.

    Unconfirmed addresses are left out: they may belong to someone else, whose data must not be touched.
    """
    known = EmailAddress.objects.filter(user=member).order_by("-primary", "pk")
    confirmed = {
        email.lower(): is_confirmed for email, is_confirmed in known.values_list("email", "verified")
    }
    # Accounts created by a command have an address but no EmailAddress row.
    confirmed.setdefault(member.email.lower(), bool(member.email))
    return [email for email, is_confirmed in confirmed.items() if is_confirmed]


def end_sessions(member: User) -> None:
    """Sign the member out everywhere; later apps end what else gives access (`access_ended`)."""
    for session in UserSession.objects.filter(user=member):
        session.end()
    access_ended.send(sender=User, member=member)


# --- for good -----------------------------------------------------------------------


@cache
def _steps() -> list[Step]:
    return [import_string(path) for path in settings.ACCOUNT_DELETION_STEPS]


def carry_out(account_deletion: AccountDeletion) -> bool:
    """Do as much as fits into one run. Returns whether the deletion is complete."""
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
    """Try again later, so that others get their turn."""
    AccountDeletion.objects.filter(pk=account_deletion.pk).update(due_at=timezone.now() + TRY_AGAIN)


@transaction.atomic
def _close(account_deletion: AccountDeletion) -> bool:
    """Remove everything that identifies the member or signs them in. False if they cancelled just before."""
    waiting = (
        AccountDeletion.objects.select_for_update().filter(pk=account_deletion.pk, begun_at=None).first()
    )
    if waiting is None:
        return False
    member: User = lock_row(User.objects, account_deletion.pk)
    if member.is_active:  # the host has reactivated the account
        waiting.delete()
        return False
    member.is_active = True  # a role is only seen on an active account
    if why_not(member):
        put_off(waiting)  # they have been given a role since
        return False
    waiting.begun_at = account_deletion.begun_at = timezone.now()
    waiting.save(update_fields=["begun_at"])
    member_leaves.send(sender=User, member=member)
    for former in [member, *member.merged_accounts.all()]:
        RetiredUsername.objects.get_or_create(digest=digest_of(former.username))
    for former in member.merged_accounts.all():
        _anonymise(former)
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
    _anonymise(member)
    profile_changed.send(sender=User, member=member)
    return True


def _anonymise(member: User) -> None:
    """Anonymise the row. It stays because comments refer to it."""
    joined = member.date_joined.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    nobody = User(
        pk=member.pk,
        username=f"former-{get_random_string(12, 'abcdefghijkmnpqrstuvwxyz23456789')}",
        display_name=_(NEUTRAL_NAME),
        is_active=False,
        date_joined=joined,
        known_since=joined if member.is_known else None,  # so that links in their comments do not change
    )
    nobody.set_unusable_password()
    nobody.save(force_update=True)


def drop_topics(member: User, _deletion: AccountDeletion) -> int:
    """Delete their topics. A topic that no one else has is deleted too."""
    some = list(member.topics.select_related("topic")[:ROWS_AT_ONCE])
    for row in some:
        with transaction.atomic():
            topic = Topic.objects.select_for_update().filter(pk=row.topic_id).first()
            row.delete()
            if topic is not None and not topic.members.exists():
                topic.delete()
    return len(some)


def pointing_here() -> list[models.ManyToOneRel]:
    """Every foreign key to User in any app, including those without a reverse name."""
    return [
        field
        for field in User._meta.get_fields(include_hidden=True)
        if isinstance(field, models.ManyToOneRel)
    ]


def drop_rows(member: User, _deletion: AccountDeletion) -> int:
    """Delete all rows in any app that cascade from a member, and clear references with SET_NULL."""
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
