"""A member’s regular contacts: people with whom they had several exchanges.

An exchange is a reply and an answer to it between two people: Ada writes, Bob replies, Ada answers. It counts
in both directions. The contacts are shown to the member only, and are computed from comments they can read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import Count, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.models.querysets import set_moderator_flags
from comments.models import Comment
from comments.models.querysets import CommentQuerySet
from core.utils.exists import ExistsForEach

MIN_EXCHANGES = 3
# How many exchanges are read for each direction, those with the member's newest comments.
LOOKED_AT = 10_000
# The same for the contacts page, which has to be fast.
LOOKED_AT_FOR_PAGE = 1_000
PEOPLE_SHOWN = 100


@dataclass
class Contact:
    """last: the id of the comment that completed the last exchange; last_at: its time."""

    exchanges: int
    last: int
    last_at: datetime


@dataclass(frozen=True)
class Partner:
    """A regular contact, and the comment that completed the last exchange."""

    member: User
    last: Comment


def contacts_of(member: User, looked_at: int = LOOKED_AT) -> dict[int, Contact]:
    """Contacts with enough exchanges by member id, the latest first. Two queries, however many comments."""
    contacts: dict[int, Contact] = {}
    found = (*_answered(member, looked_at), *_received(member, looked_at))
    for other, pk, when, exchanges in sorted(found, key=lambda row: (row[2], row[1]), reverse=True):
        if contact := contacts.get(other):
            contact.exchanges += exchanges
        else:
            contacts[other] = Contact(exchanges, pk, when)
    return {other: contact for other, contact in contacts.items() if contact.exchanges >= MIN_EXCHANGES}


def _own(member: User) -> CommentQuerySet:
    """The member's public comments that reply to one, newest first, each with the author of that as `other`.

    They are read in the order of an index until there are enough. Conditions on other comments are subqueries for
    each row: with joins, PostgreSQL without statistics would expect few rows and read all comments.
    """
    parents = Comment.objects.public().filter(pk=OuterRef("parent")).order_by()
    own = Comment.objects.public_of_all().by(member).on_readable_posts(member).filter(ExistsForEach(parents))
    return own.annotate(other=Subquery(parents.values("author"))).order_by("-created_at")


def _answered(member: User, looked_at: int) -> Iterator[tuple[int, int, datetime, int]]:
    """(the other, the comment that completed the exchange, its time, 1): the member's answers to replies.

    All three comments of each are public, on posts the member may read.
    """
    # COALESCE hides the author from the planner: PostgreSQL would read all of the member's comments for each.
    replied_to = Comment.objects.public().alias(by=Coalesce("parent__author", "parent__author")).order_by()
    replied_to = replied_to.filter(pk=OuterRef("parent"), parent__status="public", by=member.pk)
    own = _own(member).filter(ExistsForEach(replied_to))
    for other, pk, when in own.values_list("other", "pk", "created_at")[:looked_at]:
        if other not in {None, member.pk}:
            yield other, pk, when, 1


def _received(member: User, looked_at: int) -> Iterator[tuple[int, int, datetime, int]]:
    """The same for answers to the member's replies, with the number of answers to each."""
    # COALESCE hides the author from the planner: SQLite would read all comments of each.
    answers = Comment.objects.public_of_all().alias(by=Coalesce("author", "author")).order_by()
    answers = answers.filter(parent=OuterRef("pk"))
    theirs = answers.filter(by=OuterRef("other")).values("parent")
    # Aggregates, not the first in order: no index has the answers to a comment by time.
    newest = theirs.annotate(newest=Max("created_at")).values("newest")
    last = theirs.filter(created_at=OuterRef("last_at")).annotate(last=Max("pk")).values("last")
    own = _own(member).filter(ExistsForEach(answers)).annotate(last_at=Subquery(newest))
    count = theirs.annotate(count=Count("*")).values("count")
    rows = own.annotate(last=Subquery(last), count=Subquery(count))
    rows = rows.values_list("other", "last", "last_at", "count")
    for other, pk, when, number in rows[:looked_at]:
        if other not in {None, member.pk} and pk is not None:
            yield other, pk, when, number


def known_people(member: User, keys: Iterable[int]) -> Mapping[int, User]:
    """Those the member may be reminded of: listed, and not muted by them.

    People who muted the member are included, because muting is not revealed.
    """
    return User.objects.listed().exclude(pk__in=member.muted_ids).in_bulk(list(keys))


def partners_of(member: User) -> list[Partner]:
    """The contacts for the page, latest first. Five queries; more if many of the latest are not listed."""
    contacts = contacts_of(member, LOOKED_AT_FOR_PAGE)
    people: dict[int, User] = {}
    rest = iter(contacts)
    while len(people) < PEOPLE_SHOWN and (keys := [*islice(rest, PEOPLE_SHOWN)]):
        people |= known_people(member, keys)
    shown = [pk for pk in contacts if pk in people][:PEOPLE_SHOWN]
    set_moderator_flags(people[pk] for pk in shown)
    last = (
        Comment.objects.select_related("post")
        .defer("body", "html")
        .in_bulk([contacts[pk].last for pk in shown])
    )
    return [Partner(people[pk], last[contacts[pk].last]) for pk in shown if contacts[pk].last in last]
