"""Validators for usernames and passwords."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

# Names that occur in our own URLs or look official. "me" is in /members/me/edit/.
RESERVED_USERNAMES = frozenset(
    """about abuse account accounts admin administrator admins all anonymous api billing bot channel comment comments contact
    deleted everybody everyone feed guest help here home host hostmaster info login logout mail mailer-daemon me media
    member members moderation moderator moderators mods names news nobody noreply no-reply notifications null official operator owner
    post posts postmaster privacy root search security settings signin signup site staff static status superuser
    support sysadmin system team undefined unsubscribe user users webmaster www""".split()  # noqa: SIM905 - reads better than 70 quoted words
)

validate_username_chars = RegexValidator(
    r"\A[a-z0-9](?:[a-z0-9_-]{0,28}[a-z0-9])\Z",
    _("Use 2 to 30 lowercase letters (a to z), numbers, - and _. Start and end with a letter or number."),
    code="username_signs",
)


def bare(username: str) -> str:
    """The letters and digits of a username, without - and _."""
    return username.lower().replace("_", "").replace("-", "")


RESERVED_BARE = frozenset(map(bare, RESERVED_USERNAMES))


def validate_not_reserved(username: str) -> None:
    """Refuse the names in RESERVED_USERNAMES, however they are spelt with - and _."""
    if bare(username) in RESERVED_BARE:
        raise ValidationError(_("This username is reserved. Choose another."), code="reserved")


# For sign-up (settings.ACCOUNT_USERNAME_VALIDATORS).
username_validators = [validate_username_chars, validate_not_reserved]


class NotAllTheSamePasswordValidator:
    """Refuse passwords of one repeated character or of blanks, which Django's own validators accept."""

    def validate(self, password: str, user: object | None = None) -> None:
        """Raise ValidationError (code "password_repeats") for fewer than three different characters."""
        if len(set(password.strip())) < 3:
            raise ValidationError(
                _("This password is too repetitive. Use at least three different characters."),
                code="password_repeats",
            )

    def get_help_text(self) -> str:
        return str(_("Use at least three different characters."))
