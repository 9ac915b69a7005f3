"""Who is notified of a post, as lines for the host: before it is published, and after.

Later apps know whom they notify. They name functions in POST_AUDIENCE and POST_RECEIPT.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from posts.models import Post


@dataclass(frozen=True)
class AudienceLine:
    """A number of people and how they are notified, in words.

    is_reached: whether they are notified; otherwise the text says why not.
    """

    count: int
    text: str
    is_mail: bool = False
    is_reached: bool = True


@dataclass(frozen=True)
class Audience:
    """Who a post reaches when it is published: a line for each group."""

    lines: list[AudienceLine]

    @property
    def count(self) -> int:
        return sum(line.count for line in self.lines if line.is_reached)

    @property
    def mails(self) -> int:
        return sum(line.count for line in self.lines if line.is_reached and line.is_mail)


def audience_of(post: Post) -> Audience:
    """Who would be notified if the post were published now. No one for a page or an unlisted post."""
    return Audience([*_lines(settings.POST_AUDIENCE, post)] if post.is_announced else [])


def receipt_of(post: Post) -> Audience:
    """Who was notified of a published post, and who still will be."""
    return Audience([*_lines(settings.POST_RECEIPT, post)])


def _lines(paths: list[str], post: Post) -> Iterator[AudienceLine]:
    for path in paths:
        yield from import_string(path)(post)
