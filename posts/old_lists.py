"""URLs of lists and feeds on other blogging systems, and what replaces them here.

A tag keeps its slug when a blog is imported, so no table is needed: "/category/kitchen/bread/" is the tag
"bread".
"""

import re
from collections.abc import Callable
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from posts.models import Post, Tag

FEED = re.compile(r"/(?:feed|rss|atom)(?:/(?:atom|rss|rss2|rdf))?\Z")
FEEDS = {
    "atom.xml", "feed.xml", "index.xml", "rss", "rss.xml", "index.rdf", "feed/atom", "feed/rss", "feed/rss2", "feed/rdf",
    "feeds/posts/default", "atom", "wp-rss2.php", "wp-atom.php", "wp-rss.php",
}  # fmt: skip
COMMENT_FEEDS = {"comments/feed", "feeds/comments/default", "wp-commentsrss2.php"}
PAGE = re.compile(r"/page/[0-9]+\Z")
TAG = re.compile(r"(?:category|categories|tag|tags|tagged|topic|topics|search/label)/(?:.+/)?([^/]+)\Z")
AUTHOR = re.compile(r"authors?/([^/]+)\Z")
MONTH = re.compile(r"(?:archives?/)?([0-9]{4})(?:/([0-9]{1,2})(?:/[0-9]{1,2})?)?\Z", re.ASCII)


def list_or_feed(path: str) -> str:
    """The list or feed that replaces this path of a blog, or ""."""
    key = "/".join(part for part in path.split("/") if part).removeprefix("index.php/")
    if not key or "\x00" in key:
        return ""
    if key.lower() in FEEDS:
        return reverse("posts:feed")
    if key.lower() in COMMENT_FEEDS:
        return reverse("comments:feed")
    bare = FEED.sub("", key)
    is_feed, bare = bare != key, PAGE.sub("", bare)
    patterns: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], dict[str, object]]], ...] = (
        (TAG, _tag),
        (AUTHOR, _author),
        (MONTH, _month),
    )
    for pattern, make_query in patterns:
        if (found := pattern.fullmatch(bare)) and (query := make_query(found)):
            page = "posts:feed" if is_feed and pattern is not MONTH else "posts:post-list"
            return f"{reverse(page)}?{urlencode(query)}"
    return ""


def _tag(found: re.Match[str]) -> dict[str, object]:
    name = found[1].replace("+", " ")
    listed = Tag.objects.filter(posts__in=Post.objects.listed())
    tag = listed.filter(slug=name.lower()).first() or listed.filter(name__iexact=name).first()
    return {"tag": tag.slug} if tag else {}


def _author(found: re.Match[str]) -> dict[str, object]:
    member = User.objects.filter(username__iexact=found[1]).first()
    is_listed = member is not None and Post.objects.listed().by_author(member.username).exists()
    return {"author": member.username} if member is not None and is_listed else {}


def _month(found: re.Match[str]) -> dict[str, object]:
    year, month = int(found[1]), int(found[2] or 0)
    if not 2 <= year <= 9998 or month > 12:
        return {}
    if not Post.objects.listed().of_year(year, month or None).exists():
        return {}
    return {"year": year, "month": month} if month else {"year": year}
