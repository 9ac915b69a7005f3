"""Template tags for posts on other pages."""

from typing import Any

from django.core.cache import caches
from django.db import DatabaseError
from django.template import Library
from django.urls import reverse

from core.replicas import PRIMARY
from core.utils.urls import absolute_url
from posts.models import Post

register = Library()

# How long other processes may show the old navigation. Pages that are cached for longer query it anew.
NAVIGATION_SECONDS = 10


@register.simple_tag(takes_context=True)
def pages_in_navigation(context: dict[str, Any]) -> dict[str, list[Post]]:
    """The static pages that the reader may open, by place: "header", "footer".

    A page that the links beside them contain already (the host's own navigation, the guidelines) is left out.
    """
    request = context.get("request")
    pages = getattr(request, "navigation_pages", None)
    if pages is None:
        pages = _read_navigation(is_kept_longer=bool(context.get("gaps")))
        if request is not None:
            request.navigation_pages = pages
    reader = context.get("user")
    linked = _linked_anyway(context)
    found: dict[str, list[Post]] = {}
    for page in pages:
        is_twice = page.get_absolute_url() in linked.get(page.nav_place, ())
        if reader is not None and page.is_discoverable_by(reader) and not is_twice:
            found.setdefault(page.nav_place, []).append(page)
    return found


def _linked_anyway(context: dict[str, Any]) -> dict[str, set[str]]:
    """The paths on this site that are linked beside the pages, by place."""
    site = context.get("site_settings")
    chosen = [link.get("address", "") for link in (site.navigation if site else [])]
    own = absolute_url("/").rstrip("/")
    return {
        Post.NavPlace.HEADER: {address.removeprefix(own) for address in chosen},
        Post.NavPlace.FOOTER: {reverse("core:guidelines")},
    }


@register.filter
def may_be_announced(post: Post, reader: Any) -> bool:
    """Whether another page may mention the post to this reader: it is live, listed, and readable for them."""
    return post.is_discoverable_by(reader)


def _read_navigation(*, is_kept_longer: bool) -> list[Post]:
    pages: list[Post] | None = None if is_kept_longer else caches["parts"].get("navigation")
    if pages is not None:
        return pages
    columns = ["kind", "slug", "title", "nav_place", "visibility", "published_at"]
    try:
        # Not from a replica, since the result is cached: a user who has just changed it would not see that.
        pages = [*Post.objects.using(PRIMARY).in_navigation().only(*columns)]
    except DatabaseError:  # an error page is shown without navigation
        return []
    caches["parts"].set("navigation", pages, NAVIGATION_SECONDS)
    return pages
