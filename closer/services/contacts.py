"""A member’s regular contacts: people with whom they had several exchanges.

An exchange is a reply and an answer to it, between the same two: Ada writes, Bob replies, Ada answers. It counts in both
directions. Only the member themselves is told; everything that it is made of, they can read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.models.querysets import know_moderators
from comments.models import Comment

FEWEST_EXCHANGES = 3
# Exchanges that are looked through, of each direction those with the newest comments of the member.
LOOKED_AT = 10_000
# The same for their page, which somebody waits for.
LOOKED_AT_FOR_PAGE = 1_000
PEOPLE_SHOWN = 100


@dataclass
class Contact:
    """last: the key of the comment that ended the last exchange, and last_at when that was."""

    exchanges: int
    last: int
    last_at: datetime


@dataclass(frozen=True)
class Partner:
    """A regular contact, and the comment that ended their last exchange."""

    member: User
    last: Comment


def contacts_of(member: User, looked_at: int = LOOKED_AT) -> dict[int, Contact]:
    """By the key of the other, those with enough exchanges, the latest first. Two queries, however many comments there are."""
    contacts: dict[int, Contact] = {}
    for other, pk, when in sorted(
        _exchanges(member, looked_at), key=lambda row: (row[2], row[1]), reverse=True
    ):
        if contact := contacts.get(other):
            contact.exchanges += 1
        else:
            contacts[other] = Contact(1, pk, when)
    return {other: contact for other, contact in contacts.items() if contact.exchanges >= FEWEST_EXCHANGES}


def _exchanges(member: User, looked_at: int) -> Iterable[Any]:
    """(the other, the comment that completed it, when). All three comments of each are public, and where the member may read."""
    # Both begin with the member's own comments, by index. Who answered, and with which status, is compared here: by that,
    # SQLite would read all comments there are, or all of each author.
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
    """Of these, whom the member may be reminded of: listed, and not muted by them. Who muted them is: they are not told."""
    return User.objects.listed().exclude(pk__in=member.muted_ids).in_bulk(list(keys))


def partners_of(member: User) -> list[Partner]:
    """For the page, the latest first. Five queries."""
    contacts = contacts_of(member, LOOKED_AT_FOR_PAGE)
    people = known_people(member, contacts)
    shown = [pk for pk in contacts if pk in people][:PEOPLE_SHOWN]
    know_moderators(people[pk] for pk in shown)
    last = (
        Comment.objects.select_related("post")
        .defer("body", "html")
        .in_bulk([contacts[pk].last for pk in shown])
    )
    return [Partner(people[pk], last[contacts[pk].last]) for pk in shown if contacts[pk].last in last]
