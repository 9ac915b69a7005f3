"""Suggestions while someone types a query: posts by title, tags and members by name.

A word matches the beginning of a word. Titles and tags are compared in memory, since an index of stems does
not know beginnings. Matches are then looked up by the usual querysets, so nothing is shown that the reader
may not see.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import User
from posts.models import Post, Tag
from search.visibility import without_muted
from search.words import fold, words_of

MAX_CHARACTERS = 60
# How many of each kind.
POSTS, TAGS, MEMBERS = 5, 2, 3
# How many of the newest titles are compared.
TITLES = 5_000
# How long a new title is not suggested yet.
SECONDS = 60


class Suggestion(NamedTuple):
    kind: str
    text: str
    url: str


class Name(NamedTuple):
    """Words whose beginnings are compared."""

    pk: int
    words: tuple[str, ...]

    def fits(self, wanted: list[str]) -> bool:
        return all(any(word.startswith(begun) for word in self.words) for begun in wanted)


def suggestions_for(typed: str, reader: User | AnonymousUser) -> Iterator[Suggestion]:
    """A few suggestions, the newest posts first.

    None for a single letter, but a single character of Chinese or Japanese is a word.
    """
    wanted = words_of(typed[:MAX_CHARACTERS])
    if not wanted or (len(wanted) == 1 and len(wanted[0]) < 2 and wanted[0].isascii()):
        return
    yield from _posts(wanted, reader)
    yield from _tags(wanted, reader)
    yield from _members(typed[:MAX_CHARACTERS], reader)


def _posts(wanted: list[str], reader: User | AnonymousUser) -> Iterator[Suggestion]:
    posts = Post.objects.discoverable_by(reader)
    pks = _fitting(
        wanted,
        _kept("titles", reader, lambda: posts.newest_first().values_list("pk", "title")[:TITLES]),
        POSTS,
    )
    fitting = without_muted("posts", posts.filter(pk__in=pks).newest_first(), reader)
    for post in fitting.only("title", "slug", "kind") if pks else ():
        yield Suggestion(capfirst(str(post.get_kind_display())), post.title, post.get_absolute_url())


def _tags(wanted: list[str], reader: User | AnonymousUser) -> Iterator[Suggestion]:
    tags = Tag.objects.in_use(reader)
    pks = _fitting(wanted, _kept("tags", reader, lambda: tags.values_list("pk", "name")), TAGS)
    for tag in tags.filter(pk__in=pks) if pks else ():
        yield Suggestion(_("Tag"), tag.name, tag.get_absolute_url())


def _members(typed: str, reader: User | AnonymousUser) -> Iterator[Suggestion]:
    members = User.objects.listed_for(reader).named_like(" ".join(typed.split())).by_name()
    for member in without_muted("members", members, reader)[:MEMBERS]:
        yield Suggestion(_("Member"), member.get_display_name(), member.get_absolute_url())


def _fitting(wanted: list[str], names: list[Name], most: int) -> list[int]:
    """Keys of the first matches."""
    pks = []
    for name in names:
        if name.fits(wanted):
            pks.append(name.pk)
            if len(pks) == most:
                break
    return pks


def _kept(what: str, reader: User | AnonymousUser, read: Any) -> list[Name]:
    """Cached in this process; the same for all visitors, and for all members."""
    cache, key = caches["parts"], f"suggest-{what}-{'members' if reader.is_authenticated else 'everybody'}"
    names: list[Name] | None = cache.get(key)
    if names is None:
        names = [Name(pk, tuple(_words(text))) for pk, text in read()]
        cache.set(key, names, SECONDS)
    return names


def _words(text: str) -> Iterable[str]:
    return [*words_of(text), *([fold(text)] if " " not in text else [])]
