"""The objects that every reader yields, in any order.

`key` is the other system's id, the same in each of its exports, by which a second import recognises what
exists. Texts are in their original format; the importer converts them. `losses` are sentences about the
object without a full stop ("an impossible date is left out"); the report lists them with the places where
they occur.
"""

from dataclasses import dataclass, field
from datetime import datetime


class ImportRefused(Exception):
    """The file cannot be imported. The message says what is wrong and where; nothing was written."""


@dataclass(slots=True)
class Source:
    """The blog. link: its URL, the base for relative ones. key: distinguishes it from other blogs."""

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

    body_format: "html", "markdown" or "text". visibility: as posts.models.Post.Visibility. published_at: None
    for a draft; a future time for a scheduled post. addresses: its former URLs, as paths or complete; each
    redirects here. cover: a URL, or the name of a file in the export. is_stub: the export has only comments,
    and this identifies their post.
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
    """post, parent: the keys of others; no parent at the top level. status: public, held, spam or deleted."""

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
    """An author of posts, referred to by `author` of a post."""

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
    """Something that cannot be imported. what: in the plural ("reactions"), counted."""

    what: str
    count: int = 1


Thing = Source | ForeignPost | ForeignComment | ForeignAuthor | ForeignSubscriber | LeftOut
