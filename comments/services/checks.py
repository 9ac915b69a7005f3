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
    """The result of the checks of a comment: reasons to hold it, and what to store with it once it is saved.

    The reason "turned_away" means that no moderator should be asked to review it (Comment.was_blocked).
    """

    reasons: list[Reason] = field(default_factory=list)
    keep: Callable[[Comment], None] = lambda comment: None

    @classmethod
    def of_all(cls, opinions: Iterable[Self]) -> Self:
        """Join all reasons, with "turned_away" first (Comment.held_as)."""
        opinions = list(opinions)

        def keep(comment: Comment) -> None:
            for opinion in opinions:
                opinion.keep(comment)

        reasons = [reason for opinion in opinions for reason in opinion.reasons]
        return cls(sorted(reasons, key=lambda reason: reason["code"] != "turned_away"), keep)


Check = Callable[[Comment, Submission | None, str], Opinion]
"""Takes a new or changed comment, its submission, and the link that a new author will have on their profile.

Raises ValidationError with a message, or TooFast, to refuse the comment.
"""


@cache
def _checks(paths: tuple[str, ...]) -> list[tuple[str, Check]]:
    return [(path, import_string(path)) for path in paths]


def collect_opinions(
    comment: Comment,
    submission: Submission | None = None,
    link: str = "",
    *,
    only: Collection[str] | None = None,
) -> Opinion:
    """Return the combined result of all checks.

    Call its `keep` in the same transaction, after the comment is saved.

    only: the paths of the checks to run, for an edit that adds neither links nor pictures.
    """
    checks = (
        check for path, check in _checks(tuple(settings.COMMENT_CHECKS)) if only is None or path in only
    )
    return Opinion.of_all(check(comment, submission, link) for check in checks)
