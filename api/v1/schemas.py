"""Schemas of posts, comments and members.

Members' text is HTML from core/markup; only its author gets the source.
"""

from datetime import datetime
from typing import Any, Literal

from django.contrib.auth.models import AnonymousUser
from ninja import Schema
from pydantic import ConfigDict, Field

from accounts.models import User
from comments.models import Comment
from core.markup.plain import for_elsewhere
from core.utils.urls import absolute_url
from posts.models import Post

Reader = User | AnonymousUser


class Input(Schema):
    """Base of request bodies. Unknown fields are errors."""

    model_config = ConfigDict(extra="forbid")


class ProblemOut(Schema):
    """RFC 9457, `application/problem+json`."""

    type: str = Field(description="Always “about:blank”: `code` tells errors apart.")
    title: str = Field(description="The name of the HTTP status, such as “Not Found”.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field("", description="What is wrong, in a sentence for people.")
    code: str = Field("", description="What is wrong, for programs, such as “invalid” or “too_fast”.")
    errors: list[dict[str, str]] = Field(
        [], description="The fields to change: `field`, `message` and `code` of each."
    )


class MemberRef(Schema):
    username: str | None = Field(description="Null for guests of an imported blog and former members.")
    name: str = Field(description="The name shown on the site.")
    url: str | None = Field(description="The profile, or a guest’s website.")

    @classmethod
    def of(cls, member: User) -> "MemberRef":
        if not member.is_active:
            return cls(username=None, name=member.get_display_name(), url=None)
        return cls(
            username=member.username,
            name=member.get_display_name(),
            url=absolute_url(member.get_absolute_url()),
        )


class TagOut(Schema):
    slug: str = Field(description="The last part of the tag’s address.")
    name: str = Field(description="The name shown on the site.")


class PostOut(Schema):
    id: int = Field(description="The ID of the post.")
    slug: str = Field(description="The last part of the post’s address.")
    url: str = Field(description="The post’s page.")
    kind: Literal["post", "page"] = Field(
        description="A post, or a page such as “About”, which is in no list of posts."
    )
    title: str = Field(description="Plain text.")
    summary: str = Field(description="Plain text, shown in lists; may be empty.")
    author: MemberRef = Field(description="Who wrote the post.")
    tags: list[TagOut] = Field(description="The tags of the post.")
    language: str = Field(
        description="Language code, such as “en” or “de”; empty for the site’s own language."
    )
    visibility: Literal["public", "members", "unlisted"] = Field(
        description="Who can read it: everyone, members only, or everyone with the link (it is in no list)."
    )
    published_at: datetime | None = Field(description="Null for a draft; in the future for a scheduled post.")
    updated_at: datetime = Field(description="When the post was last changed.")
    cover: str | None = Field(description="Address of the cover picture.")
    comment_count: int = Field(description="How many comments are public.")
    last_comment_at: datetime | None = Field(description="When the newest public comment was posted.")

    @classmethod
    def fields_of(cls, post: Post) -> dict[str, Any]:
        return {
            "id": post.pk,
            "slug": post.slug,
            "url": post.get_canonical_url(),
            "kind": post.kind,
            "title": post.title,
            "summary": post.summary,
            "author": MemberRef.of(post.author),
            "tags": [TagOut(slug=tag.slug, name=tag.name) for tag in post.tags.all()],
            "language": post.language,
            "visibility": post.visibility,
            "published_at": post.published_at,
            "updated_at": post.updated_at,
            "cover": absolute_url(post.cover.url) if post.cover else None,
            "comment_count": post.comment_count,
            "last_comment_at": post.last_comment_at,
        }


class WholePost(PostOut):
    html: str = Field(description="The text of the post.")
    comments_open: bool = Field(description="Whether members can comment now.")
    version: str | None = Field(
        None,
        description="Only if you can edit the post. Send it back with a change, so that you don’t overwrite someone else’s.",
    )


Status = Literal["public", "held", "removed", "deleted"]


def shown_status(comment: Comment, *, is_shown: bool) -> Status:
    """The contract's values; no other state of a comment is revealed."""
    if is_shown:
        return "held" if comment.is_held else "public"
    return "deleted" if comment.status == Comment.Status.DELETED else "removed"


class CommentOut(Schema):
    id: int = Field(description="The ID of the comment.")
    url: str = Field(description="A permanent link to the comment.")
    post: str = Field(description="The slug of its post.")
    parent: int | None = Field(description="The ID of the comment it replies to; null on the post itself.")
    level: int = Field(description="0 for a comment on the post itself.")
    status: Status = Field(
        description="`held`: awaiting review, visible to its author and moderators. `removed` and `deleted`: without text, listed because of its replies."
    )
    author: MemberRef | None = Field(description="Null if the comment was removed or deleted.")
    is_by_host: bool = Field(description="Whether the host wrote it.")
    is_muted: bool = Field(description="Whether you muted its author.")
    html: str = Field(description="The text; empty if it was removed or deleted.")
    source: str | None = Field(description="The Markdown as typed. Only for its author; otherwise null.")
    created_at: datetime = Field(description="When it was posted.")
    edited_at: datetime | None = Field(description="When it was last edited; null if never.")
    thanks: int = Field(description="How many members said thanks.")
    is_pinned: bool = Field(description="Whether it is pinned above the other comments.")
    is_chosen: bool = Field(description="Whether it is the host’s choice.")

    @classmethod
    def of(cls, comment: Comment, reader: Reader) -> "CommentOut":
        """Needs post and author. What the reader may not see is a tombstone, as on the page."""
        is_shown = not comment.is_gone and comment.is_visible_to(reader)
        is_own = reader.is_authenticated and comment.author_id == reader.pk
        return cls(
            id=comment.pk,
            url=absolute_url(comment.get_absolute_url()),
            post=comment.post.slug,
            parent=comment.parent_id,
            level=comment.level,
            status=shown_status(comment, is_shown=is_shown),
            author=author_of(comment) if is_shown else None,
            is_by_host=is_shown and comment.is_by_host,
            is_muted=is_shown and reader.is_authenticated and comment.author_id in reader.muted_ids,
            html=html_for(comment, reader) if is_shown else "",
            source=comment.body if is_shown and is_own else None,
            created_at=comment.created_at,
            edited_at=comment.edited_at if is_shown else None,
            thanks=comment.thanks_count if is_shown else 0,
            is_pinned=comment.pinned_at is not None,
            is_chosen=comment.chosen_at is not None,
        )


def author_of(comment: Comment) -> MemberRef:
    if comment.author is not None:
        return MemberRef.of(comment.author)
    return MemberRef(username=None, name=comment.guest_name, url=comment.guest_link or None)


def html_for(comment: Comment, reader: Reader) -> str:
    """With absolute URLs.

    A new member's links are links only for themselves and moderators, as on the page.
    """
    sees_links = comment.author is None or comment.author.shows_links_to(reader)
    return str(for_elsewhere(comment.html if sees_links else comment.public_html))


class CommentPage(Schema):
    items: list[CommentOut] = Field(description="The comments of this page.")
    next: str | None = Field(description="Send it as `after` to get the next page. Null on the last page.")


class PostPage(Schema):
    items: list[PostOut] = Field(description="The posts of this page.")
    next: str | None = Field(description="Send it as `after` to get the next page. Null on the last page.")
