"""Public pages of posts: published ones only, except in previews."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.generic import DetailView, ListView, TemplateView

from accounts.models import User
from core.markup.videos import may_play_videos
from core.utils.pagination import Cursor, now_or_before
from core.utils.urls import absolute_url
from core.web.conditional import SameForAllVisitors
from core.web.share_cards import site_card_url
from core.web.views import GuidelinesView as DefaultGuidelinesView
from posts.archive import ArchiveFilter, years_for
from posts.models import OldAddress, Post, PreviewLink, Tag
from posts.models.old_addresses import named_by
from posts.models.querysets import PostQuerySet
from posts.services.home import POSTS_SHOWN, newest_posts, page_about_site, tags_on_home
from posts.share_cards import share_picture_url, tag_picture_url
from posts.structured_data import blog_posting, breadcrumbs_of, breadcrumbs_of_tag

RELATED_POSTS = 4


class HomeView(SameForAllVisitors, ListView):
    """The newest post in large, some earlier ones as titles."""

    template_name = "posts/home.html"
    context_object_name = "posts"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The home page, or a redirect if the query identifies an imported post (`?p=1148`)."""
        query = request.META.get("QUERY_STRING", "")
        if named_by(query) and (new := OldAddress.objects.where_to("/", query, request.user)):
            return HttpResponsePermanentRedirect(new)
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> list[Post]:  # type: ignore[override]  # ListView takes lists, too
        return newest_posts(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lead, *earlier = self.object_list or [None]
        return super().get_context_data(**kwargs) | {
            "lead": lead,
            "about": page_about_site(self.request.user) if lead else None,
            "earlier_posts": earlier[: POSTS_SHOWN - 1],
            "has_more": len(earlier) >= POSTS_SHOWN,
            "has_no_host": lead is None and not User.objects.filter(is_superuser=True).exists(),
            "tags": tags_on_home(self.request.user),
            "canonical_url": absolute_url("/"),
            "share_url": site_card_url(),
        }


class PostListView(SameForAllVisitors, ListView):
    """All posts, pinned ones first, then newest first.

    `?tag=`, `?author=`, `?year=` and `?month=` filter them, `?page=` continues where the previous page ended.
    """

    template_name = "posts/post_list.html"
    context_object_name = "posts"

    def get_queryset(self) -> QuerySet[Post]:
        reader = self.request.user
        posts = Post.objects.listed_for(reader)
        self.narrowed = ArchiveFilter.read(self.request.GET, posts, Tag.objects.in_use(reader))
        self.place = Cursor.read(self.request.GET.get("page", ""))
        if self.place:
            posts = Post.objects.listed_for(reader, now_or_before(self.place.at))
        posts = self.narrowed.of(posts)
        if self.narrowed.year:  # the list of a year starts at its end
            self.pinned = []
        else:
            pinned = self.narrowed.of(Post.objects.each_listed_for(reader)).pinned()
            self.pinned = [] if self.place else [*pinned.newest_first().with_author()]
            posts = posts.filter(is_pinned=False)
        if self.place:
            posts = posts.older_than(*self.place)
        return posts.newest_first().with_author()[: settings.POSTS_PER_PAGE + 1]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        posts = [*self.object_list]
        page = posts[: settings.POSTS_PER_PAGE]
        if self.narrowed.year and not page and not self.place:
            raise Http404
        first_page = self.narrowed.get_absolute_url()
        return super().get_context_data(**kwargs) | {
            "posts": [*self.pinned, *page],
            "narrowed": self.narrowed,
            "tag": self.narrowed.tag,
            "years": years_for(self.request.user),
            "structured_data": breadcrumbs_of_tag(self.narrowed.tag) if self.narrowed.tag else None,
            "next_page": Cursor(page[-1].published_at, page[-1].pk) if len(posts) > len(page) else "",
            "is_first_page": self.place is None,
            "first_page_url": first_page,
            "canonical_url": absolute_url(first_page),
            "share_url": tag_picture_url(self.narrowed.tag) if self.narrowed.tag else site_card_url(),
        }


@may_play_videos
class PostDetailView(DetailView):
    """The public page of a post or, with `post_kind`, of a static page.

    Drafts and scheduled posts are not found, even by the host.
    """

    template_name = "posts/post_detail.html"
    context_object_name = "post"
    post_kind = Post.Kind.POST

    def get_queryset(self) -> QuerySet[Post]:
        posts = Post.objects.readable_by(self.request.user).filter(kind=self.post_kind)
        return posts.with_author().prefetch_related("tags")

    def redirect_or_404(self) -> HttpResponse:
        """Redirect to sign-in if members may read the post, and a page to its own URL; else raise 404."""
        post = Post.objects.published().filter(slug=self.kwargs["slug"]).first()
        if post is not None and post.kind != self.post_kind:
            # A memorial can be undone, but browsers keep a permanent redirect.
            return redirect(post, permanent=post.kind != Post.Kind.MEMORIAL)
        if post is None or post.is_readable_by(self.request.user):
            raise Http404
        messages.info(self.request, _("This post is for members. Sign in to read it."))
        return redirect_to_login(self.request.get_full_path())

    @property
    def list_reader(self) -> User | AnonymousUser:
        return self.request.user

    def listed_posts(self, until: datetime | None = None) -> PostQuerySet:
        return Post.objects.listed_for(self.list_reader, until)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        post = self.object
        before, after = (
            None
            if post.is_page
            else posts.only("title", "slug", "kind").first()  # a static page is not found among posts
            for posts in (self.earlier_posts(), self.later_posts())
        )
        return super().get_context_data(**kwargs) | {
            "structured_data": self.structured_data(),
            "canonical_url": post.get_canonical_url(),
            "share_url": share_picture_url(post),
            "related_posts": [] if post.is_page else self.related_posts({before, after}),
            "previous_post": before,
            "next_post": after,
        }

    def structured_data(self) -> list[dict[str, Any]]:
        post = self.object
        return [*([] if post.is_page else [blog_posting(post)]), breadcrumbs_of(post)]

    def related_posts(self, neighbours: set[Post | None]) -> list[Post]:
        """Related posts without the neighbours, which are shown anyway. Without tags: none, and no query."""
        if not self.object.tags.all():
            return []
        related = Post.objects.each_listed_for(self.list_reader).related_to(self.object)
        related = related.only("title", "slug", "kind", "published_at", "language")
        found = related[: RELATED_POSTS + len(neighbours)]
        return [post for post in found if post not in neighbours][:RELATED_POSTS]

    def earlier_posts(self) -> QuerySet[Post]:
        return self.listed_posts(now_or_before(self.object.published_at)).before(self.object)

    def later_posts(self) -> QuerySet[Post]:
        return self.listed_posts().after(self.object)


class PostPreviewView(PostDetailView):
    """The preview of any post for those who may publish, of their own drafts for contributors; else 404."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if not (user.has_perm("posts.view_post") or user.has_perm("posts.change_post")):
            raise Http404
        response = super().dispatch(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response

    def get_queryset(self) -> QuerySet[Post]:
        posts, user = Post.objects.not_in_trash(), self.request.user
        if not user.has_perm("posts.publish_post"):
            posts = posts.filter(Q(author=user) | Q(pk__in=Post.objects.readable_by(user).values("pk")))
        return posts.with_author().prefetch_related("tags")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"is_preview": True}

    def earlier_posts(self) -> QuerySet[Post]:
        return super().earlier_posts() if self.object.published_at else self.listed_posts().newest_first()

    def later_posts(self) -> QuerySet[Post]:
        return super().later_posts() if self.object.published_at else Post.objects.none()


class SharedPreviewView(PostPreviewView):
    """The preview of a post for anyone with a link that has not expired."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        link = get_object_or_404(
            PreviewLink.objects.working().select_related("post"), secret=kwargs["secret"]
        )
        self.link = link
        if link.post.is_readable_by(request.user):
            return redirect(link.post)
        self.kwargs["slug"] = link.post.slug
        response = super(PostPreviewView, self).dispatch(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "same-origin"
        return response

    def get_queryset(self) -> QuerySet[Post]:
        return Post.objects.filter(pk=self.link.post_id).with_author().prefetch_related("tags")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"preview_link": self.link}


class GuidelinesView(DefaultGuidelinesView):
    """The host's page "guidelines", or the text that comes with the software."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if Post.objects.published().pages().filter(slug="guidelines").exists():
            page = import_string(settings.POST_DETAIL_VIEW).as_view(post_kind=Post.Kind.PAGE)
            return page(request, slug="guidelines")
        return super().dispatch(request, *args, **kwargs)


class RobotsView(TemplateView):
    template_name = "posts/robots.txt"
    content_type = "text/plain; charset=utf-8"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"site_url": settings.SITE_URL}

    def render_to_response(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(*args, **kwargs)
        response["Cache-Control"] = "public, max-age=3600"
        return response
