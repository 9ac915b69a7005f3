"""The host's own lists of words, domains and links (moderation.models.CommentRule).

They work independently of the spam filter.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comments.models import Comment
from comments.models.submission import Submission
from comments.services.checks import Opinion
from core.prepared import Prepared
from core.utils.reasons import Reason, register_reasons
from moderation.models import CommentRule
from moderation.services.blocklist import domains_above, hosts_named
from moderation.spamfilter.given import given_for

register_reasons(
    {
        "own_word": gettext_lazy("Contains a word from the host’s list."),
        "own_domain": gettext_lazy("Links to a domain from the host’s list."),
        "own_links": gettext_lazy("Has more links than the host allows without review."),
    }
)


_all_rules: Prepared[CommentRule] = Prepared(CommentRule.objects.all)


def apply_own_lists(comment: Comment, submission: Submission | None = None, link: str = "") -> Opinion:
    """Hold or refuse what is on the host's lists (for COMMENT_CHECKS).

    The host and moderators are exempt. Raises ValidationError (codes "own_word", "own_domain", "own_links")
    for the form.
    """
    author = comment.author
    if author is not None and (author.is_host or author.is_moderator):
        return Opinion()
    if not given_for(comment).has_own_rules:
        return Opinion()
    hits = hits_of(_all_rules.all(), comment, link)
    for rule in hits:
        if rule.refuses:
            raise ValidationError(refusal(rule), code=f"own_{rule.kind}")
    return Opinion(
        [_reason(kind, hits) for kind in CommentRule.Kind if any(rule.kind == kind for rule in hits)]
    )


def hits_of(rules: list[CommentRule], comment: Comment, link: str = "") -> list[CommentRule]:
    """The rules that match a comment."""
    words = [rule for rule in rules if rule.kind == CommentRule.Kind.WORD]
    domains = {rule.value: rule for rule in rules if rule.kind == CommentRule.Kind.DOMAIN}
    hits = [rule for rule in rules if rule.limit is not None and comment.link_count > rule.limit]
    if words:
        text = folded(comment.body)
        hits += [rule for rule in words if contains_term(rule.value, text)]
    if domains:
        hosts = hosts_named(comment, link)
        linked = {name for host in hosts for name in domains_above(host)} & domains.keys()
        hits += [domains[name] for name in sorted(linked)]
    return hits


def folded(text: str) -> str:
    """The text without differences that readers do not see: case, compatibility forms, kinds of spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def contains_term(value: str, text: str) -> bool:
    """Whether a folded text contains the word or phrase as a whole. A final "*" matches any ending."""
    word = value.rstrip("*")
    if word not in text:
        return False
    before = r"(?<!\w)" if word[:1].isalnum() else ""
    after = "" if value.endswith("*") or not word[-1:].isalnum() else r"(?!\w)"
    return re.search(before + re.escape(word) + after, text) is not None


def _reason(kind: str, hits: list[CommentRule]) -> Reason:
    marks = [rule.value for rule in hits if rule.kind == kind and rule.value]
    reason: Reason = {"code": f"own_{kind}"}
    return reason | {"marks": marks} if marks else reason


def refusal(rule: CommentRule) -> str:
    """The error message at the field."""
    if rule.kind == CommentRule.Kind.LINKS:
        message = ngettext(
            "Comments can have up to %(count)d link here. Remove some to post your comment.",
            "Comments can have up to %(count)d links here. Remove some to post your comment.",
            rule.limit or 0,
        ) % {"count": rule.limit}
    elif rule.kind == CommentRule.Kind.DOMAIN:
        message = _("Links to %(domain)s aren’t allowed here. Remove the link to post your comment.") % {
            "domain": rule.value
        }
    else:
        message = _("Comments with “%(word)s” aren’t accepted here. Change it to post your comment.") % {
            "word": rule.value.rstrip("*")
        }
    return f"{message} {rule.note}".strip()
