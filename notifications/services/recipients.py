"""Decides who is notified of what (docs/decisions/0025).

The line under the form, the preview, the outbox and the receipt all call `recipients_of`. Those who are
addressed (replied to, mentioned, ticked, the host) are few and listed by name. Followers may be ten thousand:
they are counted in the database and written by the worker, in batches. `decide` is used for both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from allauth.account.models import EmailAddress
from django.db.models import Count, Q, QuerySet, Value

from accounts.models import Follow, User
from accounts.models.querysets import can_be_notified
from comments.models import Comment
from core.prepared import A_NUMBER, NUMBERS, WORDS, Prepared
from notifications.models import (
    AdditionalParent,
    EmailSuppression,
    GuestConsent,
    NotificationChannel,
    NotificationType,
    Reason,
    TagFollow,
    ThreadSubscription,
)
from notifications.models.types import (
    BIRTHDAYS,
    FOLLOWED_PEOPLE,
    FOLLOWED_POSTS,
    FOLLOWED_TAGS,
    NEW_EVENTS,
    NEW_POSTS,
    REPLIES,
    TYPES,
)
from notifications.services.verdicts import (
    FACTS,
    MAILED,
    WAY_IN_WORDS,
    Facts,
    UnreachableReason,
    Verdict,
    column_of,
    decide,
    facts_beside,
    people_with_facts,
)
from posts.models import Post

# Types for followers. If there may be thousands of members, only these are read.
FOLLOWER_TYPES = (FOLLOWED_POSTS, FOLLOWED_PEOPLE, NEW_POSTS, FOLLOWED_TAGS, BIRTHDAYS, NEW_EVENTS)
# Reasons of followers for posts of other kinds.
REASON_OF_KIND = {"birthday": Reason.BIRTHDAY, "event": Reason.EVENT}
FOLLOWER_COLUMNS = (*FACTS, *map(column_of, FOLLOWER_TYPES))


Reader = tuple[int | None, str]
"""A recipient: (member's key, "") or (None, guest's address)."""


@dataclass(frozen=True)
class Draft:
    """A comment that is written or posted, with everything that determines who is notified.

    writer None: a visitor.
    """

    post: Post
    writer: User | None
    parent: Comment | None = None
    also: tuple[Comment, ...] = ()
    mentioned: tuple[str, ...] = ()
    is_new_post: bool = False

    @classmethod
    def of_comment(cls, comment: Comment) -> Self:
        """The draft of an existing comment. That of a new one costs no query."""
        if comment.is_new:
            return cls(
                post=comment.post,
                writer=comment.author,
                parent=comment.parent,
                also=tuple(comment.further_parents),
                mentioned=tuple(comment.called_members),
            )
        addresses = (
            AdditionalParent.objects.filter(comment=comment)
            .order_by("answered_id")
            .select_related("answered__author")
        )
        return cls(
            post=comment.post,
            writer=comment.author,
            parent=comment.parent,
            also=tuple(address.answered for address in addresses),
            mentioned=tuple(comment.mentions.order_by("pk").values_list("member__username", flat=True)),
        )

    @classmethod
    def of_post(cls, post: Post) -> Self:
        """The draft of a new post, which notifies followers only."""
        return cls(post=post, writer=post.author, is_new_post=True)

    def is_like(self, other: Self) -> bool:
        """Whether two drafts, read at different times, have the same recipients, settings aside."""
        return self._meant == other._meant

    @property
    def _meant(self) -> tuple[object, ...]:
        answered = reader_of(self.parent) if self.parent else None
        return answered, self.post.author_id, self.post.visibility, self.mentioned

    def tag_follows(self) -> QuerySet[TagFollow]:
        """Followers of the tags of a new post, unless it is unlisted."""
        if not self.is_new_post or not self.post.pk or self.post.visibility == Post.Visibility.UNLISTED:
            return TagFollow.objects.none()
        tags = Post.tags.through._default_manager.filter(post=self.post.pk)
        return TagFollow.objects.filter(tag__in=tags.values("tag"))

    @property
    def answered(self) -> list[Comment]:
        return [comment for comment in (self.parent, *self.also) if comment is not None]


@dataclass(frozen=True)
class Recipient:
    """Someone who is addressed.

    `way` NotificationChannel.OFF: they can't be notified, for the reason `why_not`.
    """

    member: User | None
    reasons: tuple[Reason, ...]
    way: NotificationChannel
    type: NotificationType
    why_not: UnreachableReason | None = None
    guest_name: str = ""
    guest_email: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        return self.member.get_display_name() if self.member else self.guest_name

    @property
    def reader(self) -> Reader:
        return (self.member.pk, "") if self.member else (None, self.guest_email)

    @property
    def is_notified(self) -> bool:
        return self.way != NotificationChannel.OFF

    @property
    def how(self) -> str:
        return str(WAY_IN_WORDS[self.way])

    @property
    def by_mail(self) -> bool:
        return self.way in MAILED


@dataclass(frozen=True)
class FollowerCount:
    """How many followers are notified, by channel. `is_more`: these were only the first."""

    by_way: Counter[NotificationChannel]
    is_more: bool = False

    @property
    def total(self) -> int:
        return sum(self.by_way.values())


@dataclass(frozen=True)
class Followers:
    """Followers of the post, of the author, or of a new post's author and tags.

    The counts include mentioned members who follow: otherwise typing a name would reveal whether its owner
    does.
    """

    draft: Draft
    named: frozenset[int]

    def _queryset(self) -> QuerySet[User]:
        """All followers except the author, including mentioned members."""
        draft = self.draft
        ids: Any = (
            Follow.objects.filter(followed=draft.writer).values("follower_id")
            # Followers of an author are not led to unlisted posts.
            if draft.writer and draft.post.visibility != Post.Visibility.UNLISTED
            else Follow.objects.none().values("follower_id")
        )
        if draft.is_new_post:
            ids = ids.union(draft.tag_follows().values("member_id"))
        else:
            following = ThreadSubscription.objects.filter(
                post=draft.post, level=ThreadSubscription.Level.FOLLOWING
            ).values("member_id")
            ids = following.union(ids) if draft.writer else following
        # A closed account is not notified.
        people = _people(draft, FOLLOWER_TYPES).filter(can_be_notified(), pk__in=ids)
        return people.exclude(pk=draft.writer.pk) if draft.writer else people

    def _reasons(self, facts: Facts) -> list[Reason]:
        if self.draft.is_new_post and self.draft.post.kind in REASON_OF_KIND:
            return [REASON_OF_KIND[self.draft.post.kind]]
        if self.draft.is_new_post:
            why = [(Reason.POST, facts.follows_writer), (Reason.TAG, facts.follows_tag)]
            return [reason for reason, holds in why if holds] or [Reason.POST]
        why = [
            (Reason.TALK, facts.level == ThreadSubscription.Level.FOLLOWING),
            (Reason.PERSON, facts.follows_writer),
        ]
        return [reason for reason, holds in why if holds] or [Reason.TALK]

    def count(self, among: QuerySet[Any] | None = None) -> FollowerCount:
        """The exact number, however large: the database groups them by what matters.

        among: only members whose key is in this query.
        """
        by_way: Counter[NotificationChannel] = Counter()
        people = self._queryset() if among is None else self._queryset().filter(pk__in=among)
        for row in people.order_by().values(*FOLLOWER_COLUMNS).annotate(number=Count("pk")):
            facts = Facts.of(row, FOLLOWER_TYPES)
            by_way[decide(facts, self._reasons(facts)).way] += row["number"]
        del by_way[NotificationChannel.OFF]
        return FollowerCount(by_way)

    def count_first(self, limit: int) -> FollowerCount:
        """The number among at most `limit` of them, for pages that must cost the same with any number."""
        rows = list(self._queryset().order_by("pk").values(*FOLLOWER_COLUMNS)[: limit + 1])
        by_way = Counter(
            decide(facts, self._reasons(facts)).way
            for facts in (Facts.of(row, FOLLOWER_TYPES) for row in rows[:limit])
        )
        del by_way[NotificationChannel.OFF]
        return FollowerCount(by_way, is_more=len(rows) > limit)

    def batch(
        self, after: int, size: int
    ) -> tuple[list[tuple[int, tuple[Reason, ...], Verdict]], int | None]:
        """The next followers to notify, in order of key: (key, reasons, verdict), without mentioned ones.

        Those have an entry of their own. Returns them and the key to continue from, or None after the last.
        """
        people = self._queryset().exclude(pk__in=self.named).filter(pk__gt=after).order_by("pk")
        rows = list(people.values("pk", *FOLLOWER_COLUMNS)[:size])
        recipients = []
        for row in rows:
            facts = Facts.of(row, FOLLOWER_TYPES)
            reasons = self._reasons(facts)
            verdict = decide(facts, reasons)
            if verdict.way != NotificationChannel.OFF:
                recipients.append((row["pk"], tuple(reasons), verdict))
        return recipients, rows[-1]["pk"] if len(rows) == size else None


@dataclass(frozen=True)
class Recipients:
    """Who is notified: those who are named one by one, and followers, who may be many."""

    named: list[Recipient]
    followers: Followers

    @property
    def notified(self) -> list[Recipient]:
        return [recipient for recipient in self.named if recipient.is_notified]

    @property
    def unreachable(self) -> list[Recipient]:
        return [recipient for recipient in self.named if not recipient.is_notified]


def recipients_of(draft: Draft) -> Recipients:
    """All recipients, each once, without the author; with the channel, or the reason for having none.

    At most two queries, whatever their number.
    """
    named = [*_addressed_members(draft), *_addressed_guests(draft)]
    return Recipients(
        named, Followers(draft, frozenset(recipient.member.pk for recipient in named if recipient.member))
    )


def reader_of(comment: Comment) -> Reader:
    """The comment's author, as a possible recipient."""
    return (comment.author_id, "") if comment.author_id else (None, comment.guest_email.lower())


def _addressed_members(draft: Draft) -> Iterator[Recipient]:
    if draft.is_new_post:
        return
    wanted: dict[int, list[Reason]] = {}

    def want(pk: int | None, reason: Reason) -> None:
        if pk is not None and (draft.writer is None or pk != draft.writer.pk):
            wanted.setdefault(pk, []).append(reason)

    if draft.parent is not None:
        want(draft.parent.author_id, Reason.ANSWER)
    for comment in draft.also:
        if Reason.ADDRESSED not in wanted.get(comment.author_id or 0, []):
            want(comment.author_id, Reason.ADDRESSED)
    people = {member.pk: member for member in _named(draft, [*wanted, draft.post.author_id])}
    by_name = {member.username: member for member in people.values()}
    for name in draft.mentioned:
        member = by_name.get(name)
        if member is not None and facts_beside(member).can_be_notified:  # otherwise no one has that name
            want(member.pk, Reason.MENTION)
    want(draft.post.author_id, Reason.HOST)
    for pk, reasons in wanted.items():
        member = people[pk]
        if member.memorial_since is not None:  # has died: not mentioned in the line either
            continue
        facts = facts_beside(member)
        if facts.level == ThreadSubscription.Level.FOLLOWING:
            reasons.append(Reason.TALK)
        if facts.follows_writer:
            reasons.append(Reason.PERSON)
        yield Recipient(member, tuple(reasons), *decide(facts, reasons))


def _named(draft: Draft, pks: list[int | None]) -> list[User]:
    """Members by key and by the mentioned names, with the columns of Facts."""
    keys = [pk for pk in pks if pk is not None]
    if draft.writer is None or not draft.post.pk:
        return list(_people(draft).filter(Q(pk__in=keys) | Q(username__in=draft.mentioned)))
    place = {"post": draft.post.pk, "writer": draft.writer.pk, "keys": keys}
    if not draft.mentioned:
        return _addressed.all(**place)
    return _addressed_people.all(**place, names=[*draft.mentioned])


def _addressed_guests(draft: Draft) -> Iterator[Recipient]:
    """Guests whose comments are replied to, one per address. Without one, each counts separately."""
    guests: dict[str, tuple[Comment, list[Reason]]] = {}
    for comment in draft.answered:
        if comment.author_id is None:
            reasons = guests.setdefault(comment.guest_email.lower() or f"#{comment.pk}", (comment, []))[1]
            reason = Reason.ANSWER if comment == draft.parent else Reason.ADDRESSED
            if reason not in reasons:
                reasons.append(reason)
    addresses = [key for key in guests if not key.startswith("#")]
    consenting, suppressed, own = (
        _states_of_addresses(addresses, draft.writer) if addresses else (set(), set(), set())
    )
    for key, (comment, reasons) in guests.items():
        if key in own:
            continue
        why_not = (
            UnreachableReason.NO_MEMBER
            if draft.post.visibility == Post.Visibility.MEMBERS
            else UnreachableReason.NO_ADDRESS
            if key not in addresses
            else UnreachableReason.NOT_ASKED
            if key not in consenting
            else UnreachableReason.MAIL_COMES_BACK
            if key in suppressed
            else None
        )
        yield Recipient(
            None,
            tuple(reasons),
            NotificationChannel.OFF if why_not else NotificationChannel.AT_ONCE,
            REPLIES,
            why_not,
            guest_name=comment.guest_name,
            guest_email=key if key in addresses else "",
        )


def _states_of_addresses(addresses: list[str], writer: User | None) -> tuple[set[str], set[str], set[str]]:
    """Which of these addresses have a consent, are suppressed, or are the writer's own, confirmed.

    Other members' addresses must not be recognised: it would reveal who someone was as a guest.
    """
    own = EmailAddress.objects.filter(user=writer, verified=True) if writer else EmailAddress.objects.none()
    known = [
        rows.filter(email__in=addresses).order_by().values_list("email", Value(number))
        for number, rows in enumerate([GuestConsent.objects.all(), EmailSuppression.objects.all(), own])
    ]
    found = [*known[0].union(*known[1:], all=True)]
    consenting, suppressed, theirs = ({email for email, of in found if of == number} for number in range(3))
    return consenting, suppressed, theirs


def _people(draft: Draft, types: Iterable[NotificationType] = tuple(TYPES.values())) -> QuerySet[User]:
    """Members with the columns of Facts."""
    tags = draft.tag_follows() if draft.is_new_post else None
    return people_with_facts(draft.post.pk, draft.writer.pk if draft.writer else None, types, tags)


# Needed for every comment: compiling it is three quarters of its cost.
_addressed: Prepared[User] = Prepared(
    lambda post, writer, keys: people_with_facts(post, writer).filter(pk__in=keys),
    post=A_NUMBER,
    writer=A_NUMBER,
    keys=NUMBERS,
)
_addressed_people: Prepared[User] = Prepared(
    lambda post, writer, keys, names: people_with_facts(post, writer).filter(
        Q(pk__in=keys) | Q(username__in=names)
    ),
    post=A_NUMBER,
    writer=A_NUMBER,
    keys=NUMBERS,
    names=WORDS,
)


def reviewers_of(comment: Comment) -> list[Recipient]:
    """Moderators to notify of a held comment. No one reviews their own."""
    moderators = _people(Draft(post=comment.post, writer=comment.author)).filter(
        pk__in=User.objects.moderating().values("pk")
    )
    reasons = (Reason.REVIEW,)
    found = [
        Recipient(member, reasons, *decide(facts_beside(member), reasons))
        for member in moderators.exclude(pk=comment.author_id or 0)
    ]
    return [recipient for recipient in found if recipient.is_notified]


def ways_to(
    post: Post, members: Iterable[int], reason: Reason, writer: User | None = None
) -> dict[int, Verdict]:
    """How each of these is notified of something about a post; those who are not are left out. One query.

    writer: who caused it, if that is not the author of the post.
    """
    people = _people(Draft(post=post, writer=writer or post.author)).filter(pk__in=[*members])
    verdicts = {member.pk: decide(facts_beside(member), [reason]) for member in people}
    return {pk: verdict for pk, verdict in verdicts.items() if verdict.way != NotificationChannel.OFF}


def facts_of(draft: Draft, member_id: int) -> Facts | None:
    """What matters about one member now. None if the member no longer exists."""
    columns = (*FACTS, *map(column_of, TYPES.values()))
    row = _people(draft).filter(pk=member_id).values(*columns).first()
    return Facts.of(row, TYPES.values()) if row else None
