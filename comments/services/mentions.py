"""Suggestions of names after "@"."""

from accounts.models import User
from comments.models import Comment
from posts.models import Post

SHOWN = 6
# How many of the latest comments under a post are read for its participants.
LATEST = 300


def suggest_names(
    begun: str, *, writer: User, post: Post | None = None, parent: Comment | None = None
) -> list[User]:
    """Members whose names begin like this: first the parent's author, the host, and recent commenters here.

    Only these if nothing was typed yet. At most three queries, which cost the same in a long thread.
    """
    members = User.objects.listed().exclude(pk=writer.pk)
    near = _participants(post, parent)
    matching = members.named_like(begun) if begun else members
    found = sorted(matching.filter(pk__in=near), key=lambda member: near[member.pk])[:SHOWN] if near else []
    if begun and len(found) < SHOWN:
        found += matching.exclude(pk__in=near).by_name()[: SHOWN - len(found)]
    return found


def _participants(post: Post | None, parent: Comment | None) -> dict[int, int]:
    """Participants of the thread: their keys, with a rank. 0 is the nearest."""
    if post is None:
        return {}
    latest = Comment.objects.for_post(post).public().newest_first().values_list("author", flat=True)[:LATEST]
    row = [parent.author_id if parent else None, post.author_id, *latest]
    return {key: place for place, key in enumerate(dict.fromkeys(row)) if key is not None}
