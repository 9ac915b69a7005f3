"""Where posts were found on their old sites: to recognise them here, and to redirect what links there."""

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from django.utils.translation import gettext as _

from core.utils.slugs import make_slug
from posts.models import OldAddress, Post
from posts.models.old_addresses import NUMBERS, named_by, old_address_key
from transfer.imports.stream import ForeignPost
from transfer.old_addresses import is_address_here

# What stands in a query and makes no other page of it: whose link was followed, which comment is answered, who is signed in.
NO_OTHER_PAGE = re.compile(
    r"(?:utm|mtm|pk|hsa|fb|ga|wt|mc|vero|oly|ns|at|stm)_.*|_.*|[a-z]{1,3}clid|gclsrc|[gw]braid|igshid|igsh|si|mkt_tok|trk|spref|"
    r"action_(?:object|type|ref)_map|replytocom|comment-?page|cpage|showcomment|commentpage|unapproved|moderation-hash|"
    r"ref|ref_?src|ref_?url|referr?er|share|shared|sharedby|share_?id|nb|preview(?:_.*)?|amp|print|nocache|no_cache|"
    r"cb|phpsessid|jsessionid|sessionid|doing_wp_cron|cmpid|ncid|icid|smid|smtyp|soc_(?:src|trk)|guccounter|guce_.*"
)

# Blogger's; "?m=201204" is a month.
FOR_TELEPHONES = {("m", "0"), ("m", "1")}
BY_NUMBER = tuple(f"?{name}=" for name in NUMBERS)


def page_of(address: str) -> tuple[str, str]:
    """The host, and what tells pages of one site apart: the same for all addresses of a page, whatever scheme, "www." and last
    slash, and whatever counts visits ("?utm_source=mail"); but "?id=12" is another page than "?id=13"."""
    try:
        parts = urlsplit(address)
        return (parts.hostname or "").removeprefix("www."), _within_site(parts)
    except ValueError:
        return "", ""


def _within_site(parts: SplitResult) -> str:
    query = named_by(parts.query)
    if not query.startswith(BY_NUMBER):
        asked = sorted(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100))
        kept = [
            (name, value)
            for name, value in asked
            if not NO_OTHER_PAGE.fullmatch(name.lower()) and (name, value) not in FOR_TELEPHONES
        ]
        query = f"?{urlencode(kept)}" if kept else ""
    view = (
        f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""
    )  # of a page that scripts make
    return f"{parts.path.rstrip('/').lower()}{query}{view}"


def post_here(source: ForeignPost, imported: str) -> Post | None:
    """The post under which comments from elsewhere belong: by its address, also an old one, else by its slug.

    imported: how the keys of drafts begin that were made for such comments: "/en/about/" and "/fr/about/" are two, and so are
    pages of two sites.
    """
    found = [
        (unquote(parts.path), parts.query) for one in source.addresses if (parts := _parts(one)) is not None
    ]
    keys = [key for path, query in found if (key := old_address_key(path, query))]
    old_addresses = OldAddress.objects.filter(key__in=keys).exclude(post__source_key__startswith=imported)
    here = {old.key: old.post for old in old_addresses.select_related("post")}
    if here:
        return next(here[key] for key in keys if key in here)
    paths = [path for path, _query in found]
    slugs = [make_slug(source.slug, fold=False)] if source.slug else []
    slugs += [_slug_in(path) for path in paths]
    posts = Post.objects.filter(slug__in=[slug for slug in slugs if slug], trashed_at=None)
    named = [name for _path, query in found if (name := named_by(query)) and not name.startswith(BY_NUMBER)]
    if named:  # "/news/?id=12" is not the page "News"
        posts = posts.filter(kind=Post.Kind.POST)
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


class Redirects:
    """Old addresses lead to their posts, each to one. In a dry run they would: the same is said, and nothing written."""

    def __init__(self, is_dry_run: bool) -> None:
        self.is_dry_run = is_dry_run
        self.taken: dict[str, str] = {}

    def lead(self, keys: list[str], source: str, post_id: int, title: str) -> list[str]:
        """What is to be said of those that cannot. source: what the post is called in the export; post_id: 0 if it is not here."""
        notes = []
        for key in keys:
            said = {"key": key, "title": title}
            if is_address_here(key, post_id):
                notes.append(
                    _(
                        "The old address /%(key)s is an address of this site, and does not lead to “%(title)s”."
                    )
                    % said
                )
            elif not self._leads(key, source, post_id):
                notes.append(
                    _("The old address /%(key)s already leads to another post than “%(title)s”.") % said
                )
        return notes

    def _leads(self, key: str, source: str, post_id: int) -> bool:
        if not self.is_dry_run:
            kept, _is_new = OldAddress.objects.get_or_create(key=key, defaults={"post_id": post_id})
            return kept.post_id == post_id
        others = OldAddress.objects.filter(key=key).exclude(post_id=post_id)
        return self.taken.setdefault(key, source) == source and not others.exists()


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
