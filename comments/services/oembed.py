"""A post or a comment as other sites embed it (https://oembed.com): a quotation with a link.

It contains what visitors see, whoever requests it.
"""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, QueryDict
from django.urls import Resolver404, resolve
from django.utils.html import format_html
from django.utils.translation import gettext as _

from comments.models import Comment
from core.markup.plain import excerpt
from core.models import SiteSettings
from core.utils.urls import absolute_url
from posts.models import OldAddress, Post
from posts.share_cards import share_picture_url

WIDTH, PICTURE = 600, (1200, 630)
QUOTED_CHARACTERS = 400
CACHE_SECONDS = 3600
VISITOR = AnonymousUser()
FRAGMENT = re.compile(r"comment-(\d{1,18})")


def embedding_of(url: str, *, max_width: int = WIDTH) -> dict[str, Any]:
    """The oEmbed data for the URL of a post, a page or a comment.

    Raises Http404 for anything else, and PermissionDenied for what only members may read.
    """
    path, query, fragment = _own_place(url)
    match = _match(path) or _match(OldAddress.objects.where_to(path, query, VISITOR))
    kwargs = match.kwargs if match is not None else {}
    if found := FRAGMENT.fullmatch(fragment):
        return _of_comment(int(found[1]), kwargs.get("slug", ""), max_width)
    if match is not None and match.view_name == "comments:comment-detail":
        return _of_comment(kwargs["pk"], QueryDict(query).get("post", ""), max_width)
    if match is not None and match.view_name in {"posts:post-detail", "page", "core:guidelines"}:
        return _of_post(match.kwargs.get("slug", "guidelines"), max_width)
    raise Http404


def _own_place(url: str) -> tuple[str, str, str]:
    """Path, query and fragment of an http or https URL of this site. Raises Http404 for others."""
    try:
        requested, own = urlsplit(url), urlsplit(settings.SITE_URL)
    except ValueError:
        raise Http404 from None
    if requested.scheme not in {"http", "https"} or requested.netloc.lower() != own.netloc.lower():
        raise Http404
    path = unquote(requested.path)
    if "\x00" in path + unquote(requested.query):  # PostgreSQL raises an error for it
        raise Http404
    return path, requested.query, requested.fragment


def _match(path: str) -> Any:
    try:
        return resolve(path) if path else None
    except Resolver404:
        return None


def _published(slug: str) -> Post | None:
    return Post.objects.published().with_author().filter(slug=slug).first()


def _moved(path: str) -> Post | None:
    match = _match(OldAddress.objects.where_to(path, "", VISITOR))
    return _published(match.kwargs.get("slug", "")) if match else None


def _of_post(slug: str, max_width: int) -> dict[str, Any]:
    post = _published(slug) or _moved(f"/posts/{slug}/")
    if post is None:
        raise Http404
    _check_readable(post)
    author, url = post.author.get_display_name(), post.get_canonical_url()
    quotation = format_html(
        '<blockquote cite="{0}"><p><a href="{0}">{1}</a></p><p>{2}</p></blockquote>',
        url,
        post.search_title,
        post.search_description,
    )
    author_url = absolute_url(post.author.get_absolute_url())
    return _answer(post, post.search_title, author, author_url, quotation, max_width)


def _of_comment(pk: int, slug: str, max_width: int) -> dict[str, Any]:
    """The comment, if visitors may open it by its number and the slug in the URL."""
    comments = Comment.objects.public().filter(pk=pk).select_related("author", "post__author")
    comment = comments.reached_by(VISITOR, slug).first()
    if comment is None:
        if slug and comments.for_members_at(slug).exists():
            raise PermissionDenied
        raise Http404
    url = absolute_url(comment.get_absolute_url())
    title = _("%(name)s on “%(post)s”") % {"name": comment.author_name, "post": comment.post.title}
    quotation = format_html(
        '<blockquote cite="{0}"><p>{1}</p><footer><a href="{0}">{2}</a></footer></blockquote>',
        url,
        excerpt(comment.public_html, QUOTED_CHARACTERS),
        title,
    )
    has_profile = comment.author is not None and comment.author.is_active
    author_url = absolute_url(comment.author.get_absolute_url()) if comment.author and has_profile else ""
    return _answer(comment.post, title, comment.author_name, author_url, quotation, max_width)


def _check_readable(post: Post) -> None:
    if not post.is_readable_by(VISITOR):
        raise PermissionDenied


def _answer(
    post: Post, title: str, author: str, author_url: str, quotation: str, max_width: int
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "author_name": author,
        "provider_name": SiteSettings.current().title,
        "provider_url": absolute_url("/"),
        "cache_age": CACHE_SECONDS,
        "html": quotation,
        "width": min(max_width, WIDTH),
        "height": None,  # as tall as its text
    }
    if author_url:
        data["author_url"] = author_url
    if not post.share_picture:  # the dimensions of a generated picture are known
        data |= {
            "thumbnail_url": share_picture_url(post),
            "thumbnail_width": PICTURE[0],
            "thumbnail_height": PICTURE[1],
        }
    return data
