"""The objects in a WordPress export, as the reader yields them."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Blog:
    """The header of the file."""

    title: str = ""
    link: str = ""
    key: str = ""


@dataclass(slots=True)
class Note:
    """A repair of the file as a whole."""

    text: str


@dataclass(slots=True)
class Author:
    number: int
    login: str
    email: str
    name: str


@dataclass(slots=True)
class Term:
    """A category or tag with its description. parent: the slug of the parent category, or ""."""

    slug: str
    name: str
    description: str
    parent: str


@dataclass(slots=True)
class WpComment:
    """A comment in the file. `item` is the position of its post, from 1.

    number: its id, or a negative one derived from its content if it has none or another comment has the same.
    is_copy: an identical one comes earlier in the file.
    """

    item: int
    line: int
    number: int
    parent: int
    user: int
    name: str
    email: str
    url: str
    text: str
    approved: str
    kind: str
    written_at: datetime | None
    is_copy: bool
    repairs: set[str]


@dataclass(slots=True)
class WpItem:
    """A post, page or attachment. Its comments precede it. number and is_copy: as in WpComment."""

    item: int
    line: int
    number: int
    kind: str
    status: str
    title: str
    slug: str
    link: str
    guid: str
    author: str
    content: str
    excerpt: str
    password: str
    is_open: bool
    written_at: datetime | None
    local_date: str
    modified_at: datetime | None
    tags: list[tuple[str, str]]
    is_copy: bool
    repairs: set[str]
    parent: int = 0
    is_sticky: bool = False
    attachment: str = ""  # the URL of its file
    meta: dict[str, str] = field(default_factory=dict)
