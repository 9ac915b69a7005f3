"""The places of comments on other pages."""

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse

from accounts.models import User
from comments.drafts import kept_words
from comments.forms import CommentForm
from comments.models import Comment
from comments.threads import NEWEST, OLDEST, ThreadPage, key_of, read_page
from posts.models import Post

register = template.Library()

NEWEST_SHOWN = 4
OF_MEMBER_SHOWN = 10
LINKS_BESIDE_NAME = 4


def _number(value: str) -> int:
    """A number out of an address; 0 for whatever else somebody typed there."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0


@register.inclusion_tag("comments/_thread.html", takes_context=True)
def comment_thread(context: dict[str, Any], post: Post) -> dict[str, Any]:
    """The whole talk under a post: bar, comments, the form where the reader wants it.

    Reads from the address: sort (oldest, newest), page (key of a branch), reply (a comment to answer).
    """
    request = context["request"]
    reader = request.user
    kept = kept_words(request, reverse("comments:comment-create", args=[post.slug]))
    reply_pk = _number(request.GET.get("reply", "")) or _number(kept.get("parent", ""))
    parent = Comment.objects.for_post(post).public().select_related("author").filter(pk=reply_pk).first() if reply_pk else None
    key = _number(request.GET.get("page", ""))
    if parent and not key:
        parent.post = post
        key = key_of(parent)
    page = read_page(post, reader, sort=NEWEST if request.GET.get("sort") == NEWEST else OLDEST, key=key)
    is_answer_kept = bool(kept) and _number(kept.get("parent", "")) == (parent.pk if parent else 0)
    return {
        "request": request,
        "user": reader,
        "csrf_token": context.get("csrf_token"),
        "post": post,
        "page": page,
        "key": key,
        "parent": parent,
        "reply_form": CommentForm(post=post, parent=parent, initial={"body": kept.get("body", "") if is_answer_kept else ""}) if parent else None,
        "new_form": CommentForm(post=post, initial={"body": "" if parent and is_answer_kept else kept.get("body", "")}),
        "has_kept_words": bool(kept) and reader.is_authenticated,
        "structured": {
            "@context": "https://schema.org",
            "@graph": [_structured(post, node.comment) for node in page.nodes if not node.is_tomb and node.comment.is_public],
        },
    }


def _structured(post: Post, comment: Comment) -> dict[str, Any]:
    """A comment for search engines (schema.org/Comment)."""
    person: dict[str, Any] = {"@type": "Person", "name": comment.author_name}
    if comment.author:
        person["url"] = settings.SITE_URL + comment.author.get_absolute_url()
    elif comment.guest_url:
        person["url"] = comment.guest_url
    data = {
        "@type": "Comment",
        "@id": settings.SITE_URL + comment.get_absolute_url(),
        "url": settings.SITE_URL + comment.get_absolute_url(),
        "about": {"@id": settings.SITE_URL + post.get_absolute_url()},
        "author": person,
        "datePublished": comment.created_at.isoformat(),
        "text": comment.html,
    }
    if comment.parent_id:
        data["parentItem"] = {"@id": settings.SITE_URL + reverse("comments:comment-detail", args=[comment.parent_id])}
    return data


@register.inclusion_tag("comments/_newest.html")
def newest_comments() -> dict[str, Any]:
    """What was said last, anywhere on the site."""
    comments = Comment.objects.public().on_published_posts().newest_first().select_related("author", "post", "parent__author").defer("body")
    return {"comments": comments[:NEWEST_SHOWN]}


@register.inclusion_tag("comments/_of_member.html")
def member_comments(member: User) -> dict[str, Any]:
    """What a member wrote lately, with the post it stands under."""
    comments = Comment.objects.public().by(member).on_published_posts().newest_first().select_related("post").defer("body")
    return {"member": member, "comments": comments[:OF_MEMBER_SHOWN]}


@register.filter
def links_beside_name(user: User) -> list[Any]:
    """The first links of a member, from rows that were prefetched."""
    return list(user.links.all())[:LINKS_BESIDE_NAME]  # type: ignore[attr-defined]


@register.simple_tag
def thread_query(page: ThreadPage, key: int, **changes: Any) -> str:
    """The query string of a page of the thread."""
    return page.query(page=key, **changes)
