"""What every check needs besides the comment, read in one query, because it rarely changes."""

from typing import NamedTuple

from comments.models import Comment
from core.prepared import fetch_one
from moderation.models import ModerationSettings
from moderation.spamfilter.engine.classifier import MODEL_VERSION
from moderation.spamfilter.engine.scorer import Thresholds

GIVEN = """
    SELECT (SELECT version FROM moderation_learnerstate WHERE id = 1 AND model_version = %(model)s),
           EXISTS (SELECT 1 FROM moderation_lesson),
           EXISTS (SELECT 1 FROM moderation_commentrule),
           chosen.hold_percent, chosen.reject_percent
      FROM (SELECT 1 AS one) AS one_row LEFT JOIN moderation_moderationsettings AS chosen ON chosen.id = 1
"""


class Given(NamedTuple):
    # The version of the classifier; None if nothing was learned with the current features.
    learned: int | None
    # Whether there is any decision to compare texts with.
    has_samples: bool
    has_own_rules: bool
    thresholds: Thresholds


def given_for(comment: Comment) -> Given:
    """While a comment is not stored yet, this is read once, however many checks ask."""
    if comment.pk:
        return read_given()
    known: Given | None = comment.__dict__.get("given_to_checks")
    if known is None:
        known = comment.__dict__["given_to_checks"] = read_given()
    return known


def read_given() -> Given:
    row = fetch_one(GIVEN, {"model": MODEL_VERSION})
    if row is None:
        raise LookupError("A statement without a condition gives one row.")
    learned, has_samples, has_own_rules, hold, reject = row
    return Given(learned, bool(has_samples), bool(has_own_rules), thresholds_of(hold, reject))


def thresholds_of(hold: int | None, reject: int | None) -> Thresholds:
    """Thresholds from percentages. None: the defaults."""
    if hold is None or reject is None:
        usual = ModerationSettings()
        hold, reject = usual.hold_percent, usual.reject_percent
    return Thresholds(hold / 100, reject / 100 if reject < 100 else 1.01)
