"""Opening a poll or proposal: a comment and its additional rows in one transaction."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from comments.models import Comment
from comments.services.writing import publish_comment
from core.utils.urls import absolute_url
from decisions.models import Decision, DecisionSettings, Option, make_key
from posts.models import Post

KEY = re.compile(r"\A[\w-]{8,16}\Z", re.ASCII)
# Characters in an option that Markdown would interpret.
SPECIAL = re.compile(r"([\\`*\[\]<>#~|]|(?<!\w)_|_(?!\w))")
# The start of a list item: "3. October", "- none of these".
LISTED = re.compile(r"\A(\d*)([-+.)])(?=\s|\Z)")
# The former escaping, used by comments that may still be awaiting review.
FORMER = re.compile(r"([\\`*_\[\]<>#~|])")


def is_host(user: Any) -> bool:
    """Whether the user may open, close and settle every decision."""
    return bool(user.is_authenticated and user.is_staff and user.has_perm("decisions.change_decision"))


def may_ask(user: Any) -> bool:
    """Hosts may open polls and proposals; members too if the host allows it."""
    return is_host(user) or bool(user.is_authenticated and DecisionSettings.current().members_ask)


def may_settle(decision: Decision, user: Any) -> bool:
    """Whether they may close it, advance a proposal, and state its outcome: its author, and hosts."""
    return bool(user.is_authenticated and (decision.comment.author_id == user.pk or is_host(user)))


@dataclass(frozen=True)
class Plan:
    """The content of the form. opens_at: None for now."""

    kind: str
    title: str
    text: str = ""
    options: list[str] = field(default_factory=list)
    method: str = ""
    most: int | None = None
    is_secret: bool = False
    shows_early: bool = False
    stage: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None

    def decision(self, key: str) -> Decision:
        """The unsaved row, without its comment and options."""
        return Decision(
            key=key,
            kind=self.kind,
            title=self.title,
            text=self.text,
            method=self.method,
            most=self.most,
            is_secret=self.is_secret,
            shows_early=self.shows_early,
            stage=self.stage,
            opens_at=self.opens_at or timezone.now(),
            closes_at=self.closes_at,
        )

    def body(self, path: str) -> str:
        """The text of the comment. Its last line links to the page of the decision."""
        parts = [f"**{_plain(self.title)}**", self.text]
        parts += ["\n".join(f"- {_plain(option)}" for option in self.options)]
        label = (
            _("Vote and see the results")
            if self.kind == Decision.Kind.POLL
            else _("Say what you think of it")
        )
        return "\n\n".join(filter(None, [*parts, f"[{label}]({absolute_url(path)})"]))


def _plain(text: str) -> str:
    return LISTED.sub(r"\1\\\2", SPECIAL.sub(r"\\\1", text))


def _contains(body: str, text: str) -> bool:
    return _plain(text) in body or FORMER.sub(r"\\\1", text) in body


def _asks_the_same(there: Decision, plan: Plan, post: Post) -> bool:
    options = list(there.options.order_by("position").values_list("text", flat=True))
    wanted = (plan.kind, plan.title, plan.text, plan.method, plan.is_secret, list(plan.options), post.pk)
    found = (
        there.kind,
        there.title,
        there.text,
        there.method,
        there.is_secret,
        options,
        there.comment.post_id,
    )
    return found == wanted


def open_decision(plan: Plan, *, post: Post, by: User, key: str) -> Decision:
    """Publish a decision under the post.

    key: generated with the form, so that a form sent twice opens one decision. If it was changed in between
    (with the browser's back button), it opens another. Raises ValidationError (codes "may_not_ask",
    "too_long" and those of publish_comment) and TooFast.
    """
    if not may_ask(by):
        raise ValidationError(_("Only hosts can open polls and proposals here."), code="may_not_ask")
    there = Decision.objects.filter(key=key).select_related("comment").first()
    if there is not None and there.comment.author_id == by.pk and _asks_the_same(there, plan, post):
        return there
    decision = plan.decision(key if there is None else make_key())
    body = plan.body(decision.get_absolute_url())
    if len(body) > settings.COMMENT_MAX_CHARACTERS:
        raise ValidationError(_("Text and options are too long together. Shorten them."), code="too_long")

    def store(comment: Comment) -> None:
        # An identical comment may have been posted by hand before; then the poll belongs to that comment.
        if comment.is_repeated and Decision.objects.filter(comment=comment).exists():
            return
        decision.comment = comment
        decision.save(force_insert=True)
        Option.objects.bulk_create(
            Option(decision=decision, position=number, text=text)
            for number, text in enumerate(plan.options, 1)
        )

    comment = publish_comment(post=post, author=by, body=body, and_store=store)
    return Decision.objects.with_all().get(comment=comment)


def drop_removed_texts(comment: Comment) -> None:
    """When a held comment is approved, drop title and options that its author has since removed from it.

    The moderator has read the comment only. A decision that was public before, with votes or positions, does
    not change.
    """
    decision = Decision.objects.filter(comment=comment, voters=None, positions=None, ballots=0).first()
    if decision is None:
        return
    texts = [decision.title, *decision.options.values_list("text", flat=True)]
    if not all(_contains(comment.body, text) for text in texts):
        decision.delete()
