"""A member’s regular contacts: people with whom they had several exchanges.

An exchange is a reply and an answer to it between two people: Ada writes, Bob replies, Ada answers. It counts
in both directions. The contacts are shown to the member only, and are computed from comments they can read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.models.querysets import set_moderator_flags
from comments.models import Comment
from comments.models.querysets import CommentQuerySet
from core.utils.among import Among, key_list
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
    """Contacts with enough exchanges by member id, the latest first. Two queries, however many comments."""
    contacts: dict[int, Contact] = {}
    found = _exchanges(member, looked_at)
    for other, pk, when in sorted(found, key=lambda row: (row[2], row[1]), reverse=True):
        if contact := contacts.get(other):
            contact.exchanges += 1
        else:
            contacts[other] = Contact(1, pk, when)
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


def _exchanges(member: User, looked_at: int) -> Iterator[tuple[int, int, datetime]]:
    """(the other, the comment that completed the exchange, its time), in both directions.

    All three comments of each are public, on posts the member may read.
    """
    rows = _replies(member).values_list("pk", "other", "created_at", "is_answer")
    to = {}
    for pk, other, when, is_answer in rows[:looked_at]:
        if other not in {None, member.pk}:
            to[pk] = other
            if is_answer:
                yield other, pk, when
    answers = Comment.objects.public_of_all().filter(Among("parent", key_list(to))).order_by()
    for parent, by, pk, when in answers.values_list("parent", "author", "pk", "created_at"):
        if by == to[parent]:
            yield by, pk, when


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
