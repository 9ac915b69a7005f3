"""Old URLs of posts: their keys, and where they redirect."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, quote

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User
    from posts.models import Post

# The query parameters by which WordPress finds posts, whatever its permalinks look like.
NUMBERS = ("p", "page_id")
# Other query parameters that identify a page ("view.php?id=12", "?itemid=7", "?q=node/3"). Anything else is
# tracking or presentation.
NAMES = frozenset(
    {"id", "pid", "aid", "eid", "nid", "tid", "t", "q", "doc", "name", "slug", "title", "thread", "showtopic"}
    | {
        f"{thing}{end}"
        for thing in ("article", "blog", "entry", "item", "news", "node", "page", "post", "story", "topic")
        for end in ("", "id", "_id")
    }
)
# What WordPress appends to the URL of a post: a page of its comments, its feed, a page of a long post.
BEHIND = re.compile(r"/(?:comment-page-[0-9]+|page/[0-9]+|[0-9]{1,3}|trackback|amp|embed)\Z")
# A URL from which nothing can be told about the post: "?p=1148", "archives/1148".
BY_NUMBER = re.compile(r"(?:\A|[/=])[0-9]+(?:\.html?)?\Z")
FEED = re.compile(r"/feed(?:/(?:atom|rss|rss2|rdf))?\Z")

# URLs of this site: what follows the post's own path is found after its new path too.
OURS = re.compile(r"(?P<post>/posts/[^/]+/)(?P<rest>.*)", re.DOTALL)


def old_address_key(path: str, query: str = "") -> str:
    """The normalised key of an old URL: the decoded path, and the query parameter that identifies a post.

    "/index.php/2012/01/Notes/" is "2012/01/notes", "/?p=1148&cpage=2" is "?p=1148", "/view.php?x=y&id=12" is
    "view.php?id=12"; "" for the front page.
    """
    parts = [part for part in unicodedata.normalize("NFC", path).lower().split("/") if part]
    if parts and parts[0] == "index.php":
        del parts[0]
    return "/".join(parts) + named_by(query)


def key_of_slug(slug: str) -> str:
    """The key of the URL of a post with this slug; "" if it is only a number, which can be guessed."""
    key = old_address_key(f"/posts/{slug}/") if slug else ""
    return "" if BY_NUMBER.search(key) else key


def named_by(query: str) -> str:
    """The part of a query that identifies a post ("?p=12", "?id=12&name=rye"); "" if there is none."""
    try:
        parameters = parse_qs(query.lower(), max_num_fields=20)
    except ValueError:
        return ""
    for name in NUMBERS:
        if re.fullmatch("[0-9]{1,18}", number := parameters.get(name, [""])[0], re.ASCII):
            return f"?{name}={int(number)}"
    named = [f"{name}={values[0].strip()}" for name, values in sorted(parameters.items()) if name in NAMES]
    return f"?{unicodedata.normalize('NFC', '&'.join(named))}" if named else ""


def _moved(post: Post, rest: str) -> str:
    """The current URL of what was below the post's former one: its feed, the form of a comment."""
    base = reverse("posts:post-detail", args=[post.slug]) if rest else post.get_absolute_url()
    return base + quote(rest)


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


class OldAddressQuerySet(models.QuerySet):
    """Former URLs that redirect for ever."""

    def where_to(self, path: str, query: str, reader: User | AnonymousUser) -> str:
        """The current path for an old one, or "". Only published posts are found.

        Numbers can be enumerated, so they lead to a post only if the reader may find it (`discoverable_by`).
        Anyone who knows another URL of an unlisted or members-only post knows of the post already.
        """
        key = old_address_key(path, query)
        bare = old_address_key(path)
        post_key = FEED.sub("", bare)
        own = OURS.match(path)
        own_key = old_address_key(own["post"]) if own else ""
        keys = [one for one in dict.fromkeys([key, bare, own_key, post_key, BEHIND.sub("", bare)]) if one]
        if not keys or "\x00" in key:
            return ""
        rows = self.filter(key__in=keys, post__published_at__lte=timezone.now()).select_related("post")
        found = {
            old.key: old.post
            for old in cast("models.QuerySet[OldAddress]", rows)
            if not BY_NUMBER.search(old.key) or old.post.is_discoverable_by(reader)
        }
        post: Post | None = next((found[one] for one in keys if one in found), None)
        if post is None:
            return ""
        if own and own_key in found:
            return _with_query(_moved(post, own["rest"]), query)
        return post.get_absolute_url() + ("feed/" if post_key != bare and bare not in found else "")


class OldAddress(models.Model):
    """A former URL of a post: on the blog it was imported from, or with a former slug.

    Queried only when nothing else was found (posts.middleware.OldAddressMiddleware, HomeView).
    """

    KEY_CHARACTERS = 500

    # In the form of old_address_key.
    key = models.CharField(max_length=KEY_CHARACTERS, unique=True)
    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="old_addresses")

    objects = OldAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("old web address")
        verbose_name_plural = _("old web addresses")

    def __str__(self) -> str:
        return f"/{self.key}"
