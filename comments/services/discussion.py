"""The discussion settings of a post, applied to those who comment (docs/decisions/0074)."""

from datetime import timedelta
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Model, OuterRef, QuerySet, Subquery
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from comments.models import Comment, Discussion, DiscussionDefaults, Policy, Rules
from comments.models.discussion import DEFAULT_CHOICE, Choice
from comments.models.submission import Submission
from comments.services.checks import Opinion
from core.prepared import A_NUMBER, Prepared
from core.utils.dates import date_format
from core.utils.locks import lock_row
from core.utils.ratelimit import TooFast, check_rates
from core.utils.reasons import register_reasons
from posts.models import Post

register_reasons(
    {
        "policy_all": gettext_lazy("All comments on this post are reviewed before they appear."),
        "policy_first": gettext_lazy("Each person’s first comment is reviewed before it appears."),
    }
)


AnyQuerySet = TypeVar("AnyQuerySet", bound=QuerySet[Any])
DEFAULT_FIELDS = ("policy", "known_days", "close_after_days")
# Attribute of a post: its rules, if they were read just now.
KNOWN_RULES = "_rules_known"
# Attribute of a comment: the policy by which it was checked.
ASKED_POLICY = "_policy_asked"


class SlowMode(TooFast):
    """Slow mode is on: one comment per member in a number of minutes."""

    def __init__(self, wait_seconds: int, minutes: int) -> None:
        super().__init__(wait_seconds)
        self.minutes = minutes


def with_choices(rows: AnyQuerySet, post: str = "pk") -> AnyQuerySet:
    """Annotate rows with the settings of their post and the defaults. post: the lookup of the post's key."""
    own = Discussion.objects.filter(post=OuterRef(post))
    default = DiscussionDefaults.objects.filter(pk=1)
    columns = {f"own_{name}": Subquery(own.values(name)) for name in Choice._fields}
    columns |= {f"default_{name}": Subquery(default.values(name)) for name in DEFAULT_FIELDS}
    return rows.annotate(**columns)


def rules_beside(row: Model | None, post: Post) -> Rules:
    """The rules of the post, from a row of `with_choices`."""
    columns: dict[str, Any] = vars(row) if row is not None else {}
    own: dict[str, Any] = {name: columns.get(f"own_{name}") for name in Choice._fields}
    default: dict[str, Any] = {name: columns.get(f"default_{name}") for name in DEFAULT_FIELDS}
    return Rules.of(
        Choice(**own)._replace(policy=own["policy"] or "", slow_minutes=own["slow_minutes"] or 0),
        DEFAULT_CHOICE if default["policy"] is None else Choice(**default),
        comments_open=post.comments_open,
        published_at=post.published_at,
    )


_chosen: Prepared[Post] = Prepared(
    lambda post: with_choices(Post.objects.filter(pk=post)).only("pk"), post=A_NUMBER
)


def rules_of(post: Post) -> Rules:
    """The rules of the post, read in one query."""
    return rules_beside(_chosen.first(post=post.pk), post)


def set_rules(row: Model, post: Post) -> None:
    """Give the checks of a comment the rules from a row of `with_choices`, which saves them a query."""
    post.__dict__[KNOWN_RULES] = rules_beside(row, post)


def is_exempt(author: User) -> bool:
    """Whether the discussion rules do not apply to the author, who is a host or moderator."""
    return author.is_host or author.is_moderator


def check_open(post: Post, rules: Rules | None = None, *, even_if_closed: bool = False) -> Rules:
    """Return the rules, and keep them for the checks that follow. Raises ValidationError (code "closed").

    rules: those read just now, if any. even_if_closed: require only that the post is published.
    """
    rules = post.__dict__[KNOWN_RULES] = rules or rules_of(post)
    if not (post.is_published and (rules.is_open or even_if_closed)):
        raise ValidationError(
            _(
                "Comments were closed while you were writing. Your text is below; copy it if you want to keep it."
            ),
            code="closed",
        )
    return rules


def check_visitor(post: Post) -> None:
    """Raises ValidationError (codes "closed", "members") if visitors can't comment on the post."""
    if not check_open(post).takes_visitors:
        raise ValidationError(
            _("Only members can comment here. Sign in to post: your text is kept."), code="members"
        )


def check_place(rules: Rules, author: User, parent: Comment | None, *, even_if_closed: bool = False) -> None:
    """Check that this member may comment in this place. Needs the lock of the post.

    Raises ValidationError (codes "branch_closed", "too_new").
    """
    if parent is not None and not even_if_closed:
        check_branch(parent)
    if rules.known_since is not None and author.date_joined > rules.known_since and not is_exempt(author):
        raise ValidationError(_too_new(rules, author), code="too_new")


def check_branch(parent: Comment) -> None:
    """Raises ValidationError (code "branch_closed") if a moderator closed the replies."""
    if closed_above(parent):
        raise ValidationError(
            _(
                "Replies to this comment were closed by a moderator. Your text is below; you can post it as a new comment."
            ),
            code="branch_closed",
        )


def check_slow_mode(rules: Rules, post: Post, author: User) -> None:
    """Raises SlowMode if this member commented too recently. Needs the lock of the post."""
    if rules.slow_minutes and not is_exempt(author):
        try:
            check_rates(Comment.objects.for_post(post).by(author), [(1, rules.slow_minutes * 60)])
        except TooFast as error:
            raise SlowMode(error.wait_seconds, rules.slow_minutes) from None


def _too_new(rules: Rules, author: User) -> str:
    day = date_format(localtime(author.date_joined + timedelta(days=rules.known_days)), "DATETIME_FORMAT")
    message = ngettext(
        "Only people who have been members for %(count)d day can comment here. You can from %(day)s. Your text is below.",
        "Only people who have been members for %(count)d days can comment here. You can from %(day)s. Your text is below.",
        rules.known_days,
    )
    return message % {"count": rules.known_days, "day": day}


def closed_above(comment: Comment) -> bool:
    """Whether a moderator closed the branch of this comment.

    Without a query if it was read with the comment.
    """
    known: bool | None = vars(comment).get("is_closed_above")
    if known is not None:
        return known
    above = Comment.objects.filter(
        tree_id=comment.tree_id, lft__lte=comment.lft, rght__gte=comment.rght, post=comment.post_id
    )
    return above.exclude(closed_at=None).exists()


def hold_by_policy(comment: Comment, submission: Submission | None = None, link: str = "") -> Opinion:
    """For COMMENT_CHECKS: hold comments that the host wants to review first."""
    author = comment.author
    if author is not None and is_exempt(author):
        return Opinion()
    rules = comment.post.__dict__.get(KNOWN_RULES) or rules_of(comment.post)
    comment.__dict__[ASKED_POLICY] = rules.policy
    code = held_by(rules, author)
    return Opinion([{"code": code}]) if code else Opinion()


def held_by(rules: Rules, author: User | None) -> str:
    """The code of the reason to hold a comment of this member, or of a guest (None); "" for none."""
    if rules.policy == Policy.ALL:
        return "policy_all"
    if rules.policy == Policy.FIRST and not (author and Comment.objects.by(author).public().exists()):
        return "policy_first"
    return ""


def will_be_held(post: Post, author: User) -> bool:
    """Whether every comment of this member on this post is held for review."""
    return not is_exempt(author) and bool(held_by(rules_of(post), author))


def choose_rules(post: Post, **choices: object) -> None:
    """Store the settings of a post, as columns of Discussion."""
    with transaction.atomic():
        lock_row(Post.objects, post.pk)
        Discussion.objects.update_or_create(post=post, defaults=choices)
        # Requests that read the rules before this read them again (comments/services/parents.py).
        Post.objects.filter(pk=post.pk).update(thread_version=F("thread_version") + 1)


def choose_defaults(defaults: DiscussionDefaults) -> None:
    """Save the rules of all posts without a choice of their own. They are one row."""
    defaults.pk = 1
    defaults.save()
