"""Who may write now (docs/decisions/0037).

Moderators decide it (moderation/services/members.py); everything that lets members contribute checks it here.
"""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.models.querysets import NO_END
from accounts.signals import access_ended, profile_changed
from core.utils.dates import before_stop, date_format


def until_when(member: User) -> str:
    """Until when a member may not write, as a sentence; "" if they may."""
    if member.may_write:
        return ""
    if member.silent_until is None:
        return _("This account has been deactivated.")
    if member.is_banned:
        return _("You can read, but you can’t post any more.")
    until = before_stop(date_format(timezone.localtime(member.silent_until), "DATETIME_FORMAT"))
    return _("You can read, but you can’t post until %(until)s.") % {"until": until}


def why_not_write(member: User) -> str:
    """The message for a member who may not write now; "" if they may."""
    when = until_when(member)
    return _("%(when)s “My account status” says why, and how to appeal.") % {"when": when} if when else ""


def check_may_write(member: User) -> None:
    """Raise ValidationError (code "may_not_write"), with a message for the member, if they may not write."""
    if why := why_not_write(member):
        raise ValidationError(why, code="may_not_write")


def check_text(writer: User, text: str) -> None:
    """Check text that only one other person receives, so that no moderator could review it.

    A later app provides the check. Raises ValidationError (code "advertising") for advertising.
    """
    if text:
        import_string(settings.PRIVATE_TEXT_CHECK)(writer, text)


def set_suspension(member: User, until: datetime | None) -> None:
    """Suspend a member until the given time; None lifts it. The member's row must be locked."""
    was_banned = User.objects.filter(pk=member.pk, silent_until__gte=NO_END).exists()
    User.objects.filter(pk=member.pk).update(silent_until=until)
    member.silent_until = until
    member.__dict__.pop("is_moderator", None)
    if member.is_banned and not was_banned:
        access_ended.send(sender=User, member=member)
    if member.is_banned != was_banned:
        profile_changed.send(sender=User, member=member, is_same_text=True)


def hide_profile(member: User, is_hidden: bool = True) -> None:
    """Hide a profile's name, pictures, text and links from others, or show them again. The username stays."""
    if User.objects.filter(pk=member.pk).exclude(profile_hidden=is_hidden).update(profile_hidden=is_hidden):
        member.profile_hidden = is_hidden
        profile_changed.send(sender=User, member=member, is_same_text=True)


def set_known_since(member: User, since: datetime | None) -> None:
    """Make a member's links clickable for everyone from `since` on; None: plain text.

    An earlier time is kept.
    """
    unset = {"known_since__isnull": since is not None}
    if User.objects.filter(pk=member.pk, **unset).update(known_since=since):
        member.known_since = since
        profile_changed.send(sender=User, member=member, is_same_text=True)
