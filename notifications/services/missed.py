"""What a member has missed while they were away: at most three discussions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from accounts.models import User
from comments.models import Comment
from notifications.models import ThreadSubscription
from posts.models import Post

MAX_DISCUSSIONS = 3
NAMES_SHOWN = 3
# How many of the busiest are read to find those that the member knows.
LOOKED_AT = 50


@dataclass(frozen=True)
class Missed:
    """A discussion with new comments, or a new post."""

    post: Post
    new_comments: int
    names: tuple[str, ...]
    is_new_post: bool


def missed_by(member: User, since: datetime) -> list[Missed]:
    """First discussions that the member takes part in or follows, then the busiest, then new posts.

    Without what they can't read, mute or wrote themselves. At most six queries.
    """
    readable = Post.objects.listed_for(member).exclude(
        subscriptions__in=ThreadSubscription.objects.filter(
            member=member, level=ThreadSubscription.Level.MUTED
        )
    )
    others = Comment.objects.public().filter(created_at__gt=since, post__in=readable)
    muted = member.mutes.values("muted")
    others = others.exclude(author=member).exclude(author__in=muted)
    busiest = others.order_by().values("post").annotate(number=Count("pk")).order_by("-number", "-post")
    counts = {row["post"]: row["number"] for row in busiest[:LOOKED_AT]}
    known = _known_to(member, counts)
    keys = sorted(counts, key=lambda pk: (pk not in known, -counts[pk], -pk))[:MAX_DISCUSSIONS]
    posts = readable.in_bulk(keys)
    newest = readable.filter(published_at__gt=since).exclude(author=member).exclude(author__in=muted)
    newest = newest.exclude(pk__in=keys).newest_first()
    found = [posts[key] for key in keys if key in posts]
    found += newest[: MAX_DISCUSSIONS - len(found)] if len(found) < MAX_DISCUSSIONS else []
    return [
        Missed(
            post,
            counts.get(post.pk, 0),
            _names(others.filter(post=post)) if post.pk in counts else (),
            post.published_at is not None and post.published_at > since,
        )
        for post in found
    ]


def _known_to(member: User, posts: Collection[int]) -> set[int]:
    """Those of these posts on which the member commented, or which they follow or wrote."""
    following = ThreadSubscription.objects.filter(
        member=member, post__in=posts, level=ThreadSubscription.Level.FOLLOWING
    )
    own = Post.objects.filter(pk__in=posts).filter(
        Q(author=member)
        | Q(pk__in=Comment.objects.filter(author=member, post__in=posts).values("post"))
        | Q(pk__in=following.values("post"))
    )
    return set(own.values_list("pk", flat=True))


def _names(comments: Any) -> tuple[str, ...]:
    """The names of the last authors."""
    last = comments.select_related("author").order_by("-created_at")[: 4 * NAMES_SHOWN]
    return tuple(dict.fromkeys(comment.author_name for comment in last))[:NAMES_SHOWN]
