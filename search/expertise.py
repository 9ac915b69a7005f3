"""Who knows about something: by what members say they can help with, and by comments for which others thanked them.

Both are there to be read already; this only joins them. So nobody is told anything of somebody that they could not see
before, and who does not want to be found so is not (docs/decisions/0118). Thanks are said of one comment, as they are
beside it, and never summed for a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log
from typing import TypeVar

from django.db.models import OuterRef, Q
from django.utils import timezone

from accounts.models import MemberTopic, User
from accounts.models.querysets import UserQuerySet, know_moderators
from comments.models import Comment
from core.utils.exists import ExistsForEach
from posts.models import Post
from search.asking import ASKED_WITH
from search.backends import backend
from search.backends.base import Sought
from search.query import LONGEST_QUERY, Phrase
from search.services import forms_of, languages
from search.words import APOSTROPHES, fold, words_of

MOST_WORDS = 10
# Of each word so many of the newest matches are looked at.
LOOKED_AT = 1_000
MOST_FOUND = 20
COMMENTS_SHOWN = 2
# What a comment counts beside what somebody says of themselves, with one thanks; it grows with the logarithm of more.
WEIGHT_OF_COMMENT = 0.35
Key = TypeVar("Key")
PLAIN_WORDS = frozenset(fold(word) for word in ASKED_WITH)


@dataclass
class Expert:
    """A member who may know, and why: topics they offer, and comments of theirs, the most fitting first."""

    member: User
    topics: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)


@dataclass
class _Clues:
    """What speaks for a member: topics and keys of comments, each with what it is worth."""

    topics: dict[str, float] = field(default_factory=dict)
    comments: dict[int, float] = field(default_factory=dict)

    @property
    def worth(self) -> float:
        """The best of each kind; the others add to it ever less."""
        kinds = (self.topics, self.comments)
        return sum(
            worth / 3**place
            for kind in kinds
            for place, worth in enumerate(sorted(kind.values(), reverse=True))
        )


def words_asked(question: str) -> list[str]:
    """What a question in plain words is about: "people who know about facilitation in large groups" → facilitation, large, groups."""
    # "quelqu’un qui s’y connaît", "who’s": apart, so that each is known.
    found = dict.fromkeys(words_of(question[:LONGEST_QUERY].translate(APOSTROPHES).replace("'", " ")))
    return [word for word in found if word not in PLAIN_WORDS][:MOST_WORDS]


def findable_by(reader: User) -> UserQuerySet:
    """Others whom this reader may find: listed, may write, an address confirmed, not muted by the reader, and willing.

    Who muted the reader is found: the muted are not told.
    """
    may_write = Q(silent_until=None) | Q(silent_until__lte=timezone.now())
    unfinished = User.objects.never_signed_in().values("pk")
    willing = User.objects.listed().filter(may_write, found_by_expertise=True)
    return willing.exclude(pk__in={reader.pk, *reader.muted_ids}).exclude(pk__in=unfinished)


def who_knows(question: str, reader: User) -> list[Expert]:
    """The best first; empty if there is no word to look for. A constant number of statements, and two for each word."""
    words = words_asked(question)
    clues: dict[int, _Clues] = {}
    _look_at_offers(words, clues)
    _look_at_comments(words, reader, clues)
    willing = set(findable_by(reader).filter(pk__in=clues).values_list("pk", flat=True))
    best = sorted(willing, key=lambda pk: (-clues[pk].worth, pk))[:MOST_FOUND]
    return _with_rows({pk: clues[pk] for pk in best})


def _matches(kind: str, words: list[str]) -> dict[str, set[int]]:
    """The rows of the index that hold each word, in whatever form."""
    found = {}
    for word in words:
        forms = forms_of(Phrase(word), kind)
        sought = Sought([forms], [], [])
        found[word] = set(backend().newest(kind, sought, below=None, limit=LOOKED_AT)) if forms else set()
    return found


def _rarity(rows: Mapping[str, set[int]]) -> dict[str, float]:
    """What each word is worth: the fewer hold it, the more it says."""
    return {word: log(1 + LOOKED_AT / (1 + len(found))) for word, found in rows.items()}


def _look_at_offers(words: list[str], clues: dict[int, _Clues]) -> None:
    rows = _matches("members", words)
    worth = _rarity(rows)
    forms = {word: [set(form) for form in forms_of(Phrase(word), "members")] for word in words}
    offers = MemberTopic.objects.filter(user__in=set().union(*rows.values()), kind=MemberTopic.Kind.HELP)
    for member, name in offers.values_list("user", "topic__name").order_by("position", "pk"):
        whole = [set(words_of(name, language)) for language in [*languages(), ""]]
        here = [word for word in words if any(form <= topic for form in forms[word] for topic in whole)]
        if here:
            # Of two topics with the same word the one that says little else fits better.
            share = len(here) / max(len(here), *map(len, whole))
            value = sum(worth[word] for word in here) * (0.5 + 0.5 * share)
            clues.setdefault(member, _Clues()).topics[name] = value


def _look_at_comments(words: list[str], reader: User, clues: dict[int, _Clues]) -> None:
    rows = _matches("comments", words)
    worth = _rarity(rows)
    seen = Comment.objects.public().discoverable_by(reader).filter(pk=OuterRef("pk"))
    # Each row is asked for itself, as in search.services._visible.
    thanked = Comment.objects.filter(
        ExistsForEach(seen.order_by()),
        pk__in=set().union(*rows.values()),
        thanks_count__gt=0,
        author__isnull=False,
    )
    thanked = thanked.exclude(post__kind=Post.Kind.MEMORIAL)  # a candle says nothing of what somebody knows
    for pk, author, thanks in thanked.order_by().values_list("pk", "author_id", "thanks_count"):
        about = sum(worth[word] for word in words if pk in rows[word])
        value = WEIGHT_OF_COMMENT * about * (1 + log(thanks))
        clues.setdefault(author, _Clues()).comments[pk] = value


def _with_rows(clues: Mapping[int, _Clues]) -> list[Expert]:
    members = User.objects.in_bulk(list(clues))
    know_moderators(members.values())
    shown = {pk: _highest(found.comments)[:COMMENTS_SHOWN] for pk, found in clues.items()}
    comments = (
        Comment.objects.select_related("post").defer("body", "html").in_bulk(sum(shown.values(), list[int]()))
    )
    return [
        Expert(members[pk], _highest(found.topics), [comments[key] for key in shown[pk] if key in comments])
        for pk, found in clues.items()
    ]


def _highest(values: Mapping[Key, float]) -> list[Key]:
    return sorted(values, key=lambda key: -values[key])
