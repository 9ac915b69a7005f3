"""What every reader yields, in any order, whatever system the export is from.

`key` is what the other system calls a thing, the same in each of its exports: by it a second import knows what is here.
Texts are as they were written there; the importer converts them. `losses` are sentences about the thing at hand, without a
full stop ("an impossible date is left out"); they are reported with the places where they occur.
"""

from dataclasses import dataclass, field
from datetime import datetime


class ImportRefused(Exception):
    """The file cannot be imported. One sentence that says what and where; nothing was written."""


@dataclass(slots=True)
class Source:
    """The blog as a whole. link: its address, to which relative ones are joined. key: what tells it from other blogs."""

    link: str = ""
    key: str = ""
    title: str = ""


@dataclass(slots=True)
class ForeignTag:
    name: str
    slug: str = ""
    description: str = ""


@dataclass(slots=True)
class ForeignPost:
    """A post or a page.

    body_format: "html", "markdown" or "text". visibility: as posts.models.Post.Visibility.
    published_at: None for a draft; a future time for one that is scheduled.
    addresses: where it was found, as paths or whole addresses; each redirects here.
    cover: an address, or the name of a file in the export.
    is_stub: the export has comments alone; this says under which post they were.
    """

    key: str
    title: str = ""
    body: str = ""
    body_format: str = "html"
    summary: str = ""
    slug: str = ""
    kind: str = "post"
    visibility: str = "public"
    is_pinned: bool = False
    published_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    author: str = ""
    tags: list[ForeignTag] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    cover: str = ""
    cover_alt: str = ""
    folder: str = ""
    comments_open: bool = True
    is_stub: bool = False
    losses: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ForeignComment:
    """post, parent: the keys of others; no parent for a comment that replies to none. status: public, held, spam or deleted."""

    key: str
    post: str
    parent: str = ""
    name: str = ""
    email: str = ""
    url: str = ""
    body: str = ""
    body_format: str = "html"
    status: str = "public"
    written_at: datetime | None = None
    losses: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ForeignAuthor:
    """Who wrote posts: `author` of a post is this key."""

    key: str
    name: str = ""
    email: str = ""


@dataclass(slots=True)
class ForeignSubscriber:
    email: str
    consented_at: datetime | None = None
    unsubscribed_at: datetime | None = None


@dataclass(slots=True)
class LeftOut:
    """Something that has no place here. what: in the plural ("reactions"), counted."""

    what: str
    count: int = 1


Thing = Source | ForeignPost | ForeignComment | ForeignAuthor | ForeignSubscriber | LeftOut
