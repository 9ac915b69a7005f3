"""A hint to members whose comment looks like advertising but would be published (settings.COMMENT_HINTS)."""

from django.utils.translation import gettext as _

from comments.models import Comment
from moderation.services.trust import trust_of
from moderation.spamfilter import training
from moderation.spamfilter.checks import material_of
from moderation.spamfilter.engine.classifier import untaught
from moderation.spamfilter.engine.history import NoHistory
from moderation.spamfilter.engine.scorer import Scorer, Verdict
from moderation.spamfilter.engine.text import Material

# Reasons of the spam filter that concern what a text sells, besides the offers.
SELLING = frozenset({"self_promotion", "call_to_act", "referral", "phone"})
# In log-odds: one clear signal, or several weak ones.
ENOUGH = 1.2


def looks_like_advert(comment: Comment) -> str:
    """The hint, or "". No hint if the filter holds the comment, because a moderator reads it anyway."""
    if comment.author is None or _selling(_by_text_alone(comment)) < ENOUGH:
        return ""
    comment.set_body(comment.body)
    verdict = training.current_scorer().score(material_of(comment, trust_of(comment.author)))
    if verdict.outcome != "publish" or _selling(verdict) < ENOUGH:
        return ""
    return _(
        "This could be read as an advert. If you recommend something of your own, say so, and say how it helps here."
    )


def _by_text_alone(comment: Comment) -> Verdict:
    """The verdict of the rules alone. Most comments sell nothing and need no query."""
    return Scorer(training.checks(), untaught(), NoHistory()).score(Material(text=comment.body))


def _selling(verdict: Verdict) -> float:
    """How much of the verdict concerns what the text sells, in log-odds."""
    return sum(
        signal.weight
        for signal in verdict.reasons
        if signal.code.startswith("offer_") or signal.code in SELLING
    )
