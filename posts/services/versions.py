"""Storing, comparing and restoring versions of a post (docs/decisions/0069)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.markup.lines import as_lines
from core.utils.comparison import DELETED, INSERTED, SAME, Comparison, Piece
from posts.models import Post, PostRevision, Tag
from posts.models.revisions import TEXT_COLUMNS

WORD = re.compile(r"\w+")


def keep_first_version(post: Post) -> None:
    """Store the current text before the first change of a post that has no versions yet."""
    if not PostRevision.objects.filter(post=post).exists():
        PostRevision.of(post, saved_at=post.updated_at).save()


def keep_version(post: Post, *, by: User, restored: PostRevision | None = None) -> PostRevision | None:
    """Store the post's text as a version; None if it has not changed. In the transaction that changed it."""
    now = PostRevision.of(post, saved_by=by, restored_from=restored.saved_at if restored else None)
    before = PostRevision.objects.filter(post=post).first()
    if before is not None and before.has_same_text_as(now):
        return None
    now.words_added, now.words_removed = _words_changed(before, now)
    now.save()
    return now


def restore_version(revision: PostRevision, *, by: User) -> Post:
    """Restore the text, title and tags of this version. The replaced version stays in the list."""
    with transaction.atomic():
        post = Post.objects.select_for_update().get(pk=revision.post_id)
        keep_first_version(post)
        for name in TEXT_COLUMNS:
            setattr(post, name, getattr(revision, name))
        post.updated_at = timezone.now()
        post.save(update_fields=[*TEXT_COLUMNS, "updated_at"])
        post.tags.set(Tag.objects.named(revision.tags))
        keep_version(post, by=by, restored=revision)
    return post


def _words_changed(before: PostRevision | None, now: PostRevision) -> tuple[int, int]:
    if before is None:
        return len(WORD.findall(text_of(now))), 0
    added = removed = 0
    for piece in Comparison().pieces(text_of(before), text_of(now)):
        count = len(WORD.findall(piece.words))
        added += count if piece.kind == INSERTED else 0
        removed += count if piece.kind == DELETED else 0
    return added, removed


def text_of(revision: PostRevision) -> str:
    """All text of a version, line by line, for comparing."""
    labelled = [
        ("", revision.title),
        ("", revision.summary),
        (_("Tags: %(text)s"), ", ".join(revision.tags)),
        (_("Language: %(text)s"), revision.language),
        (_("Alt text of the cover picture: %(text)s"), revision.cover_alt),
        (_("Title in search results: %(text)s"), revision.meta_title),
        (_("Description in search results: %(text)s"), revision.meta_description),
    ]
    head = "".join(f"{(label or '%(text)s') % {'text': text}}\n" for label, text in labelled if text)
    return head + as_lines(revision.body)


@dataclass(frozen=True)
class Row:
    """A row of the side-by-side view: the same, changed, or in one version only."""

    old: list[Piece]
    new: list[Piece]

    @property
    def is_same(self) -> bool:
        return all(piece.kind == SAME for piece in (*self.old, *self.new))


def compare_inline(old: PostRevision, new: PostRevision) -> list[Piece]:
    return Comparison().pieces(text_of(old), text_of(new))


def compare_side_by_side(old: PostRevision, new: PostRevision) -> list[Row]:
    """The lines of both versions, with matching ones side by side."""
    rows: list[Row] = []
    left: list[Piece] = []
    right: list[Piece] = []
    for piece in compare_inline(old, new):
        for words, ends in _lines(piece.words):
            if piece.kind != INSERTED:
                left.append(Piece(piece.kind, words))
            if piece.kind != DELETED:
                right.append(Piece(piece.kind, words))
            if ends and piece.kind == SAME:
                rows += _paired(left, right)
                left, right = [], []
    return [*rows, *_paired(left, right)]


def _paired(left: list[Piece], right: list[Piece]) -> Iterator[Row]:
    nothing: list[Piece] = []
    for old, new in zip_longest(_split(left), _split(right), fillvalue=nothing):
        yield Row(old, new)


def _split(pieces: list[Piece]) -> list[list[Piece]]:
    """Split the pieces at line breaks."""
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        lines[-1].append(piece)
        if piece.words.endswith("\n"):
            lines.append([])
    return lines if lines[-1] else lines[:-1]


def _lines(words: str) -> Iterator[tuple[str, bool]]:
    for line in words.splitlines(keepends=True):
        yield line, line.endswith("\n")
