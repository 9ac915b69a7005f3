"""A large site for `make bench-large`: 20,000 posts, 100,000 members and 1,000,000 comments.

They are written straight into the tables. One post has a thread of 100,000 comments; one member wrote 20,000
and has 20,000 notifications; 20,000 comments are held. The parts of a community are in tests.large_parts.
`scale` reduces all figures in proportion.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import MemberTopic, Topic, User
from comments.models import Comment
from comments.tree.numbering import ROOT_LEFT, ROOT_RIGHT, Numbers, number_branch
from core.markup.comments import RENDERER_VERSION, render_markdown
from moderation.models import Decision, Report
from notifications.models import Notification
from posts.models import Post, Tag
from tests.bulk_insert import Size, insert
from tests.large_parts import Maker, Parts
from tests.threads import words_of

BRANCH = 40
"""Comments in each branch."""


@dataclass
class LargeSite:
    """The created objects whose pages are requested."""

    longest: Post
    usual: Post
    busiest: User
    member: User
    moderator: User
    host: User
    tag: Tag
    held: int
    parts: Parts


def make_large_site(scale: float, say: Callable[[str], None] = lambda words: None) -> LargeSite:
    """Create the site and return its main objects. Needs an empty, migrated database."""
    from tests.factories import make_host, make_member, make_moderator  # noqa: PLC0415 - it needs the apps

    size, now = Size(scale), timezone.now()
    host, moderator, busiest, member = (
        make_host("host"),
        make_moderator("moderator"),
        make_member("busiest"),
        make_member("reader"),
    )
    first_member = User.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1
    members = range(first_member, first_member + size.members)
    say(f"{insert(User, _members(members, now)):,} members")
    Topic.objects.bulk_create(Topic(name=f"Topic {n}", key=f"topic {n}") for n in range(50))
    topics = list(Topic.objects.values_list("pk", flat=True))
    insert(
        MemberTopic,
        (
            {
                "id": n + 1,
                "user_id": pk,
                "topic_id": topics[n % len(topics)],
                "kind": "help" if n % 3 else "look",
            }
            for n, pk in enumerate(members[::5])
        ),
    )
    say(f"{insert(Post, _posts(size, host, now)):,} posts")
    Tag.objects.bulk_create(Tag(name=f"Tag {n}", slug=f"tag-{n}") for n in range(200))
    tags = list(Tag.objects.values_list("pk", flat=True))
    insert(
        Post.tags.through,
        (
            {"id": n * 3 + k + 1, "post_id": n + 1, "tag_id": tags[(n * (k + 1)) % len(tags)]}
            for n in range(size.posts)
            for k in range(3)
            if k == 0 or (n * (k + 1)) % len(tags) not in {(n * (j + 1)) % len(tags) for j in range(k)}
        ),
    )
    say(f"{insert(Comment, _comments(size, members, busiest, now)):,} comments")
    held = list(Comment.objects.filter(status="held").order_by("pk").values_list("pk", flat=True))
    insert(Notification, _notifications(size, busiest, now))
    _moderated(size, members, moderator, now)
    say("notifications, decisions and reports")
    parts = Maker(size, host, busiest, members, now).make()
    say("events, cards, votes, gifts, memorials")
    _count(size)
    return LargeSite(
        longest=Post.objects.get(pk=1),
        usual=Post.objects.get(pk=2),
        busiest=busiest,
        member=member,
        moderator=moderator,
        host=host,
        tag=Tag.objects.get(slug="tag-1"),
        held=held[0],
        parts=parts,
    )


def _members(keys: range, now: datetime) -> Iterator[dict[str, Any]]:
    for n, pk in enumerate(keys):
        name = f"Person {n % 5_000} {n}"
        yield {
            "id": pk, "username": f"person{n}", "email": f"person{n}@example.org", "password": "!", "display_name": name, "name_key": name.casefold(),
            "name_skeleton": name.casefold(), "search_text": f"{name} person{n} bakes bread".casefold(), "date_joined": now - timedelta(minutes=n),
        }  # fmt: skip


def _posts(size: Size, host: User, now: datetime) -> Iterator[dict[str, Any]]:
    """The oldest post first, so that the newest is not the one with the longest thread."""
    for n in range(size.posts):
        written = now - timedelta(hours=size.posts - n)
        yield {
            "id": n + 1, "title": f"Post {n}", "slug": f"post-{n}", "summary": "What we baked.", "body": "<p>We baked bread, and sat down.</p>",
            "author_id": host.pk, "published_at": written, "created_at": written, "updated_at": written,
        }  # fmt: skip


def _shape(chance: random.Random) -> list[tuple[int | None, Numbers]]:
    """Return one branch: for each comment the index of its parent in this list, and its numbers."""
    parents = [None, *(max(0, n - 1 - int(chance.expovariate(1 / 4))) for n in range(1, BRANCH))]
    children: dict[int, list[int]] = defaultdict(list)
    for n, parent in enumerate(parents[1:], start=1):
        children[parent].append(n)  # type: ignore[index]
    whole = Numbers(ROOT_LEFT, ROOT_RIGHT, 0)
    numbers = {0: whole} | dict(number_branch(children, 0, whole))
    return [(parent, numbers[n]) for n, parent in enumerate(parents)]


def _comments(size: Size, members: range, busiest: User, now: datetime) -> Iterator[dict[str, Any]]:
    chance = random.Random(1)  # noqa: S311 - the same site each time
    texts = [(body, render_markdown(body).html) for body in (words_of(chance) for _ in range(200))]
    shape = _shape(chance)
    on_each = (size.comments - size.longest) // max(1, size.discussed - 1)
    pk = 0
    hidden = {
        n: status
        for status, every in (("held", size.comments // size.held), ("removed", 97), ("spam", 89))
        for n in (every,)
    }
    # The posts with comments are spread over all; the first has the longest thread.
    step = max(1, size.posts // size.discussed)
    for number in range(size.discussed):
        post = number * step + 1
        wanted = size.longest if number == 0 else on_each
        root = 0
        for n in range(wanted):
            parent, place = shape[n % BRANCH]
            pk += 1
            if parent is None:
                root = pk
            body, html = texts[pk % len(texts)]
            written = now - timedelta(seconds=30 * (size.comments - pk) + 60)
            # Only leaves are hidden, as most hidden comments are.
            status = next((name for every, name in hidden.items() if pk % every == 1), "public")
            author = (
                busiest.pk
                if pk % (size.comments // size.by_busiest) == 2
                else members[(pk * 7) % len(members)]
            )
            yield {
                "id": pk, "post_id": post, "parent_id": None if parent is None else root + parent, "author_id": author, "body": body, "html": html,
                "renderer_version": RENDERER_VERSION, "status": status, "hold_reasons": [{"code": "new_member"}] if status == "held" else [],
                "created_at": written, "published_at": None if status == "held" else written, "tree_id": root, "lft": place.left,
                "rght": place.right, "level": place.level, "branch_size": min(BRANCH, wanted - n) if parent is None else 1,
            }  # fmt: skip


def _count(size: Size) -> None:
    """Set the counters of all posts in one statement, as comments.services.writing.recount does for each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE posts_post SET comment_count = (SELECT COUNT(*) FROM comments_comment WHERE post_id = posts_post.id AND status = 'public'),"
            " last_comment_at = (SELECT MAX(created_at) FROM comments_comment WHERE post_id = posts_post.id AND status = 'public')"
        )


def _notifications(size: Size, busiest: User, now: datetime) -> Iterator[dict[str, Any]]:
    """Notifications for the busiest member about comments of others; one in four is unread."""
    step = size.comments // size.by_busiest
    for n in range(size.by_busiest):
        told = now - timedelta(minutes=size.by_busiest - n)
        yield {
            "id": n + 1, "member_id": busiest.pk, "comment_id": n * (step - 1) + 4, "reasons": ["answer"], "kind": "answers", "way": "here", "state": "no_mail",
            "created_at": told, "due_at": told, "seen_at": told if n % 4 else None,
        }  # fmt: skip


def _moderated(size: Size, members: range, moderator: User, now: datetime) -> None:
    gone = Comment.objects.filter(status__in=["removed", "spam"]).order_by("pk").values_list("pk", "status")
    insert(
        Decision,
        (
            {
                "id": n + 1, "comment_id": pk, "moderator_id": moderator.pk, "action": "remove" if status == "removed" else "spam", "status_before": "public",
                "status_after": status, "created_at": now - timedelta(minutes=n + 5),
            }
            for n, (pk, status) in enumerate(gone[: size.held])
        ),
    )  # fmt: skip
    reported = Comment.objects.filter(status="public").order_by("-pk").values_list("pk", flat=True)
    insert(
        Report,
        (
            {
                "id": n + 1, "comment_id": pk, "reporter_id": members[n % len(members)], "reason": "unkind", "created_at": now - timedelta(minutes=n + 5),
            }
            for n, pk in enumerate(reported[: size.of(2_000)])
        ),
    )  # fmt: skip
