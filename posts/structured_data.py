"""Posts as schema.org structured data, for search engines and link previews."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.utils.structured_data import breadcrumbs, publisher
from core.utils.urls import absolute_url
from posts.models import Post, Tag
from posts.share_cards import share_picture_url


def blog_posting(post: Post) -> dict[str, Any]:
    """A published post as BlogPosting. Needs no query if author and tags are loaded."""
    url, author_url = post.get_canonical_url(), absolute_url(post.author.get_absolute_url())
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "@id": url,
        "headline": post.title,
        "description": post.search_description,
        "url": url,
        "mainEntityOfPage": url,
        "dateModified": post.changed_at.isoformat(),
        "author": {
            "@type": "Person",
            "@id": author_url,
            "name": post.author.get_display_name(),
            "url": author_url,
        },
        "publisher": publisher(),
        "commentCount": post.comment_count,
    }
    if post.language:
        data["inLanguage"] = post.language
    if post.published_at:
        data["datePublished"] = post.published_at.isoformat()
    if tags := [tag.name for tag in post.tags.all()]:
        data["keywords"] = tags
    own = post.search_picture
    if picture := absolute_url(own.url) if own else share_picture_url(post):
        data["image"] = picture
    return data


def breadcrumbs_of(post: Post) -> dict[str, Any]:
    """A post is below the archive, a static page below the home page."""
    here = (post.title, post.get_absolute_url())
    return breadcrumbs([here] if post.is_page else [(_("Posts"), reverse("posts:post-list")), here])


def breadcrumbs_of_tag(tag: Tag) -> dict[str, Any]:
    return breadcrumbs([(_("Posts"), reverse("posts:post-list")), (tag.name, tag.get_absolute_url())])
