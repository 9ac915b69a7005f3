"""Extensions of the comment form by later apps, named in settings.COMMENT_FORM_EXTENSIONS."""

from functools import cache
from typing import Any, Protocol

from django import forms
from django.conf import settings
from django.utils.module_loading import import_string

from comments.models import Comment
from posts.models import Post


class FormExtension(Protocol):
    """An extension, instantiated once. Its fields join each form; a template tag of its app shows them."""

    def fields(self, post: Post) -> dict[str, forms.Field]:
        """Return fields by name for a comment under this post. They should not be required."""

    def store(self, comment: Comment, cleaned: dict[str, Any], *, adds: bool = False) -> None:
        """Store the choice in the transaction of the comment, before a new one is announced.

        The comment may exist already: the same text was sent again, or (adds) text is added to it with
        further choices.
        """


@cache
def form_extensions() -> list[FormExtension]:
    return [import_string(path)() for path in settings.COMMENT_FORM_EXTENSIONS]
