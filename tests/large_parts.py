"""The parts of a community on a large site (tests.large).

Birthdays of every fifth member, 10,000 events, 20,000 cards, 10,000 polls and proposals, 20,000 gifts, 1,000
memorials, regular contacts. One event has 5,000 answers, one poll as many votes, one proposal as many
positions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max

from accounts.models import CalendarAddress, User
from board.models import Board
from comments.models import Comment
from comments.tree.numbering import ROOT_LEFT, ROOT_RIGHT, Numbers, number_branch
from core.markup.comments import RENDERER_VERSION, render_markdown
from core.parts import parts
from core.services.site_settings import save_settings
from decisions.models import Choice, Decision, Option, Position, Voter
from events.models import Answer, Event, Occurrence
from giving.models import Gift, Pledge
from memorials.models import Memorial
from posts.models import Post
from tests.bulk_insert import Size, insert

OPTIONS = 5


@dataclass(frozen=True)
class Parts:
    """For each part, the object with the most rows and an ordinary one."""

    event: str
    poll: str
    proposal: str
    memorial: str
    calendar: str
    cards: str
    card: int


@dataclass(frozen=True)
class Maker:
    size: Size
    host: User
    busiest: User
    members: range
    now: datetime

    @property
    def crowd(self) -> int:
        """Return the number of answers to one event, votes in one poll, positions on one proposal."""
        return self.size.of(5_000)

    def make(self) -> Parts:
        self.note_birthdays()
        first = self.put_posts("event", self.size.of(10_000))
        self.plan_events(first)
        board = Board.open(self.host).post
        cards = self.put_cards(board.pk)
        poll, proposal = self.ask(post=2)
        self.book_gifts()
        memorial = self.remember(self.put_posts("memorial", self.size.of(1_000)))
        self.exchange(post=3)
        address = CalendarAddress.objects.create(member=self.busiest)
        save_settings({"parts": [*parts()]}, by=None)
        return Parts(
            event=f"event-{first}",
            poll=poll,
            proposal=proposal,
            memorial=memorial,
            calendar=address.secret,
            cards=board.get_absolute_url(),
            card=cards[len(cards) // 2],
        )

    def note_birthdays(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_user SET birthday_month = 1 + id % 12, birthday_day = 1 + (id / 12) % 28, birthday_seen_by = 'all'"
                " WHERE id % 5 = 0"
            )

    def put_posts(self, kind: str, count: int) -> int:
        """Insert posts; return the key of the first."""
        first = Post.objects.aggregate(last=Max("pk"))["last"] + 1
        insert(
            Post,
            (
                {
                    "id": first + n, "kind": kind, "title": f"Something {n}", "slug": f"{kind}-{first + n}", "body": "<p>We sat down.</p>",
                    "author_id": self.members[n], "published_at": self.now - timedelta(hours=count - n), "created_at": self.now, "updated_at": self.now,
                }
                for n in range(count)
            ),
        )  # fmt: skip
        return first

    def put_comments(self, post: int, shapes: Iterator[list[tuple[int | None, Numbers]]]) -> list[int]:
        """Insert threads of these shapes; return the keys of their first comments."""
        first = pk = Comment.objects.aggregate(last=Max("pk"))["last"] or 0
        body = "We baked bread, and then sat down at the long table."
        html = render_markdown(body).html
        roots: list[int] = []

        def rows() -> Iterator[dict[str, Any]]:
            nonlocal pk
            for shape in shapes:
                root = pk + 1
                roots.append(root)
                for parent, place in shape:
                    pk += 1
                    yield {
                        "id": pk, "post_id": post, "parent_id": None if parent is None else root + parent, "body": body, "html": html,
                        "author_id": self.members[pk * 3 % len(self.members)], "renderer_version": RENDERER_VERSION, "status": "public",
                        "created_at": self.now - timedelta(seconds=30) + timedelta(microseconds=pk - first),
                        "published_at": self.now, "tree_id": root, "lft": place.left, "rght": place.right, "level": place.level,
                        "branch_size": len(shape) if parent is None else 1,
                    }  # fmt: skip

        insert(Comment, rows())
        return roots

    def plan_events(self, first: int) -> None:
        count = self.size.of(10_000)

        def when(n: int) -> dict[str, Any]:
            begin = self.now + timedelta(hours=2 * (n - count // 2))
            return {"starts_at": begin, "ends_at": begin + timedelta(hours=1)}

        # The event that everyone answers is the next one.
        order = [count // 2 + 1, *(n for n in range(count) if n != count // 2 + 1)]
        insert(
            Event,
            ({"post_id": first + n, "zone": "Europe/Berlin", "state": "approved", "changed_at": self.now} | when(at) for n, at in enumerate(order)),
        )  # fmt: skip
        insert(
            Occurrence,
            ({"id": n + 1, "event_id": first + n} | when(at) for n, at in enumerate(order)),
        )
        insert(Answer, ({"id": n + 1} | answer for n, answer in enumerate(self._answers(count))))

    def _answers(self, count: int) -> Iterator[dict[str, Any]]:
        for n in range(self.crowd):
            yield {"occurrence_id": 1, "member_id": self.members[n], "says": "yes", "asked_at": self.now}
        for n in range(1, count):
            for k in range(3):
                yield {"occurrence_id": n + 1, "member_id": self.members[(n + k) % len(self.members)], "says": "maybe", "asked_at": self.now}  # fmt: skip

    def put_cards(self, post: int) -> list[int]:
        """Half of the cards have three replies; the newest has a thread of a thousand."""
        alone = [(None, Numbers(ROOT_LEFT, ROOT_RIGHT, 0))]
        few, many = _flat(3), _flat(self.size.of(1_000))
        count = self.size.of(20_000)
        return self.put_comments(
            post, (many if n == count - 1 else few if n % 2 else alone for n in range(count))
        )

    def ask(self, post: int) -> tuple[str, str]:
        """Insert polls and proposals; return the keys of those with the most votes.

        One in twenty is open; those with the most votes are the newest.
        """
        count = self.size.of(10_000)
        shape = [(None, Numbers(ROOT_LEFT, ROOT_RIGHT, 0))]
        shapes = [_flat(self.crowd) if n == count - 1 else shape for n in range(count)]
        roots = self.put_comments(post, iter(shapes))
        insert(
            Decision,
            (
                {
                    "id": n + 1, "comment_id": root, "key": f"key{n}", "title": f"Question {n}", "opens_at": self.now - timedelta(days=30),
                    "closes_at": None if n % 20 == 19 or n >= count - 2 else self.now - timedelta(days=1, minutes=n), "shows_early": True,
                } | ({"kind": "proposal", "stage": "decide"} if n % 2 else {"kind": "poll", "method": "single"})
                for n, root in enumerate(roots)
            ),
        )  # fmt: skip
        insert(
            Option,
            (
                {"id": n * OPTIONS + k + 1, "decision_id": n + 1, "position": k, "text": f"Option {k}"}
                for n in range(0, count, 2)
                for k in range(OPTIONS)
            ),
        )
        poll = count - 1 if count % 2 == 0 else count
        insert(Voter, ({"id": UUID(int=n + 1), "decision_id": poll, "member_id": self.members[n]} for n in range(self.crowd)))  # fmt: skip
        insert(
            Choice,
            (
                {"id": n + 1, "voter_id": UUID(int=n + 1), "option_id": (poll - 1) * OPTIONS + 1 + n % OPTIONS, "is_only": True}
                for n in range(self.crowd)
            ),
        )  # fmt: skip
        proposal, root = count, roots[-1]
        insert(
            Position,
            (
                {"id": n + 1, "decision_id": proposal, "member_id": self.members[n], "stance": ("agree", "abstain", "disagree")[n % 3], "reason_id": root + 1 + n}
                for n in range(self.crowd - 1)
            ),
        )  # fmt: skip
        return f"key{poll - 1}", f"key{proposal - 1}"

    def book_gifts(self) -> None:
        today = self.now.date()
        insert(
            Gift,
            (
                {"id": n + 1, "amount": "12.00", "currency": "EUR", "received_on": today - timedelta(days=n % 700), "thank_as": f"Friend {n}", "refunded": "0"}
                for n in range(self.size.of(20_000))
            ),
        )  # fmt: skip
        pledged = range(0, self.size.of(20_000), 2)
        insert(Pledge, ({"member_id": self.members[n], "amount": "5.00", "is_thanked": True, "since": today - timedelta(days=n % 700)} for n in pledged))  # fmt: skip

    def remember(self, first: int) -> str:
        """Insert memorials of the members who joined first; return the name of one."""
        count = self.size.of(1_000)
        of = self.members[-count:]
        User.objects.filter(pk__in=of).update(is_active=False, memorial_since=self.now)
        insert(
            Memorial,
            (
                {
                    "post_id": first + n, "member_id": pk, "host_id": self.host.pk, "keeper_id": self.busiest.pk, "state": "open", "letter": "We miss them.",
                    "host_confirmed_at": self.now, "keeper_confirmed_at": self.now, "opened_at": self.now - timedelta(hours=n), "settled_at": self.now,
                }
                for n, pk in enumerate(of)
            ),
        )  # fmt: skip
        with connection.cursor() as cursor:  # a memorial's post is written by its member and named after them
            cursor.execute(
                "UPDATE posts_post SET (author_id, slug) = (SELECT member.id, member.username || '~memorial' FROM memorials_memorial"
                " JOIN accounts_user member ON member.id = member_id WHERE post_id = posts_post.id) WHERE kind = 'memorial'"
            )
        self.put_comments(first, iter([_flat(2)] * self.size.of(5_000)))
        return User.objects.get(pk=of[0]).username

    def exchange(self, post: int) -> None:
        """Create regular contacts: the busiest member and others reply to each other four times."""
        line = [(None, Numbers(ROOT_LEFT, ROOT_RIGHT, 0))]
        numbers = dict(number_branch({0: [1], 1: [2]}, 0, line[0][1]))
        shape = [*line, (0, numbers[1]), (1, numbers[2])]
        roots = self.put_comments(post, iter([shape] * self.size.of(4_000)))
        for place in (0, 2):
            Comment.objects.filter(pk__in=[root + place for root in roots]).update(author=self.busiest)
        for n in range(0, len(roots), 4):
            Comment.objects.filter(pk__in=[root + 1 for root in roots[n : n + 4]]).update(
                author=self.members[n]
            )


def _flat(replies: int) -> list[tuple[int | None, Numbers]]:
    """Return the shape of a comment with that many direct replies."""
    whole = Numbers(ROOT_LEFT, ROOT_RIGHT, 0)
    numbers = dict(number_branch({0: list(range(1, replies + 1))}, 0, whole))
    return [(None, whole), *((0, numbers[n]) for n in range(1, replies + 1))]
