"""Comments as schema.org structured data, for search engines."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.urls import reverse

from comments.models import Comment
from core.utils.urls import absolute_url


def comment_data(about: str, comment: Comment) -> dict[str, Any]:
    """A public comment as schema.org Comment. No query if the author was read. about: the URL of its post."""
    author, parent = comment.author, comment.parent_id
    # Former members have no page.
    member = author.username if author and author.is_active else ""
    guest_url = comment.guest_url if author is None else ""
    return _kept_data(
        about,
        comment.link_query,
        comment.pk,
        parent,
        comment.author_name,
        member,
        guest_url,
        comment.created_at,
        comment.public_html,
    )


@lru_cache(maxsize=500)
def _kept_data(
    about: str,
    query: str,
    pk: int,
    parent: int | None,
    name: str,
    member: str,
    guest_url: str,
    created_at: datetime,
    html: str,
) -> dict[str, Any]:
    """The result is cached: callers must not change it."""
    person: dict[str, Any] = {"@type": "Person", "name": name}
    if member:
        person["url"] = absolute_url(reverse("accounts:member-detail", args=[member]))
    elif guest_url:
        person["url"] = guest_url
    address = absolute_url(reverse("comments:comment-detail", args=[pk])) + query
    data = {
        "@type": "Comment",
        "@id": address,
        "url": address,
        "about": {"@id": about},
        "author": person,
        "datePublished": created_at.isoformat(),
        "text": html,
    }
    if parent:
        data["parentItem"] = {"@id": absolute_url(reverse("comments:comment-detail", args=[parent])) + query}
    return data
