"""The interface of settings.COMMENT_CHECKS."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Self

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from comments.models.submission import Submission
from core.utils.reasons import Reason, register_reasons

register_reasons(
    {
        "turned_away": _("It was blocked as spam; a moderator can still approve it."),
        "changed": _("The author edited it; a moderator will review it."),
    }
)


@dataclass(frozen=True)
class Opinion:
    """What checks think of a comment: reasons to hold it, and what is to be stored with it once it is saved.

    The reason "turned_away" says that nobody should be asked to look (Comment.was_turned_away).
    """

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
def _checks(paths: tuple[str, ...]) -> list[tuple[str, Check]]:
    return [(path, import_string(path)) for path in paths]


def ask_checks(
    comment: Comment,
    submission: Submission | None = None,
    link: str = "",
    *,
    only: Collection[str] | None = None,
) -> Opinion:
    """The combined result of all checks. Call `keep` in the same transaction, after the comment is saved.

    only: the paths of those to ask, for an edit that adds neither links nor pictures.
    """
    asked = (check for path, check in _checks(tuple(settings.COMMENT_CHECKS)) if only is None or path in only)
    return Opinion.of_all(check(comment, submission, link) for check in asked)
