"""The "will be notified" line: the result of `recipients_of` as text for the author."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.models.lookup import find_members
from comments.models import Comment
from comments.services.adding import comment_to_extend
from comments.services.drafts import may_have_just_written
from comments.thread.pagination import read_numbers
from core.markup.comments import render_markdown
from core.utils.punctuation import with_commas
from notifications.form_extension import addressable
from notifications.models import FanOut
from notifications.services.notify import notified_rows
from notifications.services.recipients import (
    Draft,
    FollowerCount,
    Reader,
    Recipient,
    Recipients,
    reader_of,
    recipients_of,
)
from notifications.services.verdicts import WAY_IN_WORDS
from posts.models import Post

NAMES_IN_LINE = 8
# A page that is only read counts at most this many followers; a preview counts all of them.
FOLLOWERS_ON_PAGE = 100


def _mentions_in(body: str) -> tuple[str, ...]:
    words = body[: settings.COMMENT_MAX_CHARACTERS]
    return tuple(render_markdown(words, find_members=find_members).mentions) if "@" in words else ()


def read_draft(
    post: Post, writer: User | None, *, body: str = "", parent: str = "", also: Iterable[str] = ()
) -> Draft:
    """A draft from what is being typed. Invalid input is ignored."""
    numbers = read_numbers([*also])[: settings.ALERT_ANSWERS_MAX]
    parent_pk = next(iter(read_numbers([parent])), 0)
    found = (
        {comment.pk: comment for comment in addressable(post).filter(pk__in={parent_pk, *numbers})}
        if parent_pk or numbers
        else {}
    )
    others = sorted(number for number in numbers if number in found and number != parent_pk)
    return Draft(
        post, writer, found.get(parent_pk), tuple(found[number] for number in others), _mentions_in(body)
    )


@dataclass(frozen=True)
class Line:
    """The content of the line. It contains no email addresses, and nothing about a member that is not public.

    already: for an edit, those who were notified before and are not notified again.
    """

    recipients: Recipients
    followers: FollowerCount
    already: tuple[Recipient, ...] = ()
    is_change: bool = False

    @classmethod
    def of(cls, draft: Draft, *, counts_all: bool) -> Line:
        """The line for a draft. counts_all: count all followers, not only the first FOLLOWERS_ON_PAGE."""
        recipients = recipients_of(draft)
        followers = recipients.followers
        return cls(recipients, followers.count() if counts_all else followers.count_first(FOLLOWERS_ON_PAGE))

    @classmethod
    def of_change(cls, comment: Comment, *, body: str, also: tuple[Comment, ...] = ()) -> Line:
        """The effect of an edit: the new text, and the additional parents.

        Those who will be notified are in the line, those notified before in `already`. If the comment is
        held, no one was notified before.
        """
        now = Draft.of_comment(comment)
        before = {*(reader_of(other) for other in now.also), *_readers_named(now.mentioned)}
        then = replace(
            now, also=(*now.also, *also), mentioned=() if comment.source_key else _mentions_in(body)
        )
        newly_meant = {*(reader_of(other) for other in then.also), *_readers_named(then.mentioned)} - before
        recipients = recipients_of(then)
        rows = notified_rows(comment)
        named, already = [], []
        for one in recipients.named:
            row = rows.get(one.reader)
            if row is not None and row.is_meant and not row.can_be_withdrawn:
                already.append(one)
            elif (
                (row is not None and row.is_meant)
                or one.reader in newly_meant
                or not comment.is_public
                or not one.is_notified
            ):
                named.append(one)
        is_open = not comment.is_public or FanOut.objects.filter(comment=comment, is_done=False).exists()
        followers = recipients.followers.count() if is_open else FollowerCount(Counter())
        return cls(Recipients(named, recipients.followers), followers, tuple(already), is_change=True)

    @property
    def notified(self) -> list[tuple[str, str]]:
        """Names and channel, for each channel, the quickest first."""
        return [group for group in self._by_channel() if group[0]]

    def _by_channel(self) -> Iterable[tuple[str, str]]:
        shown = {id(recipient) for recipient in self.recipients.notified[:NAMES_IN_LINE]}
        for way, words in WAY_IN_WORDS.items():
            names = [one.name for one in self.recipients.notified if one.way == way and id(one) in shown]
            yield with_commas(names), str(words)

    @property
    def further(self) -> list[Recipient]:
        """Recipients for whom the line has no room."""
        return self.recipients.notified[NAMES_IN_LINE:]

    @property
    def unreachable(self) -> list[Recipient]:
        return self.recipients.unreachable

    @property
    def follower_ways(self) -> list[tuple[int, str]]:
        """How many followers are notified in each way, without the ways that nobody chose."""
        return [
            (self.followers.by_way[way], str(words))
            for way, words in WAY_IN_WORDS.items()
            if self.followers.by_way[way]
        ]

    @property
    def followers_in_words(self) -> str:
        """The number of followers. Who they are is private."""
        if self.followers.is_more:
            return _("more than 100 followers")
        return ngettext("%(count)s follower", "%(count)s followers", self.followers.total) % {
            "count": intcomma(self.followers.total)
        }

    @property
    def digest(self) -> str:
        """A hash of the line: an unchanged one need not be announced again."""
        parts: list[Any] = [*self.notified, *((one.name, str(one.way)) for one in self.further)]
        parts += [
            *((one.name, str(one.why_not)) for one in self.unreachable),
            *(one.name for one in self.already),
        ]
        return hashlib.sha256(repr((parts, self.follower_ways, self.followers.is_more)).encode()).hexdigest()[
            :12
        ]


def line_of_addition(request: HttpRequest, draft: Draft, body: str) -> Line | None:
    """What the button "Add to your comment" would do with the draft. None if it is not offered."""
    if draft.writer is None or not may_have_just_written(request):
        return None
    earlier = comment_to_extend(draft.post, draft.writer, draft.parent)
    if earlier is None:
        return None
    return Line.of_change(earlier, body=f"{earlier.body}\n\n{body}", also=draft.also)


def digest_of(line: Line, addition: Line | None) -> str:
    return f"{line.digest}-{addition.digest}" if addition else line.digest


def _readers_named(usernames: tuple[str, ...]) -> set[Reader]:
    return (
        {(pk, "") for pk in User.objects.filter(username__in=usernames).values_list("pk", flat=True)}
        if usernames
        else set()
    )


def tickable(
    post: Post, reader: User, *, parent: Comment | None, chosen: list[int], most: int
) -> list[Comment]:
    """Comments to offer as additional parents: those chosen, then the newest others in the branch."""
    comments = addressable(post).exclude(author=reader) if reader.is_authenticated else addressable(post)
    if parent is not None:
        comments = comments.exclude(pk=parent.pk)
    found = {comment.pk: comment for comment in comments.filter(pk__in=chosen)} if chosen else {}
    ticked = [found[pk] for pk in chosen if pk in found]
    if reader.is_authenticated:
        near = comments.filter(tree_id=parent.tree_id) if parent is not None else comments
        ticked += [comment for comment in near.newest_first()[:most] if comment.pk not in found]
    return ticked
