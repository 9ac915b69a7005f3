"""Messages to authors about a comment they have sent: why it was refused, or what happened to it."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models import Comment
from comments.services.discussion import SlowMode
from core.utils.ratelimit import TooFast


def refuse(form: Form, error: ValidationError | TooFast) -> HTTPStatus:
    """Attach a service's refusal to the text field. Returns the matching HTTP status."""
    if isinstance(error, SlowMode):
        form.add_error("body", slow_mode_message(error))
        return HTTPStatus.TOO_MANY_REQUESTS
    if isinstance(error, TooFast):
        minutes = -(-error.wait_seconds // 60)
        text = (
            ngettext("You’re posting too fast. Try again in %(count)d second. Your text is saved.", "You’re posting too fast. Try again in %(count)d seconds. Your text is saved.", error.wait_seconds) % {"count": error.wait_seconds}
            if error.wait_seconds < 120
            else ngettext("You’ve posted a lot. Try again in %(count)d minute. Your text is saved.", "You’ve posted a lot. Try again in %(count)d minutes. Your text is saved.", minutes) % {"count": minutes}
        )  # fmt: skip
        form.add_error("body", text)
        return HTTPStatus.TOO_MANY_REQUESTS
    form.add_error("body", error)
    return HTTPStatus.UNPROCESSABLE_ENTITY


def slow_mode_message(error: SlowMode) -> str:
    every = ngettext(
        "Slow mode is on: each person can post one comment every minute.",
        "Slow mode is on: each person can post one comment every %(count)d minutes.",
        error.minutes,
    ) % {"count": error.minutes}
    minutes = -(-error.wait_seconds // 60)
    wait = ngettext(
        "Try again in %(count)d minute. Your text is saved.",
        "Try again in %(count)d minutes. Your text is saved.",
        minutes,
    ) % {"count": minutes}
    return f"{every} {wait}"


def too_many_emails(error: TooFast) -> str:
    """The message for a visitor after too many emails to an address, or too many that they requested."""
    minutes = -(-error.wait_seconds // 60)
    return ngettext(
        "We can’t send another email yet: wait %(count)d minute, or sign in. Your text is saved.",
        "We can’t send another email yet: wait %(count)d minutes, or sign in. Your text is saved.",
        minutes,
    ) % {"count": minutes}


def too_many_requests(error: TooFast) -> str:
    """The error for an address to which too many emails were requested."""
    minutes = -(-error.wait_seconds // 60)
    return ngettext(
        "Too many requests. Look in your inbox and your spam folder, or try again in %(count)d minute.",
        "Too many requests. Look in your inbox and your spam folder, or try again in %(count)d minutes.",
        minutes,
    ) % {"count": minutes}


def held_message(comment: Comment) -> str:
    """The message for its author: whether it awaits review or was blocked as spam, and what they can do."""
    if comment.was_blocked:
        return _(
            "Our spam filter blocked this. Only you and the moderators can see it. You can edit it, or wait for a moderator to review it."
        )
    return _("Your comment is awaiting review. Until it’s approved, only you and the moderators can see it.")


def add_result_message(request: HttpRequest, comment: Comment, *, was_added: bool = False) -> None:
    """Add a message for its author about what happened to the comment they have just sent."""
    if comment.is_held:
        messages.warning(request, held_message(comment))
    elif comment.is_repeated:
        messages.info(request, _("You’ve already posted this."))
    elif was_added:
        messages.success(request, _("Added to your comment."))
    else:
        messages.success(request, _("Posted."))


def add_link_left_out_message(request: HttpRequest, link: str) -> None:
    if link:
        messages.info(
            request,
            _("The link %(link)s was not added to your profile. You can add it there yourself.")
            % {"link": link},
        )
