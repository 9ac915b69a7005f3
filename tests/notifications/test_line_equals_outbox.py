"""The line before sending equals the outbox afterwards, for random people and relations."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Follow, Mute, User
from comments.models import Comment
from comments.services.writing import set_status
from notifications.models import (
    TYPES,
    EmailSuppression,
    GuestConsent,
    Notification,
    NotificationChannel,
    ThreadSubscription,
)
from notifications.services.preferences import choose
from notifications.services.preview import Line, read_draft
from tests.factories import make_host, make_member, make_post, put_comment
from tests.figures import figure
from tests.notifications.people import forget_what_was_announced, later, make_guest_comment, told, work, write

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

ways = st.sampled_from(list(NotificationChannel))
MAILED = {"at_once", "hourly", "daily", "weekly"}


@dataclass
class Person:
    """A person, and their relation to the writer, the discussion and their mailbox."""

    is_guest: bool = False
    is_active: bool = True
    is_confirmed: bool = True
    has_bounced: bool = False
    mutes_writer: bool = False
    follows_writer: bool = False
    level: str = "normal"
    choices: dict[str, str] | None = None
    # of guests
    left_address: bool = True
    asked: bool = False
    # their relation to the comment
    is_answered: bool = False
    is_addressed: bool = False
    is_named: bool = False
    row: Any = field(default=None, repr=False)
    name: str = ""


people = st.builds(
    Person,
    is_guest=st.integers(0, 4).map(lambda n: n == 0),
    is_active=st.integers(0, 5).map(bool),
    is_confirmed=st.integers(0, 4).map(bool),
    has_bounced=st.integers(0, 4).map(lambda n: n == 0),
    mutes_writer=st.integers(0, 4).map(lambda n: n == 0),
    follows_writer=st.booleans(),
    level=st.sampled_from(["normal", "normal", "following", "muted"]),
    choices=st.none() | st.fixed_dictionaries({key: ways.map(str) for key in TYPES}),
    left_address=st.booleans(),
    asked=st.booleans(),
    is_answered=st.booleans(),
    is_addressed=st.booleans(),
    is_named=st.booleans(),
)

DEFAULT = {
    "answers": "at_once",
    "own_posts": "at_once",
    "talks": "daily",
    "people": "here",
    "posts": "at_once",
}
ORDER = ["at_once", "hourly", "daily", "weekly", "here", "off"]


def expected(person: Person, *, is_host: bool, is_parent: bool) -> tuple[str, set[str]] | None:
    """Return (channel, reasons), or None for someone unaffected: an independent implementation of the rules."""
    if person.is_guest:
        reasons = {"answer"} if is_parent else {"addressed"} if person.is_addressed else set()
        reasons |= {"addressed"} if person.is_addressed and not is_parent else set()
        return (
            (
                ("at_once" if person.left_address and person.asked and not person.has_bounced else "off"),
                reasons,
            )
            if reasons
            else None
        )
    reasons = set()
    if is_parent:
        reasons.add("answer")
    if person.is_addressed and not is_parent:
        reasons.add("addressed")
    if person.is_named and person.is_active:
        reasons.add("mention")
    if is_host:
        reasons.add("host")
    if not reasons and not person.is_active:
        return None
    if person.level == "following":
        reasons.add("talk")
    if person.follows_writer:
        reasons.add("person")
    if not reasons:
        return None
    kinds = {
        "answer": "answers",
        "addressed": "answers",
        "mention": "answers",
        "host": "own_posts",
        "talk": "talks",
        "person": "people",
    }
    chosen = person.choices or DEFAULT
    way = min((chosen[kinds[reason]] for reason in reasons), key=ORDER.index)
    if not person.is_active or person.mutes_writer or person.level == "muted" or way == "off":
        return "off", reasons
    if way in MAILED and (not person.is_confirmed or person.has_bounced):
        way = "here"
    return way, reasons


def as_follower(person: Person) -> str:
    """Return how a person would be notified if they only followed the discussion."""
    if person.is_guest or not person.is_active or person.mutes_writer or person.level == "muted":
        return "off"
    kinds = [
        kind
        for kind, holds in (("talks", person.level == "following"), ("people", person.follows_writer))
        if holds
    ]
    way = min(((person.choices or DEFAULT)[kind] for kind in kinds), key=ORDER.index, default="off")
    return "here" if way in MAILED and (not person.is_confirmed or person.has_bounced) else way


def make(person: Person, number: int, writer: User, post: Any, *, is_host: bool) -> None:
    """Create the person, with a comment of theirs on the post."""
    if person.is_guest:
        email = f"guest{number}@example.net" if person.left_address else ""
        person.row = make_guest_comment(
            post, name=f"Guest {number}", email=email.upper() if number % 2 else email, author=writer
        )
        person.name = email
        if email and person.asked:
            GuestConsent.objects.create(email=email)
        if email and person.has_bounced:
            EmailSuppression.objects.create(email=email, cause="bounce")
        return
    member = post.author if is_host else make_member(f"person-{number}")
    person.name = member.username
    person.row = put_comment(post, author=member)
    User.objects.filter(pk=member.pk).update(is_active=person.is_active)
    EmailAddress.objects.filter(user=member).update(verified=person.is_confirmed)
    if person.has_bounced:
        EmailSuppression.objects.create(email=member.email, cause="bounce")
    if person.mutes_writer:
        Mute.objects.create(member=member, muted=writer)
    if person.follows_writer:
        Follow.objects.create(follower=member, followed=writer)
    if person.level != "normal":
        ThreadSubscription.objects.create(member=member, post=post, level=person.level)
    if person.choices is not None:
        choose(member, **person.choices)


@pytest.mark.slow
@settings(max_examples=figure(5, 20))
@given(
    host=people,
    others=st.lists(people, min_size=2, max_size=5),
    is_held=st.booleans(),
    writer_is_host=st.integers(0, 4).map(lambda n: n == 0),
)
def test_the_line_the_outbox_and_the_mails_agree_with_the_rules(host, others, is_held, writer_is_host):
    with transaction.atomic():
        check_one_world(host, others, is_held, writer_is_host)
        transaction.set_rollback(True)


def check_one_world(host, others, is_held, writer_is_host):
    mail.outbox.clear()
    host.is_guest = False
    if writer_is_host:
        host.is_active = True
    post = make_post(author=make_host("hostess"))
    writer = post.author if writer_is_host else make_member("writer")
    cast = [*([] if writer_is_host else [host]), *others]
    for number, person in enumerate(cast):
        make(person, number, writer, post, is_host=person is host)
    parent = next((person for person in cast if person.is_answered), None)
    also = [person.row for person in cast if person.is_addressed and person is not parent]
    ThreadSubscription.objects.create(member=writer, post=post, level="following")  # one's own actions
    Follow.objects.get_or_create(
        follower=post.author, followed=writer
    ) if writer != post.author and host.follows_writer else None
    body = (
        "Hello "
        + " ".join(f"@{person.name}" for person in cast if person.is_named and not person.is_guest)
        + f" and @nobody and @{writer.username}."
    )
    forget_what_was_announced()

    # Before: the line, from the typed text.
    draft = read_draft(
        post,
        writer,
        body=body,
        parent=str(parent.row.pk) if parent else "",
        also=[",".join(str(comment.pk) for comment in also)],
    )
    line = Line.of(draft, counts_all=True)
    named = {
        (one.member.username if one.member else one.guest_email): (one.way.value, set(one.reasons))
        for one in line.recipients.notified
    }
    assert len(line.recipients.named) == len(
        {one.member or one.guest_email or id(one) for one in line.recipients.named}
    )

    # After: the outbox, once the comment was approved if it was held.
    comment = write(writer, post, body, parent.row if parent else None, also)
    if is_held:
        set_status(comment, Comment.Status.HELD)
        forget_what_was_announced()
        with later(minutes=2):
            work()
        assert told(comment) == {}
        # To moderators only.
        assert {message.subject.partition(":")[0] for message in mail.outbox} <= {"Awaiting review"}
        mail.outbox.clear()
        set_status(comment, Comment.Status.PUBLIC)
    with later(seconds=61):
        work()
    rows = {name: (way, set(reasons)) for name, (way, reasons) in told(comment).items()}
    meant = {"answer", "addressed", "mention", "host"}
    assert {name: row for name, row in rows.items() if row[1] & meant} == named
    # Followers are counted by their own settings, whoever else is mentioned: typing a name reveals nothing
    # about them.
    follow = [way for person in cast if (way := as_follower(person)) != "off"]
    assert Counter(follow) == Counter({way.value: number for way, number in line.followers.by_way.items()})

    # Both are what the rules say.
    rules = {
        person.name: expected(person, is_host=person is host, is_parent=person is parent)
        for person in cast
        if person.name
    }
    assert rows == {name: rule for name, rule in rules.items() if rule and rule[0] != "off"}
    not_told = {one.name if one.member is None else one.member.username for one in line.unreachable}
    meant_off = {
        person.name
        for person in cast
        if person.name
        and not person.is_guest
        and (rule := rules[person.name])
        and rule[0] == "off"
        and rule[1] & meant
    }
    assert {name for name in not_told if not name.startswith("Guest")} == meant_off

    # And each mailbox gets at most one email, at the chosen time.
    addresses = {member.username: member.email for member in User.objects.all()}

    def mailed(*those: str) -> list[str]:
        return sorted(addresses.get(name, name) for name, (way, _reasons) in rows.items() if way in those)

    assert sorted(message.to[0] for message in mail.outbox) == mailed("at_once")
    with later(days=1, minutes=2):
        work()
    with later(days=8):
        work()
    assert sorted(message.to[0] for message in mail.outbox) == mailed("at_once", "hourly", "daily", "weekly")
    assert not Notification.objects.filter(state=Notification.State.WAITING).exists()
