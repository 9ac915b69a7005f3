"""What the API says of posts, comments and members. Text of members is HTML from core/markup alone; its source is its author's."""

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
    """What is sent here: an unknown field is a slip of the pen, and said."""

    model_config = ConfigDict(extra="forbid")


class ProblemOut(Schema):
    """RFC 9457, `application/problem+json`."""

    type: str
    title: str
    status: int
    detail: str = ""
    code: str = ""
    errors: list[dict[str, str]] = Field([], description="What to change, at which field.")


class MemberRef(Schema):
    username: str | None = Field(description="None for guests of an imported blog and former members.")
    name: str
    url: str | None

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
    slug: str
    name: str


class PostOut(Schema):
    id: int
    slug: str
    url: str
    kind: Literal["post", "page"]
    title: str
    summary: str
    author: MemberRef
    tags: list[TagOut]
    language: str
    visibility: Literal["public", "members", "unlisted"]
    published_at: datetime | None = Field(description="None for a draft.")
    updated_at: datetime
    cover: str | None
    comment_count: int
    last_comment_at: datetime | None

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
    html: str
    comments_open: bool = Field(description="Whether the post takes comments now.")
    version: str | None = Field(
        None, description="For those who may edit it: send it back with a change, so that nobody’s is lost."
    )


Status = Literal["public", "held", "removed", "deleted"]


def shown_status(comment: Comment, *, is_shown: bool) -> Status:
    """The contract's words for it: nothing else of a comment's state is revealed."""
    if is_shown:
        return "held" if comment.is_held else "public"
    return "deleted" if comment.status == Comment.Status.DELETED else "removed"


class CommentOut(Schema):
    id: int
    url: str
    post: str = Field(description="The slug of its post.")
    parent: int | None
    level: int = Field(description="0 for a comment on the post itself.")
    status: Status = Field(
        description="held: seen by its author and moderators. removed, deleted: no text; there are replies."
    )
    author: MemberRef | None = Field(description="None where the text is gone.")
    is_by_host: bool
    is_muted: bool = Field(description="Whether you muted its author.")
    html: str
    source: str | None = Field(description="The text as typed, for its author alone.")
    created_at: datetime
    edited_at: datetime | None
    thanks: int
    is_pinned: bool
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
    """With whole addresses. A new member's links are links for themselves and moderators alone, as on the page."""
    sees_links = comment.author is None or comment.author.shows_links_to(reader)
    return str(for_elsewhere(comment.html if sees_links else comment.public_html))


class CommentPage(Schema):
    items: list[CommentOut]
    next: str | None = Field(description="For `after`; null on the last page.")


class PostPage(Schema):
    items: list[PostOut]
    next: str | None = Field(description="For `after`; null on the last page.")
