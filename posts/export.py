"""What this app stores about a member, for the data export (accounts/services/export.py)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.export import Part, Row
from core.utils.urls import absolute_url
from posts.models import Post


def _posts(member: User) -> Iterator[Row]:
    for post in Post.objects.filter(author=member).order_by("pk").iterator(chunk_size=100):
        yield {
            "title": post.title,
            "address": absolute_url(post.get_absolute_url()),
            "summary": post.summary,
            "html": post.body,
            "tags": list(post.tags.values_list("name", flat=True)),
            "published_at": post.published_at,
            "pictures": [post.cover.name] if post.cover else [],
            "picture_shows": post.cover_alt,
        }


def _covers(member: User) -> Iterator[str]:
    yield from Post.objects.filter(author=member).exclude(cover="").values_list("cover", flat=True)


PARTS = [
    Part(
        "posts",
        _("Your posts"),
        _posts,
        {
            "title": _("Title"),
            "address": _("Address"),
            "summary": _("Summary"),
            "published_at": _("Published"),
        },
        frozenset({"posts.Post.author"}),
        _covers,
    )
]
