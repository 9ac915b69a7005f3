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
# How many of the member's newest replies are looked at, whether or not they belong to an exchange: a member with
# 20,000 comments whom few answer would otherwise read all of them.
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
    """Contacts with enough exchanges by member id, the latest first. One query, however many comments."""
    contacts: dict[int, Contact] = {}
    found = _exchanges(member, looked_at)
    for other, pk, when, exchanges in sorted(found, key=lambda row: (row[2], row[1]), reverse=True):
        if contact := contacts.get(other):
            contact.exchanges += exchanges
        else:
            contacts[other] = Contact(exchanges, pk, when)
    return {other: contact for other, contact in contacts.items() if contact.exchanges >= MIN_EXCHANGES}


def _replies(member: User) -> CommentQuerySet:
    """The member's public replies to public comments by others, newest first.

    With the author of that comment as `other`, and whether it answers one of the member's own (`is_answer`). They
    are read in the order of an index until there are enough. Conditions on other comments are subqueries for each
    row: with joins, PostgreSQL without statistics would expect few rows and read all comments.
    """
    parents = Comment.objects.public().filter(pk=OuterRef("parent")).order_by()
    # COALESCE hides the author from the planner: PostgreSQL would read all of the member's comments for each.
    answered = parents.alias(by=Coalesce("parent__author", "parent__author"))
    answered = answered.filter(parent__status="public", by=member.pk)
    own = Comment.objects.public_of_all().by(member).on_readable_posts(member).filter(ExistsForEach(parents))
    own = own.annotate(other=Subquery(parents.values("author")), is_answer=ExistsForEach(answered))
    return own.order_by("-created_at")


def _exchanges(member: User, looked_at: int) -> Iterator[tuple[int, int, datetime, int]]:
    """(the other, the comment that completed the exchange, its time, how many): answers by the member, and to them.

    All three comments of each are public, on posts the member may read. Several answers to one reply are one row.
    """
    # COALESCE hides the author from the planner: SQLite would read all comments of each.
    answers = Comment.objects.public_of_all().alias(by=Coalesce("author", "author")).order_by()
    theirs = answers.filter(parent=OuterRef("pk"), by=OuterRef("other")).values("parent")
    # Aggregates, not the first in order: no index has the answers to a comment by time.
    newest = theirs.annotate(newest=Max("created_at")).values("newest")
    last = theirs.filter(created_at=OuterRef("last_at")).annotate(last=Max("pk")).values("last")
    count = theirs.annotate(count=Count("*")).values("count")
    rows = _replies(member).annotate(last_at=Subquery(newest))
    rows = rows.annotate(last=Subquery(last), count=Subquery(count))
    columns = ("other", "pk", "created_at", "is_answer", "last", "last_at", "count")
    for other, pk, when, is_answer, last_pk, last_at, number in rows.values_list(*columns)[:looked_at]:
        if other not in {None, member.pk}:
            if is_answer:
                yield other, pk, when, 1
            if last_pk is not None:
                yield other, last_pk, last_at, number


def known_people(member: User, keys: Iterable[int]) -> Mapping[int, User]:
    """Those the member may be reminded of: listed, and not muted by them.

    People who muted the member are included, because muting is not revealed.
    """
    return User.objects.listed().exclude(pk__in=member.muted_ids).in_bulk(list(keys))


def partners_of(member: User) -> list[Partner]:
    """The contacts for the page, latest first. Four queries; more if many of the latest are not listed."""
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
