"""Keeps text that is not saved yet, and notices when two windows write one post."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from posts.models import Post
from posts.models.editing import Autosave

FIELDS = ("title", "summary", "body")
NEW_POSTS_KEPT = 50
NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9_-]")
# Characters. A long book has two million.
BODY_CHARACTERS = 3_000_000


@dataclass(frozen=True)
class Unsaved:
    """What a window sends. `revision`: the one it last knew; `saved`: the version of the post it began with."""

    key: str
    window: str
    revision: int
    saved: str
    title: str
    summary: str
    body: str
    kind: str = Post.Kind.POST


class Conflict(Exception):
    """Somebody else, or another window, was faster. `theirs`: their text; a row, or the post itself."""

    def __init__(self, theirs: Autosave | Post) -> None:
        super().__init__("changed elsewhere")
        self.theirs = theirs


def content_version(post: Post | None) -> str:
    """Names what a post says now, to notice later that it says something else. "" for a post that is not there yet."""
    if post is None or post.pk is None:
        return ""
    said = "\0".join(getattr(post, name) for name in FIELDS)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def key_of(post: Post | None, *, by: User, key: str = "") -> str:
    """One row for a post, whoever writes; for one that is not there yet, its writer's own."""
    return f"post-{post.pk}" if post is not None else f"new-{by.pk}-{NOT_IN_KEYS.sub('', key)}"[:60]


def autosave(sent: Unsaved, *, by: User, post: Post | None) -> Autosave:
    """Keep what was sent. Raises Conflict when the row, or the post itself, was changed by another window meanwhile.

    The same window sending again after a lost answer is no conflict. Raises Post.DoesNotExist when the post was deleted meanwhile.
    """
    if post is not None and sent.saved != content_version(post):
        raise Conflict(post)
    key = key_of(post, by=by, key=sent.key)
    values: dict[str, Any] = {name: getattr(sent, name) for name in FIELDS}
    values |= {"title": sent.title[:500], "window": sent.window, "editor": by, "updated_at": timezone.now()}
    row = Autosave.objects.filter(key=key).first()
    if row is None:
        return _created(key, post, values, sent)
    if row.window != sent.window and row.revision != sent.revision:
        raise Conflict(row)
    changed = Autosave.objects.filter(pk=row.pk, revision=row.revision).update(
        revision=row.revision + 1, **values
    )
    row = Autosave.objects.filter(pk=row.pk).first()
    if not changed or row is None:  # another window wrote between the two lines, or the post was saved
        return autosave(sent, by=by, post=post)
    return row


def _created(key: str, post: Post | None, values: dict[str, Any], sent: Unsaved) -> Autosave:
    try:
        with transaction.atomic():
            row = Autosave.objects.create(
                key=key, post=post, kind=sent.kind, revision=sent.revision + 1, **values
            )
    except IntegrityError:
        theirs = Autosave.objects.filter(key=key).first()
        if theirs is None:  # the post, or who writes, was deleted a moment ago
            raise Post.DoesNotExist from None
        raise Conflict(theirs) from None
    if post is None:  # what was begun and forgotten long ago
        kept = Autosave.objects.of_new_posts(row.editor).values_list("pk", flat=True)[:NEW_POSTS_KEPT]
        Autosave.objects.of_new_posts(row.editor).exclude(pk__in=[*kept]).delete()
    return row


def forget(*, key: str, by: User, post: Post | None) -> None:
    """Drop unsaved text: it is in the post now, or its writer discards it."""
    Autosave.objects.filter(key=key_of(post, by=by, key=key)).delete()


def find(*, key: str, by: User, post: Post | None) -> Autosave | None:
    """The unsaved text of a post, whoever wrote it, or of one's own that is not there yet."""
    return Autosave.objects.select_related("editor").filter(key=key_of(post, by=by, key=key)).first()
