"""Finds members who know about something, by topics they offer and by comments that others thanked for.

Both can be read anyway; this only joins them. So no one learns anything new about a member, and members can
opt out (docs/decisions/0118). Thanks are shown per comment, as beside it, and never totalled for a member.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log
from typing import TypeVar

from django.db.models import OuterRef, Q
from django.utils import timezone

from accounts.models import MemberTopic, User
from accounts.models.querysets import UserQuerySet, set_moderator_flags
from comments.models import Comment
from core.utils.exists import ExistsForEach
from posts.models import Post
from search.asking import ASKED_WITH
from search.backends import backend
from search.backends.base import SearchTerms
from search.query import LONGEST_QUERY, Phrase
from search.services import forms_of, languages
from search.words import APOSTROPHES, fold, words_of

MAX_WORDS = 10
# How many of the newest matches of each word are read.
LOOKED_AT = 1_000
MAX_FOUND = 20
COMMENTS_SHOWN = 2
# The weight of a comment with one thanks, compared to an offer; it grows with the logarithm of their number.
WEIGHT_OF_COMMENT = 0.35
Key = TypeVar("Key")
PLAIN_WORDS = frozenset(fold(word) for word in ASKED_WITH)


@dataclass
class Expert:
    """A member who may know, and why: topics they offer, and their comments, the best match first."""

    member: User
    topics: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)


@dataclass
class _Clues:
    """Evidence for a member: topics and keys of comments, each with its weight."""

    topics: dict[str, float] = field(default_factory=dict)
    comments: dict[int, float] = field(default_factory=dict)

    @property
    def worth(self) -> float:
        """The best of each kind counts fully, the others less and less."""
        kinds = (self.topics, self.comments)
        return sum(
            worth / 3**place
            for kind in kinds
            for place, worth in enumerate(sorted(kind.values(), reverse=True))
        )


def query_words(question: str) -> list[str]:
    """The words that a question is about.

    For "people who know about facilitation in large groups" they are facilitation, large, groups.
    """
    # "quelqu’un qui s’y connaît", "who’s": separated, so that each part is recognised.
    found = dict.fromkeys(words_of(question[:LONGEST_QUERY].translate(APOSTROPHES).replace("'", " ")))
    return [word for word in found if word not in PLAIN_WORDS][:MAX_WORDS]


def findable_by(reader: User) -> UserQuerySet:
    """Others whom this reader may find: listed, not suspended, confirmed, willing, not muted by the reader.

    Members who muted the reader are included, because the muted must not notice it.
    """
    may_write = Q(silent_until=None) | Q(silent_until__lte=timezone.now())
    unfinished = User.objects.never_signed_in().values("pk")
    willing = User.objects.listed().filter(may_write, found_by_expertise=True)
    return willing.exclude(pk__in={reader.pk, *reader.muted_ids}).exclude(pk__in=unfinished)


def find_experts(question: str, reader: User) -> list[Expert]:
    """The best first; empty if there is no word to search for.

    A constant number of queries, and two per word.
    """
    words = query_words(question)
    clues: dict[int, _Clues] = {}
    _look_at_offers(words, clues)
    _look_at_comments(words, reader, clues)
    willing = set(findable_by(reader).filter(pk__in=clues).values_list("pk", flat=True))
    best = sorted(willing, key=lambda pk: (-clues[pk].worth, pk))[:MAX_FOUND]
    return _with_rows({pk: clues[pk] for pk in best})


def _matches(kind: str, words: list[str]) -> dict[str, set[int]]:
    """The indexed rows that contain each word, in any form."""
    found = {}
    for word in words:
        forms = forms_of(Phrase(word), kind)
        sought = SearchTerms([forms], [], [])
        found[word] = set(backend().newest(kind, sought, below=None, limit=LOOKED_AT)) if forms else set()
    return found


def _rarity(rows: Mapping[str, set[int]]) -> dict[str, float]:
    """The weight of each word: the rarer, the higher."""
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
            # If two topics contain the word, the one with fewer other words fits better.
            share = len(here) / max(len(here), *map(len, whole))
            value = sum(worth[word] for word in here) * (0.5 + 0.5 * share)
            clues.setdefault(member, _Clues()).topics[name] = value


def _look_at_comments(words: list[str], reader: User, clues: dict[int, _Clues]) -> None:
    rows = _matches("comments", words)
    worth = _rarity(rows)
    seen = Comment.objects.public().discoverable_by(reader).filter(pk=OuterRef("pk"))
    # EXISTS for each row, as in search.visibility.
    thanked = Comment.objects.filter(
        ExistsForEach(seen.order_by()),
        pk__in=set().union(*rows.values()),
        thanks_count__gt=0,
        author__isnull=False,
    )
    thanked = thanked.exclude(post__kind=Post.Kind.MEMORIAL)  # a candle says nothing about knowledge
    for pk, author, thanks in thanked.order_by().values_list("pk", "author_id", "thanks_count"):
        about = sum(worth[word] for word in words if pk in rows[word])
        value = WEIGHT_OF_COMMENT * about * (1 + log(thanks))
        clues.setdefault(author, _Clues()).comments[pk] = value


def _with_rows(clues: Mapping[int, _Clues]) -> list[Expert]:
    members = User.objects.in_bulk(list(clues))
    set_moderator_flags(members.values())
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
