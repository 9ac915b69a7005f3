"""Old addresses of posts: their keys, and their redirects."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from posts.models import Post

# The numbers by which WordPress finds what it wrote, whatever its addresses look like otherwise.
NUMBERS = ("p", "page_id")
# What WordPress puts behind the address of a post: a page of its comments, its feed, a part of a long post.
BEHIND = re.compile(r"/(?:comment-page-[0-9]+|page/[0-9]+|[0-9]{1,3}|trackback|amp|embed)\Z")
FEED = re.compile(r"/feed(?:/(?:atom|rss|rss2|rdf))?\Z")


def old_address_key(path: str, query: str = "") -> str:
    """A path, decoded, and the post's number in a query, so that the same address is always written the same.

    "/index.php/2012/01/Notes/" is "2012/01/notes", "/?p=1148&cpage=2" is "?p=1148"; "" for the front page.
    """
    parts = [part for part in unicodedata.normalize("NFC", path).lower().split("/") if part]
    if parts and parts[0] == "index.php":
        del parts[0]
    return "/".join(parts) + _number(query)


def _number(query: str) -> str:
    try:
        asked = parse_qs(query, max_num_fields=20)
    except ValueError:
        return ""
    for name in NUMBERS:
        if re.fullmatch("[0-9]{1,18}", number := asked.get(name, [""])[0], re.ASCII):
            return f"?{name}={int(number)}"
    return ""


class OldAddressQuerySet(models.QuerySet):
    def where_to(self, path: str, query: str = "") -> str:
        """The path of today for an old one, "" if there is none. Only published posts are anywhere."""
        key = old_address_key(path, query)
        bare = old_address_key(path)
        post_key = FEED.sub("", bare)
        keys = [one for one in dict.fromkeys([key, bare, post_key, BEHIND.sub("", bare)]) if one]
        if not keys or "\x00" in key:
            return ""
        found = {
            old.key: old.post
            for old in self.filter(key__in=keys, post__published_at__lte=timezone.now()).select_related(
                "post"
            )
        }
        post: Post | None = next((found[one] for one in keys if one in found), None)
        if post is None:
            return ""
        return post.get_absolute_url() + ("feed/" if post_key != bare and bare not in found else "")
