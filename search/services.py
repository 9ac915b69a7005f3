"""Updates the index, and searches it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from core.prepared import A_WORD, Prepared
from core.utils.among import Among, key_list
from posts.models import Post
from search.backends import backend
from search.backends.base import Document, SearchTerms, Titles
from search.documents import (
    days_between,
    documents_of_comments,
    documents_of_members,
    documents_of_names,
    documents_of_posts,
    fact,
)
from search.query import MAX_WORDS, Phrase, Query, read_query
from search.visibility import all_visible, visible
from search.words import LONGEST_WORD, pieces_sought, words_of

BATCH = 500
# Up to this many matches are ranked. Of more, those with the words in the title come first, then the newest.
RANKED = 300
# How many batches of matches are read for a page, if the reader may see few of them.
MAX_BATCHES = 8
# How many rows can be paged through in a search without words.
MAX_SKIPPED = 10_000
# A comment of a year ago has half the weight of one of today.
HALF_LIFE = timedelta(days=365)
NAMES_LOOKED_UP = 50
LANGUAGES_KEPT = 300


@dataclass(frozen=True)
class Kind:
    """A kind of row that can be found.

    rows: all that are indexed, with what their documents need. shown: with what results show.
    """

    name: str
    model: type[Model]
    rows: Callable[[], QuerySet[Any]]
    shown: Callable[[], QuerySet[Any]]
    documents: Callable[[Iterable[Any]], Iterator[Document]]

    @cached_property
    def shown_among(self) -> Prepared[Any]:
        return Prepared(lambda keys: self.shown().filter(Among("pk", keys)), keys=A_WORD)


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "posts",
            Post,
            lambda: Post.objects.prefetch_related("tags"),
            lambda: Post.objects.select_related("author"),
            documents_of_posts,
        ),
        Kind(
            "comments",
            Comment,
            lambda: Comment.objects.select_related("post"),
            lambda: Comment.objects.select_related("author", "post"),
            documents_of_comments,
        ),
        Kind("members", User, User.objects.all, User.objects.all, documents_of_members),
        Kind("names", User, User.objects.all, User.objects.all, documents_of_names),
    )
}


def index(kind: str, pks: Iterable[int]) -> None:
    """Write the current contents of these rows to the index; remove those that are gone."""
    pks, about = list(pks), KINDS[kind]
    for at in range(0, len(pks), BATCH):
        some = pks[at : at + BATCH]
        documents = list(about.documents(about.rows().filter(pk__in=some)))
        backend().add(kind, documents)
        if gone := set(some) - {document.pk for document in documents}:
            backend().remove(kind, gone)


def rebuild(kind: str, *, done: Callable[[int], None] = lambda count: None) -> int:
    """Rebuild the index in place, in batches; the search works in the meantime.

    Returns the number of rows.
    """
    about, last, count = KINDS[kind], 0, 0
    while some := list(about.rows().filter(pk__gt=last).order_by("pk")[:BATCH]):
        _write(kind, some)
        _remove_deleted(kind, last, some[-1].pk, {row.pk for row in some})
        last, count = some[-1].pk, count + len(some)
        done(len(some))
    _remove_deleted(kind, last, None, set())
    return count


def _write(kind: str, rows: list[Any]) -> None:
    """Documents are made without a lock.

    Those of rows that changed in the meantime are made again under it.
    """
    about = KINDS[kind]
    made = {document.pk: document for document in about.documents(rows)}
    before = {row.pk: _state(row) for row in rows}
    with transaction.atomic():
        now = list(
            about.rows().filter(pk__in=before).order_by("pk").select_for_update(of=("self",), no_key=True)
        )
        changed = [row for row in now if _state(row) != before[row.pk]]
        made |= {document.pk: document for document in about.documents(changed)}
        backend().add(kind, [made[row.pk] for row in now])


def _state(row: Any) -> list[Any]:
    tags = row.tags.all() if isinstance(row, Post) else ()
    return [getattr(row, field.attname) for field in row._meta.concrete_fields] + [
        (tag.pk, tag.name) for tag in tags
    ]


def _remove_deleted(kind: str, above: int, to: int | None, known: set[int]) -> None:
    """Remove what is in the index between two keys, but not in the database."""
    while found := backend().keys(kind, above=above, limit=2 * BATCH):
        here = [pk for pk in found if to is None or pk <= to]
        if strangers := [pk for pk in here if pk not in known]:
            backend().remove(kind, strangers)
        if len(here) < len(found) or len(found) < 2 * BATCH:
            return
        above = found[-1]


def purge_erased(_member: User, _deletion: Any) -> int:
    """A step of deleting an account: erase removed words from the index completely."""
    for kind in KINDS:
        backend().purge(kind)
    return 0


@dataclass
class Found:
    """rows: visible to the reader, best first. next: the cursor of the next page, or ""."""

    rows: list[Any] = field(default_factory=list)
    next: str = ""


@dataclass(frozen=True)
class Place:
    """Where a page begins: among these matches, below this key, after so many rows."""

    titles: Titles = Titles.ANY
    below: int | None = None
    skipped: int = 0

    def __str__(self) -> str:
        return f"{self.titles}{self.below or ''}.{self.skipped}"

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """Parse a cursor. Invalid ones give the first page."""
        found = CURSOR.fullmatch(cursor)
        if found is None:
            return cls()
        return cls(Titles(found[1]), int(found[2]) if found[2] else None, int(found[3]))


CURSOR = re.compile(r"(|t|b)([0-9]{0,18})\.([0-9]{1,5})")


def search(
    kind: str, query: Query, reader: Any, *, size: int, cursor: str = "", newest: bool = False
) -> Found:
    """A page of matches that the reader may see. cursor: `next` of the previous page."""
    if query.is_of_days_alone:
        return _within_days(kind, query, reader, size, Place.read(cursor).skipped)
    sought = _sought(kind, query)
    if sought is None:
        return Found()
    place, keys = Place.read(cursor), list[int]()
    if place.titles and not sought.phrases:
        place = Place()  # a cursor of another query
    for _step in range(MAX_BATCHES):
        pks = backend().newest(kind, replace(sought, titles=place.titles), below=place.below, limit=RANKED)
        is_end = len(pks) < RANKED
        if not (is_end or newest or kind == "comments") and sought.phrases and place == Place():
            place = Place(Titles.ONLY)
            continue
        batch = visible(kind, query, reader, pks)
        if batch and is_end and place.below is None and not newest and sought.phrases:
            batch = _best_first(batch, backend().ranked(kind, sought, list(batch)))
        wanted = list(batch)[place.skipped :][: size - len(keys)]
        keys += wanted
        if place.skipped + len(wanted) < len(batch):
            place = replace(place, skipped=place.skipped + len(wanted))
            break
        if is_end and place.titles != Titles.ONLY:
            return Found(_rows(kind, keys))
        place = Place(Titles.NONE) if is_end else Place(place.titles, pks[-1])
        if len(keys) == size:
            break
    return Found(_rows(kind, keys), str(place))


def keys_for_admin(kind: str, typed: str, *, limit: int) -> list[int]:
    """Keys of matches, without permission checks, which the admin's lists do. For settings.ADMIN_SEARCH.

    Comments are also found by the name of their author, as with "from:"; names by any part of them.
    """
    if kind == "names":
        phrases = [
            forms for word in typed.split()[:MAX_WORDS] if (forms := pieces_sought(word[:LONGEST_WORD]))
        ]
        sought = SearchTerms(phrases, [], [])
        return backend().newest(kind, sought, below=None, limit=limit) if phrases else []
    query = read_query(typed)
    queries = [query]
    if kind == "comments" and query.wanted and not (query.authors or query.posts or query.domains):
        queries.append(Query(typed, authors=[typed.replace('"', " ")]))
    wanted = filter(None, (_sought(kind, one) for one in queries))
    found = {pk for sought in wanted for pk in backend().newest(kind, sought, below=None, limit=limit)}
    return sorted(found, reverse=True)[:limit]


def _within_days(kind: str, query: Query, reader: Any, size: int, skipped: int) -> Found:
    """All rows that the reader may see, newest first, from the table: the index has no order of dates."""
    keys = list(all_visible(kind, query, reader)[skipped : skipped + size + 1])
    has_more = len(keys) > size and skipped + size <= MAX_SKIPPED
    return Found(_rows(kind, keys[:size]), str(Place(skipped=skipped + size)) if has_more else "")


def _rows(kind: str, keys: Sequence[int]) -> list[Any]:
    """Read the complete rows of a single page."""
    known = {row.pk: row for row in KINDS[kind].shown_among.all(keys=key_list(keys))} if keys else {}
    return [known[pk] for pk in keys if pk in known]


def _best_first(dates: dict[int, datetime], ranks: dict[int, float]) -> dict[int, datetime]:
    now = timezone.now()

    def worth(pk: int) -> float:
        age = max(now - dates[pk], timedelta(0)) / HALF_LIFE
        # Newer rows have a slight advantage: age takes away at most half.
        return ranks.get(pk, 0.0) * (0.5 + 0.5 * 0.5**age)

    return {pk: dates[pk] for pk in sorted(dates, key=worth, reverse=True)}


def languages() -> list[str]:
    """The languages of posts. A query is interpreted in each of them."""
    found = cache.get("search-languages")
    if found is None:
        used = (
            Post.objects.exclude(language="")
            .order_by("language")
            .values_list("language", flat=True)
            .distinct()
        )
        found = list(dict.fromkeys([settings.LANGUAGE_CODE, *used]))
        cache.set("search-languages", found, LANGUAGES_KEPT)
    return found


def forms_of(phrase: Phrase, kind: str) -> list[tuple[str, ...]]:
    """The sequences of words by which a phrase may be indexed: one per language."""
    in_all = [
        words_of(phrase.text, language) for language in [*languages(), *([""] if kind == "members" else [])]
    ]
    # For text without spaces, the last character is also indexed by itself, but not within a longer text.
    return list(dict.fromkeys(tuple(_within(words)) for words in in_all if words))


def _within(words: list[str]) -> list[str]:
    if len(words) > 1 and len(words[-1]) == 1 and words[-2].endswith(words[-1]) and len(words[-2]) == 2:
        return words[:-1]
    return words


def _sought(kind: str, query: Query) -> SearchTerms | None:
    """What to search the index for; None if nothing can be found."""
    phrases = [forms_of(phrase, kind) for phrase in query.wanted]
    facts = list(_facts(kind, query))
    if not all(facts) or (query.wanted and not any(phrases)):
        return None
    phrases = [forms for forms in phrases if forms]
    if not (phrases or facts):
        return None
    without = [forms for phrase in query.phrases if phrase.is_excluded and (forms := forms_of(phrase, kind))]
    return SearchTerms(phrases, without, facts)


def _facts(kind: str, query: Query) -> Iterator[list[str]]:
    """A group of facts for each operator; an empty one if it can't apply to this kind of row."""
    for name in query.authors:
        members = User.objects.with_page().filter(Q(username=name.lower()) | Q(pk__in=_named(name)))
        found = [fact("a", pk) for pk in members.values_list("pk", flat=True)[:NAMES_LOOKED_UP]]
        guests = [fact("g", word) for word in words_of(name)] if kind == "comments" else []
        yield [] if kind == "members" else found + guests
    for name in query.posts:
        yield [fact("p", pk) for pk in _posts_named(name)] if kind == "comments" else []
    for domain in query.domains:
        host = domain.lower().partition("://")[2] or domain.lower()
        yield [] if kind == "members" else [fact("d", host.partition("/")[0].removeprefix("www."))]
    for tag in query.tags:
        yield [fact("t", tag)] if kind == "posts" else []
    if query.after or query.before:
        yield days_between(query.after, query.before)


def _named(name: str) -> list[int]:
    words = tuple(words_of(name))
    return (
        backend().newest(
            "members", SearchTerms([[words]], [], [], Titles.ONLY), below=None, limit=NAMES_LOOKED_UP
        )
        if words
        else []
    )


def _posts_named(name: str) -> list[int]:
    by_slug = list(Post.objects.filter(slug=name.lower()).values_list("pk", flat=True))
    if by_slug or not (forms := forms_of(Phrase(name), "posts")):
        return by_slug
    sought = SearchTerms([forms], [], [], Titles.ONLY)
    found = backend().newest("posts", sought, below=None, limit=NAMES_LOOKED_UP)
    return list(Post.objects.filter(pk__in=found).values_list("pk", flat=True))
