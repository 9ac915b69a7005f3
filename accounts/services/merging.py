"""Merging two accounts of one person (docs/decisions/0090).

All references to the merged account, in every table of every app, move to the one that is kept. Rows that
both have are kept once. The old username redirects.
"""

import logging
from collections.abc import Callable
from functools import cache, partial

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import AccountDeletion, ChosenPicture, DataExport, User
from accounts.models.images import SHAPES, remove_picture
from accounts.services.deletion import end_sessions, pointing_here
from accounts.services.export import drop_exports
from accounts.services.mails import send_mail_about
from accounts.services.mfa import MFA_METHODS
from accounts.services.share_cards import card_key
from accounts.signals import profile_changed
from core.services.share_cards import forget_card
from core.utils.locks import lock_row, lock_word
from core.utils.urls import absolute_url

logger = logging.getLogger(__name__)

Step = Callable[[User, User], None]
SALT = "accounts.merging"
LINK_SECONDS = 3600
# Not moved: what gives access to the merged account, or was meant for one of its sessions.
NOT_MOVED = (AccountDeletion, Authenticator, ChosenPicture, DataExport, EmailAddress, UserSession)
# Copied from the merged account if the kept one has none.
FILLED = ("tagline", "bio", "time_zone", "language")


def why_not_merge(kept: User, other: User) -> str:
    """Why these two accounts cannot be merged and what to do first; empty if they can."""
    if kept.pk == other.pk:
        return _("This is the same account.")
    if not kept.is_active or not other.is_active:
        return _("One of the two accounts is closed.")
    if _has_role(other):
        return _(
            "The account to be merged has a role here. Remove the role first, or merge the other way round."
        )
    if _has_role(kept) and (not other.may_write or other.profile_hidden):
        return _(
            "The account to be merged is suspended or its profile is hidden. This would also apply to the account you keep, which has a role here. Lift it first."
        )
    return ""


def _has_role(member: User) -> bool:
    has_rights = member.groups.exists() or member.user_permissions.exists()
    return member.is_staff or member.is_superuser or has_rights


def is_protected(member: User) -> bool:
    """Whether a link by email is not enough proof that the account is theirs."""
    return Authenticator.objects.filter(user=member, type__in=MFA_METHODS).exists()


# --- proving that both are theirs -----------------------------------------------------


def find_account(name: str) -> User | None:
    """The account with this username (with or without the @ that pages show) or confirmed address."""
    name = name.strip().removeprefix("@")
    by_address = EmailAddress.objects.filter(email__iexact=name, verified=True).values("user")
    people = User.objects.public()
    return (
        people.filter(pk__in=by_address).first()
        if "@" in name
        else people.filter(username=name.lower()).first()
    )


def request_merge(kept: User, other: User) -> None:
    """Email a link to the other account.

    Someone who is signed in to one account and reads the other's mail owns both.
    """
    url = absolute_url(
        reverse("accounts:merge-confirm", args=[signing.dumps([kept.pk, other.pk], salt=SALT)])
    )
    send_mail_about("merge_asked", to=other, kept=kept, merge_url=url, is_protected=is_protected(other))


def read_merge_token(token: str, kept: User) -> User | None:
    """The account to merge, if the link was made for `kept` and is at most LINK_SECONDS old."""
    try:
        kept_pk, other_pk = signing.loads(token, salt=SALT, max_age=LINK_SECONDS)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    other = User.objects.public().filter(pk=other_pk).first() if kept_pk == kept.pk else None
    return None if other is None or is_protected(other) else other


# --- merging -----------------------------------------------------------------------------


@cache
def _steps() -> list[Step]:
    return [import_string(path) for path in settings.ACCOUNT_MERGE_STEPS]


@transaction.atomic
def merge_accounts(kept: User, other: User, *, by: User) -> None:
    """Move everything from `other` to `kept` in one transaction. by: the user who confirmed it.

    Raises ValidationError, with the reason, if it is not possible (any more).
    """
    _lock(kept, other)
    kept, other = User.objects.get(pk=kept.pk), User.objects.get(pk=other.pk)
    if reason := why_not_merge(kept, other):
        raise ValidationError(reason, code="not_merged")
    for member in (kept, other):
        send_mail_about("accounts_merged", to=member, kept=kept, other=other)
    end_sessions(other)
    for step in _steps():
        step(kept, other)
    while drop_exports(other, AccountDeletion(member=other)):
        pass
    _delete_access(other)
    _move_addresses(kept, other)
    _fill(kept, other)
    for relation in pointing_here():
        if relation.related_model not in NOT_MOVED:
            _move(relation, kept, other)
    _keep_username_only(kept, other)
    transaction.on_commit(partial(forget_card, card_key(other)))
    for member in (other, kept):
        profile_changed.send(sender=User, member=User.objects.get(pk=member.pk))
    logger.info("Account %s was merged into account %s by account %s.", other.pk, kept.pk, by.pk)


def _lock(kept: User, other: User) -> None:
    """Lock for one merge at a time, since each writes rows of others.

    The locks that steps need come before those of the accounts, as everywhere.
    """
    lock_word("merging accounts")
    for lock in settings.ACCOUNT_MERGE_LOCKS:
        import_string(lock)(kept, other)
    for pk in sorted((kept.pk, other.pk)):
        lock_row(User.objects, pk)


def _move(relation: models.ManyToOneRel, kept: User, other: User) -> None:
    """Move all rows of one table at once.

    If a constraint refuses that, move them one by one and drop those that both accounts have.
    """
    name, rows = relation.field.name, relation.related_model._base_manager
    theirs = rows.filter(**{name: other})
    try:
        with transaction.atomic():
            theirs.update(**{name: kept})
            return
    except IntegrityError:
        keys = list(rows.filter(**{name: other}).order_by("pk").values_list("pk", flat=True))
    for pk in keys:
        try:
            with transaction.atomic():
                rows.filter(pk=pk).update(**{name: kept})
        except IntegrityError:
            rows.filter(pk=pk).delete()


def _delete_access(other: User) -> None:
    Authenticator.objects.filter(user=other).delete()
    for chosen in other.chosen_pictures.all():
        remove_picture(chosen.file.name)
        chosen.delete()


def _move_addresses(kept: User, other: User) -> None:
    """Move the addresses: they sign in to the kept account, whose own primary address stays primary."""
    known = {
        email.lower() for email in EmailAddress.objects.filter(user=kept).values_list("email", flat=True)
    }
    for address in EmailAddress.objects.filter(user=other):
        if address.email.lower() in known:
            address.delete()
        else:
            EmailAddress.objects.filter(pk=address.pk).update(user=kept, primary=False)


def _fill(kept: User, other: User) -> None:
    """Fill gaps in the kept profile, and keep any restriction that either account had."""
    for name in FILLED:
        if not getattr(kept, name):
            setattr(kept, name, getattr(other, name))
    for shape in SHAPES:
        if getattr(other, shape) and not getattr(kept, shape):
            setattr(kept, shape, getattr(other, shape).name)
            setattr(kept, f"{shape}_alt", getattr(other, f"{shape}_alt"))
        elif getattr(other, shape):
            remove_picture(getattr(other, shape).name)
    kept.date_joined = min(kept.date_joined, other.date_joined)
    kept.known_since = min(filter(None, [kept.known_since, other.known_since]), default=None)
    kept.silent_until = max(filter(None, [kept.silent_until, other.silent_until]), default=None)
    kept.profile_hidden = kept.profile_hidden or other.profile_hidden
    kept.found_by_expertise = kept.found_by_expertise and other.found_by_expertise
    kept.save()


def _keep_username_only(kept: User, other: User) -> None:
    """Empty the row but keep it, so that no one else takes the username and it redirects."""
    name = User(
        pk=other.pk,
        username=other.username,
        username_skeleton=other.username_skeleton,
        is_active=False,
        date_joined=other.date_joined,
        merged_into=kept,
        merged_at=timezone.now(),
    )
    name.set_unusable_password()
    name.save(force_update=True)


def merged_account_named(username: str) -> User | None:
    """The account that the one with this username was merged into."""
    former = User.objects.filter(username=username.lower(), merged_into__is_active=True)
    row = former.select_related("merged_into").first()
    return row.merged_into if row else None
