"""Searching: as the search page, by the same index and rules."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from api.v1.reading import Limit
from api.v1.schemas import CommentOut, MemberRef, PostOut
from posts.models import Post
from search.query import LONGEST_QUERY, read_query
from search.services import search

router = Router(tags=["Search"])


class Results(Schema):
    posts: list[PostOut] = []
    comments: list[CommentOut] = []
    members: list[MemberRef] = []
    next: str | None = Field(description="For `after`; null on the last page.")


@router.get("/search", response=Results, summary="Search")
def search_site(
    request: HttpRequest,
    q: Annotated[
        str, Query(max_length=LONGEST_QUERY, description="As on the search page, operators included.")
    ],
    kind: Annotated[
        Literal["posts", "comments", "members"], Query(description="What to look for.")
    ] = "comments",
    sort: Annotated[Literal["best", "newest"], Query(description="The order.")] = "best",
    after: Annotated[str, Query(max_length=80, description="`next` of the page before.")] = "",
    limit: Limit = 20,
) -> dict[str, Any]:
    """Only what you may see is found."""
    found = search(kind, read_query(q), request.user, size=limit, cursor=after, newest=sort == "newest")
    rows = found.rows
    result: dict[str, Any] = {"next": found.next or None}
    if kind == "posts":
        with_tags = Post.objects.filter(pk__in=[row.pk for row in rows]).prefetch_related("tags")
        known = {post.pk: post for post in with_tags.select_related("author")}
        result["posts"] = [PostOut(**PostOut.fields_of(known[row.pk])) for row in rows if row.pk in known]
    elif kind == "comments":
        result["comments"] = [CommentOut.of(row, request.user) for row in rows]
    else:
        result["members"] = [MemberRef.of(row) for row in rows]
    return result
