"""Where posts were found on their old sites: to recognise them here, and to redirect what links there."""

import re
from urllib.parse import SplitResult, unquote, urlsplit

from core.utils.slugs import make_slug
from posts.models import OldAddress, Post
from posts.models.old_addresses import old_address_key
from transfer.imports.stream import ForeignPost


def post_here(source: ForeignPost, imported: str) -> Post | None:
    """The post under which comments from elsewhere belong: by its address, also an old one, else by its slug.

    imported: how the keys of drafts begin that were made for such comments: "/en/about/" and "/fr/about/" are two, and so are
    pages of two sites.
    """
    found = [
        (unquote(parts.path), parts.query) for one in source.addresses if (parts := _parts(one)) is not None
    ]
    keys = [key for path, query in found if (key := old_address_key(path, query) or old_address_key(path))]
    old_addresses = OldAddress.objects.filter(key__in=keys).exclude(post__source_key__startswith=imported)
    here = {old.key: old.post for old in old_addresses.select_related("post")}
    if here:
        return next(here[key] for key in keys if key in here)
    paths = [path for path, _query in found]
    slugs = [make_slug(source.slug, fold=False)] if source.slug else []
    slugs += [_slug_in(path) for path in paths]
    posts = Post.objects.filter(slug__in=[slug for slug in slugs if slug], trashed_at=None)
    return posts.exclude(source_key__startswith=imported).first()


def old_keys(source: ForeignPost, base: str) -> list[str]:
    """The keys (posts.models.old_addresses) of a post's former addresses; not that of the old site's front page."""
    folder = urlsplit(base).path.strip("/").lower()
    keys = [
        old_address_key(unquote(parts.path), parts.query)
        for address in source.addresses
        if (parts := _parts(address)) is not None
    ]
    return [
        key
        for key in dict.fromkeys(keys)
        if key and key != folder and len(key) <= OldAddress.KEY_CHARACTERS and "\x00" not in key
    ]


def name_of_page(address: str) -> str:
    """A web address for what has only its old address as a title: the words of its path, else of its host."""
    parts = _parts(address)
    if parts is None:
        return ""
    path = re.sub(r"(?:/index)?\.(?:html?|php)$", "", unquote(parts.path))
    return make_slug(re.sub(r"[/._]+", " ", path)) or make_slug((parts.hostname or "").replace(".", " "))


def _slug_in(path: str) -> str:
    """The last part of a path that is a name: "on-bread" of "/2012/04/on-bread.html"."""
    parts = [
        part for part in path.split("/") if part and part not in {"index.html", "index.htm", "index.php"}
    ]
    return make_slug(parts[-1].rpartition(".htm")[0] or parts[-1], fold=False) if parts else ""


def _parts(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None
