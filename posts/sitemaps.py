"""The sitemap: one file, or on a large site an index of files (https://www.sitemaps.org/protocol.html).

Addresses by SITE_URL, never by the Host header. A file of the index has the posts of a range of keys, so a new post changes
only the last one. Written by hand: Django's templates take 50 ms for a thousand addresses, and its paginator counts and skips.
"""

from collections.abc import Iterable
from hashlib import md5

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import escape

from core.utils.build_id import RELEASE
from core.utils.urls import absolute_url
from core.web.conditional import answer_conditionally
from posts.models import Post
from posts.models.querysets import PostQuerySet

POSTS_PER_FILE = 1_000
# The name of the file with the pages that are no posts.
PAGES = "pages"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap_view(request: HttpRequest) -> HttpResponse:
    """All pages; with many posts an index, whose files are at `?p=`. 404 for a file that is not there."""
    changed_at, count = Post.objects.last_changed_at(), _discoverable().count()
    response = HttpResponse(content_type="application/xml")
    # What is published changes with each of these, so somebody who has this already gets a 304 without the work.
    state = [RELEASE, settings.SITE_URL, request.GET.get("p"), str(changed_at), count]
    response["ETag"] = f'"{md5(repr(state).encode(), usedforsecurity=False).hexdigest()}"'
    answer = answer_conditionally(request, response, changed_at=changed_at)
    if answer is response:
        answer.content = _contents(request.GET.get("p"), count)
    return answer


def _contents(file: str | None, count: int) -> str:
    if file == PAGES:
        return _urlset(_pages())
    if file is not None:
        return _urlset(_urls(_posts_of_file(file)))
    if count > POSTS_PER_FILE:
        return _index([PAGES, *map(str, _files())])
    return _urlset([*_pages(), *_urls(Post.objects.all())])


def _discoverable() -> PostQuerySet:
    return Post.objects.discoverable_by(AnonymousUser())


def _pages() -> list[str]:
    """The lists of posts, and the host's own pages."""
    lists = [
        f"<loc>{escape(absolute_url(reverse(name)))}</loc>" for name in ("posts:home", "posts:post-list")
    ]
    pages = _discoverable().pages().order_by("pk").only("slug", "kind", "published_at", "updated_at")
    return [*lists, *map(_line, pages)]


def _files() -> list[int]:
    """The numbers of files with published posts. By the index of published posts alone."""
    numbers = Post.objects.listed().order_by().values_list(F("pk") / POSTS_PER_FILE).distinct()
    return sorted(number for (number,) in numbers)


def _posts_of_file(file: str) -> PostQuerySet:
    if not (file.isascii() and file.isdigit() and len(file) < 15):
        raise Http404
    first = int(file) * POSTS_PER_FILE
    posts = Post.objects.filter(pk__gte=first, pk__lt=first + POSTS_PER_FILE)
    if not posts.listed().exists():
        raise Http404
    return posts


def _urls(posts: PostQuerySet) -> Iterable[str]:
    return map(_line, posts.listed().newest_first().only("slug", "kind", "published_at", "updated_at"))


def _line(post: Post) -> str:
    return f"<loc>{escape(post.get_canonical_url())}</loc><lastmod>{post.changed_at:%Y-%m-%d}</lastmod>"


def _urlset(urls: Iterable[str]) -> str:
    lines = "".join(f"<url>{url}</url>\n" for url in urls)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{NAMESPACE}">\n{lines}</urlset>\n'


def _index(files: Iterable[str]) -> str:
    address = absolute_url(reverse("posts:sitemap"))
    lines = "".join(f"<sitemap><loc>{escape(address)}?p={file}</loc></sitemap>\n" for file in files)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{NAMESPACE}">\n{lines}</sitemapindex>\n'
