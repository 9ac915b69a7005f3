"""Which names are allowed (docs/decisions/0023).

Names of staff are reserved, and so are similar ones. Members may share a name spelt the same way: two people
may be called Maria. No one may imitate another member's name with other characters, such as Cyrillic letters
or "Rnaria".
"""

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import RetiredUsername, User
from core.utils.text import look_alike_key, one_line, search_key, skeleton, validate_name

# The name shown with the comments of deleted accounts.
NEUTRAL_NAME = gettext_noop("Former member")


def validate_display_name(name: str, *, but: User | None = None) -> None:
    """Validate a display name; raise ValidationError with the reason.

    It may be empty: then the username is shown. but: the member whose name it will be, if the account exists.
    """
    name = one_line(name)
    if not name:
        return
    validate_name(name)
    if is_like_a_staff_name(name, but=but):
        raise ValidationError(
            _("This name is too similar to that of a host or moderator. Choose another."), code="staff_name"
        )
    if skeleton(name) in {skeleton(NEUTRAL_NAME), skeleton(_(NEUTRAL_NAME))}:
        raise ValidationError(
            _("This name is used for deleted accounts. Choose another."), code="neutral_name"
        )
    if is_disguised(name, but=but):
        raise ValidationError(
            _("This name looks too much like another member’s. Use ordinary letters, or choose another."),
            code="looks_like_a_member",
        )


def validate_free_username(username: str) -> None:
    """Validate a new username: unlike any other, and never used by a deleted account. Or ValidationError."""
    if is_like_a_staff_name(username):
        raise ValidationError(
            _("This name is too similar to that of a host or moderator. Choose another."), code="staff_name"
        )
    # An identical username is left to the constraint, which has its own message.
    lookalikes = User.objects.filter(username_skeleton=skeleton(username)).exclude(username__iexact=username)
    if (
        lookalikes.exists()
        or is_disguised(username)
        or RetiredUsername.objects.filter(digest=digest_of(username)).exists()
    ):
        raise ValidationError(
            _("This name is taken or too similar to an existing one. Try another."),
            code="looks_like_a_member",
        )


def is_like_a_staff_name(name: str, *, but: User | None = None) -> bool:
    """Whether the name could be mistaken for a host's, staff member's or moderator's.

    but: a member whose own names are ignored.
    """
    keys = {look_alike_key(name), skeleton(name).replace(" ", "")} - {""}
    people = User.objects.staff().exclude(pk=but.pk if but else None)
    return any(
        keys & {look_alike_key(own), skeleton(own).replace(" ", "")}
        for names in people.values_list("username", "display_name")
        for own in names
    )


def is_disguised(name: str, *, but: User | None = None) -> bool:
    """Whether the name looks like that of a member but is spelt differently."""
    shape, spelling = skeleton(name), search_key(name)
    alike = User.objects.filter(Q(name_skeleton=shape) | Q(username_skeleton=shape)).exclude(
        pk=but.pk if but else None
    )
    # Members with the same spelling are one row here, however many there are.
    spellings = (
        alike.order_by().values_list("name_key", "name_skeleton", "username", "username_skeleton").distinct()
    )
    return any(
        search_key(own) != spelling
        for name_key, name_shape, username, username_shape in spellings[:200]
        for own, own_shape in ((name_key, name_shape), (username, username_shape))
        if own_shape == shape
    )


def digest_of(username: str) -> str:
    """A keyed hash of a retired username. It cannot be computed without this site's key."""
    return salted_hmac("accounts.FormerName", skeleton(username), algorithm="sha256").hexdigest()
