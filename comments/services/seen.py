"""Nobody replaces a text of a comment that they have not seen: not their own from another window, and no correction."""

import hashlib

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from comments.models import Comment


class ChangedMeanwhile(ValidationError):
    """The comment says something else by now: `newer`."""

    def __init__(self, newer: str) -> None:
        self.newer = newer
        super().__init__(
            _(
                "The comment was changed while you were writing. What it says now is shown above. Save again to replace that with your text."
            ),
            code="changed",
        )


def text_version(text: str) -> str:
    """Names a text, to notice later that it is another."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def check_seen(comment: Comment, seen: str) -> None:
    """seen: the text_version of what was edited; "" where the request names none. Needs the post's lock. Raises ChangedMeanwhile."""
    if seen and seen != text_version(comment.body):
        raise ChangedMeanwhile(comment.body)
