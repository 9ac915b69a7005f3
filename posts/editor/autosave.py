"""Keeps text that is not saved yet, and notices when two windows write one post."""

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


@dataclass(frozen=True)
class Seen:
    """What a window that saves a post knows of its unsaved text: its own, and all up to `revision`."""

    window: str
    revision: int

    @classmethod
    def of(cls, sent: Mapping[str, Any]) -> Self | None:
        """None: an older page, which did not say it."""
        revision = str(sent.get("autosave_revision", ""))
        if not re.fullmatch(r"[0-9]{1,9}", revision):
            return None
        return cls(str(sent.get("autosave_window", "")), int(revision))


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


def settings_of(post: Post, names: Iterable[str]) -> dict[str, str]:
    """What a post is besides its text, by field of its form, to notice later what was changed elsewhere."""
    said = {}
    for name in names:
        if name == "tag_names":
            said[name] = ", ".join(sorted(post.tags.values_list("name", flat=True)))
        elif name not in FIELDS and hasattr(post, name):
            value = post.author_id if name == "author" else getattr(post, name)
            said[name] = value.isoformat() if isinstance(value, datetime) else str(value or "")
    return said


def opened_with(sent: Mapping[str, Any]) -> dict[str, str]:
    """What a form says that those settings were when it was opened. Empty: it does not say."""
    try:
        said = json.loads(sent.get("settings_version", ""))
    except (ValueError, TypeError, RecursionError):
        return {}
    return (
        {name: value for name, value in said.items() if isinstance(value, str)}
        if isinstance(said, dict)
        else {}
    )


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


def forget(*, key: str, by: User, post: Post | None, seen: Seen | None = None) -> None:
    """Drop unsaved text: it is in the post now, or its writer discards it. seen: only what that window had seen."""
    rows = Autosave.objects.filter(key=key_of(post, by=by, key=key))
    if seen is not None:
        rows = rows.filter(Q(window=seen.window) | Q(revision__lte=seen.revision))
    rows.delete()


def is_newer(row: Autosave | None, seen: Seen | None) -> bool:
    """Whether another window wrote it after that one last looked."""
    return row is not None and seen is not None and row.window != seen.window and row.revision > seen.revision


def find(*, key: str, by: User, post: Post | None) -> Autosave | None:
    """The unsaved text of a post, whoever wrote it, or of one's own that is not there yet."""
    return Autosave.objects.select_related("editor").filter(key=key_of(post, by=by, key=key)).first()
