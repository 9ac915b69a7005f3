"""Which old addresses of imported posts may lead to them: none that is, or could be, an address of this site."""

from django.db.models import Q
from django.urls import Resolver404, resolve

from posts.models import Post

# Below these everything is the site's own, whether or not there is something today.
OURS = {"api", "admin", "accounts"}
# Posts and pages of the host: theirs only where there is one.
POSTS, PAGES = "posts:post-detail", "page"


def is_address_here(key: str, post_id: int) -> bool:
    """Whether a key (posts.models.old_addresses) is the address of a page of this site, or of another post than this one."""
    path = key.partition("?")[0]
    if not path:  # the front page looks for the number behind it
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
