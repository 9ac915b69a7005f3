"""Posts as schema.org structured data, for search engines and link previews."""

from typing import Any

from core.utils.urls import absolute_url
from posts.models import Post


def blog_posting(post: Post) -> dict[str, Any]:
    """A published post as BlogPosting. Costs no query when author and tags are there already."""
    url = post.get_canonical_url()
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
            "name": post.author.get_display_name(),
            "url": absolute_url(post.author.get_absolute_url()),
        },
        "commentCount": post.comment_count,
    }
    if post.language:
        data["inLanguage"] = post.language
    if post.published_at:
        data["datePublished"] = post.published_at.isoformat()
    if tags := [tag.name for tag in post.tags.all()]:
        data["keywords"] = tags
    if picture := post.search_picture:
        data["image"] = absolute_url(picture.url)
    return data
