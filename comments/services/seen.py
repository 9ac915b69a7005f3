"""Protection against overwriting a text that its editor has not seen, such as an edit from another window."""

import hashlib

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from comments.models import Comment


class EditConflict(ValidationError):
    """The comment was changed in the meantime; `newer` is its current text."""

    def __init__(self, newer: str) -> None:
        self.newer = newer
        super().__init__(
            _(
                "The comment was changed while you were writing. What it says now is shown above. Save again to replace that with your text."
            ),
            code="changed",
        )


def text_version(text: str) -> str:
    """A short hash of a text, by which a change is noticed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def check_seen(comment: Comment, seen: str) -> None:
    """Raises EditConflict if the comment's text is another. Needs the lock of the post.

    seen: the text_version of the text that was edited; "" if the request has none.
    """
    if seen and seen != text_version(comment.body):
        raise EditConflict(comment.body)
