"""The sitemap."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from core.web.conditional import answer_conditionally
from posts.models import Post


class SiteSitemap(Sitemap):
    """Addresses by SITE_URL, never by the Host header."""

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc


class PageSitemap(SiteSitemap):
    def items(self) -> list[str]:
        return ["posts:home", "posts:post-list"]

    def location(self, name: str) -> str:
        return reverse(name)


class HostPageSitemap(SiteSitemap):
    """The host's own pages."""

    def items(self) -> QuerySet[Post]:
        pages = Post.objects.discoverable_by(AnonymousUser()).pages()
        return pages.only("slug", "kind", "published_at", "updated_at").order_by("pk")

    def lastmod(self, page: Post) -> datetime:
        return page.changed_at


class PostSitemap(SiteSitemap):
    def items(self) -> QuerySet[Post]:
        return Post.objects.listed().newest_first().only("slug", "kind", "published_at", "updated_at")

    def lastmod(self, post: Post) -> datetime:
        return post.changed_at


SITEMAPS: dict[str, type[Sitemap[Any]] | Sitemap[Any]] = {
    "pages": PageSitemap,
    "host": HostPageSitemap,
    "posts": PostSitemap,
}


def sitemap_view(request: HttpRequest) -> HttpResponse:
    response = sitemap(request, SITEMAPS).render()
    return answer_conditionally(request, response, changed_at=Post.objects.last_changed_at())
