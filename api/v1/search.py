"""Search, by the same index and rules as the search page."""

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
    posts: list[PostOut] = Field([], description="Posts found, if you searched posts.")
    comments: list[CommentOut] = Field([], description="Comments found, if you searched comments.")
    members: list[MemberRef] = Field([], description="Members found, if you searched members.")
    next: str | None = Field(description="Send it as `after` to get the next page. Null on the last page.")


@router.get("/search", response=Results, summary="Search")
def search_site(
    request: HttpRequest,
    q: Annotated[
        str,
        Query(
            max_length=LONGEST_QUERY, description="What to look for, with the operators of the search page."
        ),
    ],
    kind: Annotated[
        Literal["posts", "comments", "members"],
        Query(description="Whether to search posts, comments or members."),
    ] = "comments",
    sort: Annotated[Literal["best", "newest"], Query(description="Best match or newest first.")] = "best",
    after: Annotated[
        str,
        Query(max_length=80, description="`next` from the previous page. Leave it out for the first page."),
    ] = "",
    limit: Limit = 20,
) -> dict[str, Any]:
    """Returns the posts, comments or members that match the query and that you can see on the site.

    Among them are none of members you muted.
    """
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
