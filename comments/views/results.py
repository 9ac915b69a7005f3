"""What authors see after sending a comment: the reason at the field, or a message about the result."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest
from django.utils.translation import gettext as _

from comments.models import Comment
from comments.services.notices import held_message, too_fast_message
from core.utils.ratelimit import TooFast


def refuse(form: Form, error: str | ValidationError | TooFast) -> HTTPStatus:
    """Attach the reason for a refusal to the field of the text. Returns the matching HTTP status."""
    if isinstance(error, TooFast):
        form.add_error("body", too_fast_message(error))
        return HTTPStatus.TOO_MANY_REQUESTS
    form.add_error("body", error)
    return HTTPStatus.UNPROCESSABLE_ENTITY


def add_result_message(request: HttpRequest, comment: Comment, *, was_added: bool = False) -> None:
    """Say whether the comment was posted, is held, or was posted before. was_added: to an earlier comment."""
    if comment.is_held:
        messages.warning(request, held_message(comment))
    elif comment.is_repeated:
        messages.info(request, _("You’ve already posted this."))
    elif was_added:
        messages.success(request, _("Added to your comment."))
    else:
        messages.success(request, _("Posted."))


def add_link_left_out_message(request: HttpRequest, link: str) -> None:
    """Say that the link given with a comment is not on the member's profile. link: "" if there is none."""
    if link:
        messages.info(
            request,
            _("The link %(link)s was not added to your profile. You can add it there yourself.")
            % {"link": link},
        )
