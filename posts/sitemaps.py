"""The sitemap: one file, or an index of files on a large site (https://www.sitemaps.org/protocol.html).

URLs are built from SITE_URL, never from the Host header. A file of the index has the rows of a range of keys,
so new rows change only the last one, and no response holds more than PER_FILE rows. Written by hand: Django's
templates take 50 ms for a thousand URLs, and its paginator counts and uses OFFSET.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import md5
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import escape

from accounts.models import User
from core.parts import parts_in_navigation
from core.utils.build_id import RELEASE
from core.utils.urls import absolute_url
from core.web.conditional import answer_conditionally
from posts.models import Post, Tag

PER_FILE = 1_000
# The name of the file with lists and static pages.
PAGES = "pages"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


@dataclass(frozen=True)
class Section:
    """Rows of one kind. prefix: the start of its file names; rows: all that visitors may see."""

    prefix: str
    rows: Callable[[], QuerySet[Any]]
    line: Callable[[Any], str]

    @property
    def has_many(self) -> bool:
        return self.rows().order_by("pk")[PER_FILE : PER_FILE + 1].exists()

    def lines(self) -> Iterator[str]:
        return map(self.line, self.rows().order_by("-pk"))

    def files(self) -> Iterator[str]:
        numbers = self.rows().order_by().values_list(F("pk") / PER_FILE).distinct()
        return (f"{self.prefix}{number}" for number in sorted(number for (number,) in numbers))

    def lines_of(self, number: int) -> list[str]:
        rows = self.rows().filter(pk__gte=number * PER_FILE, pk__lt=(number + 1) * PER_FILE)
        return [*map(self.line, rows.order_by("-pk"))]


def _dated(post: Post) -> str:
    return f"<loc>{escape(post.get_canonical_url())}</loc><lastmod>{post.changed_at:%Y-%m-%d}</lastmod>"


def _undated(row: Tag | User) -> str:
    return f"<loc>{escape(absolute_url(row.get_absolute_url()))}</loc>"


def _posts() -> QuerySet[Post]:
    return Post.objects.listed().only("slug", "kind", "published_at", "updated_at")


def _events() -> QuerySet[Post]:
    """Published events. While that part is off there are none."""
    rows = Post.objects.discoverable_by(AnonymousUser()).filter(kind=Post.Kind.EVENT)
    return rows.only("slug", "kind", "published_at", "updated_at")


def _tags() -> QuerySet[Tag]:
    return Tag.objects.in_use(AnonymousUser()).only("slug")


def _members() -> QuerySet[User]:
    """Members whose profiles search engines may index, as templates/accounts/member_detail.html does."""
    known = Q(known_since__isnull=False) | Q(is_staff=True) | Q(is_superuser=True)
    return User.objects.listed().filter(known).only("username")


POSTS = Section("", _posts, _dated)
EVENTS = Section("events-", _events, _dated)
SECTIONS = (POSTS, EVENTS, Section("tags-", _tags, _undated), Section("members-", _members, _undated))


def sitemap_view(request: HttpRequest) -> HttpResponse:
    """All pages in one file, or an index of the files at `?p=`. 404 for a file that does not exist."""
    file = request.GET.get("p")
    response = HttpResponse(content_type="application/xml")
    if file is None:
        response.content = _whole()
    elif file == PAGES:
        response.content = _urlset(_pages())
    elif (number := _number(file)) is not None:
        return _file_of_posts(request, number)
    else:
        response.content = _urlset(_other_file(file))
    return answer_conditionally(request, response)


def _whole() -> str:
    if any(section.has_many for section in SECTIONS):
        return _index([PAGES, *(file for section in SECTIONS for file in section.files())])
    return _urlset([*_pages(), *(line for section in SECTIONS for line in section.lines())])


def _file_of_posts(request: HttpRequest, number: int) -> HttpResponse:
    """The largest part. A client that has it already gets a 304 without a post being read."""
    changed_at, count = Post.objects.last_changed_at(), Post.objects.listed().count()
    state = [RELEASE, settings.SITE_URL, number, str(changed_at), count]
    response = HttpResponse(content_type="application/xml")
    response["ETag"] = f'"{md5(repr(state).encode(), usedforsecurity=False).hexdigest()}"'
    answer = answer_conditionally(request, response, changed_at=changed_at)
    if answer is response:
        answer.content = _urlset(POSTS.lines_of(number) or _not_there())
    return answer


def _other_file(file: str) -> list[str]:
    for section in SECTIONS[1:]:
        if (
            file.startswith(section.prefix)
            and (number := _number(file.removeprefix(section.prefix))) is not None
        ):
            return section.lines_of(number) or _not_there()
    return _not_there()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else None


def _not_there() -> list[str]:
    raise Http404


def _pages() -> list[str]:
    """The lists of posts, members and parts that are switched on, and the static pages."""
    names = ["posts:home", "posts:post-list", "accounts:member-list"]
    names += [part.page for part in parts_in_navigation()]
    lists = [f"<loc>{escape(absolute_url(reverse(name)))}</loc>" for name in names]
    pages = Post.objects.discoverable_by(AnonymousUser()).pages().order_by("pk")
    return [*lists, *map(_dated, pages.only("slug", "kind", "published_at", "updated_at"))]


def _urlset(urls: Iterable[str]) -> str:
    lines = "".join(f"<url>{url}</url>\n" for url in urls)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{NAMESPACE}">\n{lines}</urlset>\n'


def _index(files: Iterable[str]) -> str:
    address = absolute_url(reverse("posts:sitemap"))
    lines = "".join(f"<sitemap><loc>{escape(address)}?p={file}</loc></sitemap>\n" for file in files)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{NAMESPACE}">\n{lines}</sitemapindex>\n'
