"""A member’s regular contacts: people with whom they had several exchanges.

An exchange is a reply and an answer to it between two people: Ada writes, Bob replies, Ada answers. It counts
in both directions. The contacts are shown to the member only, and are computed from comments they can read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.models.querysets import set_moderator_flags
from comments.models import Comment

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
    for other, pk, when in sorted(
        _exchanges(member, looked_at), key=lambda row: (row[2], row[1]), reverse=True
    ):
        if contact := contacts.get(other):
            contact.exchanges += 1
        else:
            contacts[other] = Contact(1, pk, when)
    return {other: contact for other, contact in contacts.items() if contact.exchanges >= MIN_EXCHANGES}


def _exchanges(member: User, looked_at: int) -> Iterable[Any]:
    """(the other, the comment that completed it, its time).

    All three comments of each are public, on posts the member may read.
    """
    # Both queries start from the member's own comments, by index. Authors and statuses are compared here:
    # otherwise SQLite would read all comments, or all of each author.
    own = Comment.objects.public().by(member).on_readable_posts(member).filter(parent__status="public")
    own = own.order_by("-created_at")
    answered = own.filter(parent__parent__status="public", parent__parent__author=member)
    received = own.filter(children__isnull=False)
    for rows, begin in ((answered, ""), (received, "children__")):
        columns = ("parent__author", *(f"{begin}{name}" for name in ("author", "pk", "created_at", "status")))
        for other, author, pk, when, status in rows.values_list(*columns)[:looked_at]:
            is_theirs = other not in {None, member.pk} and author == (other if begin else member.pk)
            if is_theirs and status == Comment.Status.PUBLIC:
                yield other, pk, when


def known_people(member: User, keys: Iterable[int]) -> Mapping[int, User]:
    """Those the member may be reminded of: listed, and not muted by them.

    People who muted the member are included, because muting is not revealed.
    """
    return User.objects.listed().exclude(pk__in=member.muted_ids).in_bulk(list(keys))


def partners_of(member: User) -> list[Partner]:
    """The contacts for the page, latest first. Five queries."""
    contacts = contacts_of(member, LOOKED_AT_FOR_PAGE)
    people = known_people(member, contacts)
    shown = [pk for pk in contacts if pk in people][:PEOPLE_SHOWN]
    set_moderator_flags(people[pk] for pk in shown)
    last = (
        Comment.objects.select_related("post")
        .defer("body", "html")
        .in_bulk([contacts[pk].last for pk in shown])
    )
    return [Partner(people[pk], last[contacts[pk].last]) for pk in shown if contacts[pk].last in last]
