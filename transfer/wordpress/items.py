"""What is in a WordPress export, as the reader yields it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Blog:
    """The head of the file."""

    title: str = ""
    link: str = ""
    key: str = ""


@dataclass(slots=True)
class Note:
    """A description of a repair to the file as a whole."""

    text: str


@dataclass(slots=True)
class Author:
    number: int
    login: str
    email: str
    name: str


@dataclass(slots=True)
class Term:
    """A category or a tag with what the blog says about it. parent: the slug of the category that it is part of, or ""."""

    slug: str
    name: str
    description: str
    parent: str


@dataclass(slots=True)
class WpComment:
    """A comment as in the file. `item` counts the items, from 1.

    number: its id, or a negative one derived from its content, if it has none or another comment has the same.
    is_copy: an identical one is earlier in the file.
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
    """A post, page or attachment; its comments came before it. number and is_copy: as with WpComment."""

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
    attachment: str = ""  # the address of its file
    meta: dict[str, str] = field(default_factory=dict)
