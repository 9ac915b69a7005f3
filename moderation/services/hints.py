"""A gentle word to members whose comment reads like an advert and would be published all the same (settings.COMMENT_HINTS)."""

from django.utils.translation import gettext as _

from comments.models import Comment
from moderation.services.trust import trust_of
from moderation.spamfilter import training
from moderation.spamfilter.checks import material_of

# Reasons of the spam filter that are about what a text sells, besides the offers.
SELLING = frozenset({"self_promotion", "call_to_act", "referral", "phone"})
# In log-odds: one clear signal, or several weak ones.
ENOUGH = 1.2


def looks_like_advert(comment: Comment) -> str:
    """Nothing where the filter holds the comment: then a moderator reads it anyway."""
    if comment.author is None:
        return ""
    standing = trust_of(comment.author)
    verdict = training.current_scorer().score(material_of(comment, standing))
    is_read = verdict.outcome != "publish"
    weight = sum(
        signal.weight
        for signal in verdict.reasons
        if signal.code.startswith("offer_") or signal.code in SELLING
    )
    if is_read or weight < ENOUGH:
        return ""
    return _(
        "This could be read as an advert. If you recommend something of your own, say so, and say how it helps here."
    )
