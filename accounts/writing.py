"""Who may write here now. Moderators set it (moderation.people); whatever lets members speak asks here (docs/decisions/0046)."""

from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User

# Stands in User.silent_until where there is no end. Far enough from the last year that any clock can show it.
NO_END = datetime(9000, 1, 1, tzinfo=UTC)


def why_not_write(member: User) -> str:
    """The sentence for somebody who may not write now; "" for everybody else."""
    if member.may_write:
        return ""
    if member.silent_until is None:
        return _("This account is closed.")
    if member.silent_until >= NO_END:
        return _("You can read here, but not write any more. “My standing” says why, and how to appeal.")
    until = date_format(timezone.localtime(member.silent_until), "j F Y, H:i")
    return _("You can read here, but not write before %(until)s. “My standing” says why, and how to appeal.") % {"until": until}


def check_may_write(member: User) -> None:
    """Raises ValidationError (code "may_not_write"), in words for the member."""
    if why := why_not_write(member):
        raise ValidationError(why, code="may_not_write")


def silence(member: User, until: datetime | None) -> None:
    """Let a member only read until then; None: they may write. Needs the lock of the member's row."""
    User.objects.filter(pk=member.pk).update(silent_until=until)
    member.silent_until = until
    member.__dict__.pop("is_moderator", None)
