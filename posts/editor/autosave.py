"""Autosave of unsaved text, with detection of two windows that edit one post."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from posts.models import Post
from posts.models.editing import Autosave

FIELDS = ("title", "summary", "body")
NEW_POSTS_KEPT = 50
NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9_-]")
# In characters. A long book has two million.
BODY_CHARACTERS = 3_000_000


@dataclass(frozen=True)
class Unsaved:
    """What a window sends.

    `revision`: the last one it knew; `saved`: the version of the post it started from.
    """

    key: str
    window: str
    revision: int
    saved: str
    title: str
    summary: str
    body: str
    kind: str = Post.Kind.POST


@dataclass(frozen=True)
class Seen:
    """The unsaved text that a window knew when it saved: its own, and everything up to `revision`."""

    window: str
    revision: int

    @classmethod
    def of(cls, sent: Mapping[str, Any]) -> Self | None:
        """None for a page from before this was sent."""
        revision = str(sent.get("autosave_revision", ""))
        if not re.fullmatch(r"[0-9]{1,9}", revision):
            return None
        return cls(str(sent.get("autosave_window", "")), int(revision))


class Conflict(Exception):
    """Another user or window was faster. `theirs`: the other text, as an Autosave row or the post itself."""

    def __init__(self, theirs: Autosave | Post) -> None:
        super().__init__("changed elsewhere")
        self.theirs = theirs


def content_version(post: Post | None) -> str:
    """A fingerprint of the post's text, to detect later changes. "" for a new post."""
    if post is None or post.pk is None:
        return ""
    content = "\0".join(getattr(post, name) for name in FIELDS)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def settings_of(post: Post, names: Iterable[str]) -> dict[str, str]:
    """The post's other settings by form field, to detect later changes made elsewhere."""
    values = {}
    for name in names:
        if name == "tag_names":
            values[name] = ", ".join(sorted(post.tags.values_list("name", flat=True)))
        elif name not in FIELDS and hasattr(post, name):
            value = post.author_id if name == "author" else getattr(post, name)
            values[name] = value.isoformat() if isinstance(value, datetime) else str(value or "")
    return values


def opened_with(sent: Mapping[str, Any]) -> dict[str, str]:
    """Those settings as they were when the form was opened. Empty if the form does not say."""
    try:
        values = json.loads(sent.get("settings_version", ""))
    except (ValueError, TypeError, RecursionError):
        return {}
    return (
        {name: value for name, value in values.items() if isinstance(value, str)}
        if isinstance(values, dict)
        else {}
    )


def key_of(post: Post | None, *, by: User, key: str = "") -> str:
    """The key of the row: one for each post, whoever writes; for a new post, one of the writer's own."""
    return f"post-{post.pk}" if post is not None else f"new-{by.pk}-{NOT_IN_KEYS.sub('', key)}"[:60]


def autosave(sent: Unsaved, *, by: User, post: Post | None) -> Autosave:
    """Store what was sent. Raises Conflict if another window has changed the row or the post itself.

    The same window sending again after a lost response is no conflict. Raises Post.DoesNotExist if the post
    was deleted.
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
    if not changed or row is None:  # another window wrote after the row was read, or the post was saved
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
        if theirs is None:  # the post or the writer was deleted a moment ago
            raise Post.DoesNotExist from None
        raise Conflict(theirs) from None
    if post is None:  # unsaved text of a new post, abandoned long ago
        newest = Autosave.objects.of_new_posts(row.editor).values_list("pk", flat=True)[:NEW_POSTS_KEPT]
        Autosave.objects.of_new_posts(row.editor).exclude(pk__in=[*newest]).delete()
    return row


def forget(*, key: str, by: User, post: Post | None, seen: Seen | None = None) -> None:
    """Delete unsaved text that was saved or discarded. seen: only what that window had seen."""
    rows = Autosave.objects.filter(key=key_of(post, by=by, key=key))
    if seen is not None:
        rows = rows.filter(Q(window=seen.window) | Q(revision__lte=seen.revision))
    rows.delete()


def is_newer(row: Autosave | None, seen: Seen | None) -> bool:
    """Whether another window has changed the row since that one last looked."""
    return row is not None and seen is not None and row.window != seen.window and row.revision > seen.revision


def find(*, key: str, by: User, post: Post | None) -> Autosave | None:
    """The unsaved text of a post, whoever wrote it; of a new post, the writer's own."""
    return Autosave.objects.select_related("editor").filter(key=key_of(post, by=by, key=key)).first()
