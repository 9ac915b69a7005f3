"""Sentences for authors about a comment they sent: why it has to wait, or why it cannot be sent yet."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models import Comment
from comments.services.discussion import SlowMode
from core.utils.ratelimit import TooFast

# From this many seconds on, a wait is given in minutes or hours.
WAIT_IN_MINUTES_FROM, WAIT_IN_HOURS_FROM = 120, 7200


def too_fast_message(error: TooFast) -> str:
    """Why a comment was not posted: slow mode, or a rate limit; and when to try again."""
    if isinstance(error, SlowMode):
        return _slow_mode_message(error)
    if error.wait_seconds < WAIT_IN_MINUTES_FROM:
        return ngettext(
            "You’re posting too fast. Try again in %(count)d second. Your text is saved.",
            "You’re posting too fast. Try again in %(count)d seconds. Your text is saved.",
            error.wait_seconds,
        ) % {"count": error.wait_seconds}
    if error.wait_seconds >= WAIT_IN_HOURS_FROM:
        return ngettext(
            "You’ve posted a lot today. Try again in %(count)d hour. Your text is saved.",
            "You’ve posted a lot today. Try again in %(count)d hours. Your text is saved.",
            error.wait_hours,
        ) % {"count": error.wait_hours}
    return ngettext(
        "You’ve posted a lot. Try again in %(count)d minute. Your text is saved.",
        "You’ve posted a lot. Try again in %(count)d minutes. Your text is saved.",
        error.wait_minutes,
    ) % {"count": error.wait_minutes}


def _slow_mode_message(error: SlowMode) -> str:
    """Two sentences, because each has a number and therefore plural forms of its own."""
    rule = ngettext(
        "Slow mode is on: each person can post one comment every minute.",
        "Slow mode is on: each person can post one comment every %(count)d minutes.",
        error.minutes,
    ) % {"count": error.minutes}
    wait = ngettext(
        "Try again in %(count)d minute. Your text is saved.",
        "Try again in %(count)d minutes. Your text is saved.",
        error.wait_minutes,
    ) % {"count": error.wait_minutes}
    return f"{rule} {wait}"


def too_many_codes_message(error: TooFast) -> str:
    """Why a visitor's comment has no code yet: too many were sent to the address, or requested by them."""
    return ngettext(
        "We can’t send another email yet: wait %(count)d minute, or sign in. Your text is saved.",
        "We can’t send another email yet: wait %(count)d minutes, or sign in. Your text is saved.",
        error.wait_minutes,
    ) % {"count": error.wait_minutes}


def too_many_links_message(error: TooFast) -> str:
    """Why no email with a link was sent: too many were requested for the address."""
    return ngettext(
        "Too many requests. Look in your inbox and your spam folder, or try again in %(count)d minute.",
        "Too many requests. Look in your inbox and your spam folder, or try again in %(count)d minutes.",
        error.wait_minutes,
    ) % {"count": error.wait_minutes}


def held_message(comment: Comment) -> str:
    """Whether it awaits review or was blocked as spam, and what its author can do."""
    if comment.was_blocked:
        return _(
            "Our spam filter blocked this. Only you and the moderators can see it. You can edit it, or wait for a moderator to review it."
        )
    return _("Your comment is awaiting review. Until it’s approved, only you and the moderators can see it.")
