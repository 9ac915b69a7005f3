"""Which old URLs of imported posts may redirect: none that is, or could become, a URL of this site."""

from django.db.models import Q
from django.urls import Resolver404, resolve

from posts.models import Post

# Everything below these prefixes belongs to the site, whether or not it exists today.
OURS = {"api", "admin", "accounts"}
# Posts and static pages: only existing ones count.
POSTS, PAGES = "posts:post-detail", "page"


def is_address_here(key: str, post_id: int) -> bool:
    """Whether a key (posts.models.old_addresses) is the URL of a page here, or of a different post."""
    path = key.partition("?")[0]
    if not path:  # the front page handles the number in the query
        return False
    if path.partition("/")[0] in OURS:
        return True
    for address in (f"/{path}/", f"/{path}"):
        try:
            match = resolve(address)
        except Resolver404:
            continue
        if match.view_name not in {POSTS, PAGES}:
            return True
        slug = match.kwargs.get("slug") or match.kwargs.get("page_slug", "")
        kind = Q() if match.view_name == POSTS else Q(kind=Post.Kind.PAGE)
        if Post.objects.filter(kind, slug__iexact=slug).exclude(pk=post_id).exists():
            return True
    return False
