"""The interface of settings.COMMENT_CHECKS."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import NotRequired, Self, TypedDict

from django.conf import settings
from django.utils.module_loading import import_string

from comments.models import Comment
from comments.models.submission import Submission


class Reason(TypedDict):
    """Why a comment should be held: a code for programs, a sentence for people.

    The code "turned_away" means blocked as spam: see Comment.was_turned_away.
    """

    code: str
    text: str
    # The decision about another comment that made this one wait; only its undoing looks at it.
    decision: NotRequired[int]


@dataclass(frozen=True)
class Opinion:
    """The result of the checks: reasons to hold a comment, and what is to be stored with it after saving."""

    reasons: list[Reason] = field(default_factory=list)
    keep: Callable[[Comment], None] = lambda comment: None

    @classmethod
    def of_all(cls, opinions: Iterable[Self]) -> Self:
        """All reasons, "turned_away" before all else (Comment.held_as)."""
        opinions = list(opinions)

        def keep(comment: Comment) -> None:
            for opinion in opinions:
                opinion.keep(comment)

        reasons = [reason for opinion in opinions for reason in opinion.reasons]
        return cls(sorted(reasons, key=lambda reason: reason["code"] != "turned_away"), keep)


Check = Callable[[Comment, Submission | None, str], Opinion]
"""Takes an unsaved or changed comment, how it arrived, and the link that its new author would have on their profile.

Raises ValidationError, in words, and TooFast for what is refused.
"""


@cache
def _checks() -> list[Check]:
    return [import_string(path) for path in settings.COMMENT_CHECKS]


def ask_checks(comment: Comment, submission: Submission | None = None, link: str = "") -> Opinion:
    """The combined result of all checks. Call `keep` in the same transaction, after the comment is saved."""
    return Opinion.of_all(check(comment, submission, link) for check in _checks())
