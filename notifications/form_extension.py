"""The extension of the comment form: additional parents of a comment."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from comments.thread.pagination import read_numbers
from notifications.services.notify import address_comments
from posts.models import Post


class SeveralInput(forms.MultipleHiddenInput):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return data.getlist(name) if isinstance(data, MultiValueDict) else data.get(name, [])


class AlsoField(forms.Field):
    """Numbers of public comments on the same post. Cleaned to the comments, with their authors."""

    widget = SeveralInput

    def __init__(self, post: Post) -> None:
        super().__init__(required=False)
        self.post = post

    def clean(self, value: list[str] | None) -> list[Comment]:
        numbers = read_numbers(value or [])
        if len(numbers) > settings.ALERT_ANSWERS_MAX:
            raise ValidationError(
                _(
                    "One comment can reply to up to %(limit)d others. Untick some and reply to them in a second comment."
                ),
                code="too_many",
                params={"limit": settings.ALERT_ANSWERS_MAX},
            )
        if not numbers:
            return []
        found = list(addressable(self.post).filter(pk__in=numbers).order_by("pk"))
        if len(found) != len(numbers):
            raise ValidationError(
                _(
                    "One of the comments you’re replying to was deleted. It has been unticked; check the list again."
                ),
                code="gone",
            )
        return found


def addressable(post: Post) -> Any:
    """Comments that can be replied to on this post."""
    return Comment.objects.for_post(post).public().select_related("author")


class AnswerSeveral:
    """See comments.forms.extensions.FormExtension."""

    def fields(self, post: Post) -> dict[str, forms.Field]:
        return {"also": AlsoField(post)}

    def store(self, comment: Comment, cleaned: dict[str, Any], *, adds: bool = False) -> None:
        address_comments(comment, cleaned.get("also") or [], adds=adds)
