"""URLs of posts on their old sites, to recognise the posts here and to redirect links."""

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from django.utils.translation import gettext as _

from core.utils.slugs import make_slug
from posts.models import OldAddress, Post
from posts.models.old_addresses import NUMBERS, named_by, old_address_key
from transfer.imports.stream import ForeignPost
from transfer.old_addresses import is_address_here

# Query parameters that do not identify another page: tracking, reply links, sign-in state.
NO_OTHER_PAGE = re.compile(
    r"(?:utm|mtm|pk|hsa|fb|ga|wt|mc|vero|oly|ns|at|stm)_.*|_.*|[a-z]{1,3}clid|gclsrc|[gw]braid|igshid|igsh|si|mkt_tok|trk|spref|"
    r"action_(?:object|type|ref)_map|replytocom|comment-?page|cpage|showcomment|commentpage|unapproved|moderation-hash|"
    r"ref|ref_?src|ref_?url|referr?er|share|shared|sharedby|share_?id|nb|preview(?:_.*)?|amp|print|nocache|no_cache|"
    r"cb|phpsessid|jsessionid|sessionid|doing_wp_cron|cmpid|ncid|icid|smid|smtyp|soc_(?:src|trk)|guccounter|guce_.*"
)

# Blogger's mobile view. "?m=201204" is a month.
FOR_TELEPHONES = {("m", "0"), ("m", "1")}
BY_NUMBER = tuple(f"?{name}=" for name in NUMBERS)


def page_of(address: str) -> tuple[str, str]:
    """The host, and a key that is the same for all URLs of one page.

    It ignores the scheme, "www.", a final slash and tracking parameters ("?utm_source=mail"); but "?id=12" is
    another page than "?id=13".
    """
    try:
        parts = urlsplit(address)
        return (parts.hostname or "").removeprefix("www."), _within_site(parts)
    except ValueError:
        return "", ""


def _within_site(parts: SplitResult) -> str:
    query = named_by(parts.query)
    if not query.startswith(BY_NUMBER):
        parameters = sorted(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100))
        identifying = [
            (name, value)
            for name, value in parameters
            if not NO_OTHER_PAGE.fullmatch(name.lower()) and (name, value) not in FOR_TELEPHONES
        ]
        query = f"?{urlencode(identifying)}" if identifying else ""
    view = f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""  # a page rendered by scripts
    return f"{parts.path.rstrip('/').lower()}{query}{view}"


def post_here(source: ForeignPost, imported: str) -> Post | None:
    """The post to which comments from elsewhere belong: by current or old URL, else by slug.

    imported: the prefix of the keys of drafts made for such comments. "/en/about/" and "/fr/about/" are
    different, and so are pages of two sites.
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
    """The keys (posts.models.old_addresses) of a post's former URLs, without the old site's front page."""
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
    """Redirects from old URLs to their posts, one target each.

    A dry run reports the same but writes nothing.
    """

    def __init__(self, is_dry_run: bool) -> None:
        self.is_dry_run = is_dry_run
        self.taken: dict[str, str] = {}

    def lead(self, keys: list[str], source: str, post_id: int, title: str) -> list[str]:
        """Add redirects. Returns a message for each that is impossible.

        source: what the export calls the post; post_id: 0 if it does not exist yet.
        """
        notes = []
        for key in keys:
            values = {"key": key, "title": title}
            if is_address_here(key, post_id):
                notes.append(
                    _(
                        "The old address /%(key)s is an address of this site, and does not lead to “%(title)s”."
                    )
                    % values
                )
            elif not self._add_redirect(key, source, post_id):
                notes.append(
                    _("The old address /%(key)s already leads to a post other than “%(title)s”.") % values
                )
        return notes

    def _add_redirect(self, key: str, source: str, post_id: int) -> bool:
        if not self.is_dry_run:
            row, _is_new = OldAddress.objects.get_or_create(key=key, defaults={"post_id": post_id})
            return row.post_id == post_id
        others = OldAddress.objects.filter(key=key).exclude(post_id=post_id)
        return self.taken.setdefault(key, source) == source and not others.exists()


def name_of_page(address: str) -> str:
    """A slug for something whose only title is its old URL: the words of its path, else of its host."""
    parts = _parts(address)
    if parts is None:
        return ""
    path = re.sub(r"(?:/index)?\.(?:html?|php)$", "", unquote(parts.path))
    return make_slug(re.sub(r"[/._]+", " ", path)) or make_slug((parts.hostname or "").replace(".", " "))


def _slug_in(path: str) -> str:
    """The last segment of a path that is a name: "on-bread" in "/2012/04/on-bread.html"."""
    parts = [
        part for part in path.split("/") if part and part not in {"index.html", "index.htm", "index.php"}
    ]
    return make_slug(parts[-1].rpartition(".htm")[0] or parts[-1], fold=False) if parts else ""


def _parts(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None
