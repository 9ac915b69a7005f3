"""Comments: the tree of a post, and writing by the same form and services as the page."""

from typing import Annotated, Any, Literal

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from accounts.services.permissions import check_may_write
from api.v1.auth import ApiRequest, Writing
from api.v1.posts import readable_post
from api.v1.problems import invalid_field, invalid_form
from api.v1.reading import After, Key, Limit, RowPk, Slug, SlugOfPost, page_of
from api.v1.schemas import CommentOut, CommentPage, Input, Reader
from comments.forms.comment import CommentEditForm, CommentForm
from comments.models import Comment
from comments.models.submission import Submission
from comments.services.discussion import will_be_held
from comments.services.writing import delete_comment
from comments.thread.pagination import read_number
from comments.views.access import get_visible_comment
from core.markup.plain import for_elsewhere
from notifications.services.preview import Line, read_draft
from notifications.services.recipients import Draft
from notifications.services.verdicts import WAY_IN_WORDS
from posts.models import Post

router = Router(tags=["Comments"])


# --- reading --------------------------------------------------------------------------------


def shown_to(reader: Reader) -> Q:
    """What is not a tombstone for the reader; the same as Node.is_tomb on the page."""
    if not reader.is_authenticated:
        return Q(status="public")
    if reader.is_moderator:
        return Q(status__in=["public", "held"])
    return Q(status="public") | Q(status="held", author=reader)


def tree_of(post: Post, reader: Reader) -> Any:
    """The comments on the page of a post, with tombstones that have replies."""
    below = Comment.objects.filter(
        shown_to(reader), tree_id=OuterRef("tree_id"), lft__gt=OuterRef("lft"), lft__lt=OuterRef("rght")
    )
    return Comment.objects.for_post(post).filter(shown_to(reader) | Exists(below)).select_related("author")


def behind(after: str, *, is_newest: bool) -> Q:
    """The rows after a place: a tree, and an edge in it. Raises Problem for an invalid place."""
    tree, _dot, left = after.partition(".")
    place = read_number(tree), read_number(left)
    if not all(place):
        raise invalid_field("after", _("Use the value of “next” from the previous page."))
    others = Q(tree_id__lt=place[0]) if is_newest else Q(tree_id__gt=place[0])
    return others | Q(tree_id=place[0], lft__gt=place[1])


@router.get(
    "/posts/{slug}/comments",
    response=CommentPage,
    summary="Read the comments on a post",
)
def list_comments_of_post(
    request: HttpRequest,
    slug: Slug,
    after: After = "",
    limit: Limit = 50,
    sort: Annotated[
        Literal["oldest", "newest"],
        Query(
            description="Which comments on the post itself come first. Replies always follow their comment."
        ),
    ] = "oldest",
) -> dict[str, Any]:
    """Returns the comments in reading order: each is followed by its replies. `parent` and `level` give its position.

    Deleted and removed comments with replies are included without their text. 404 if you can’t read the post.
    """
    post = readable_post(request, slug)
    rows = tree_of(post, request.user)
    is_newest = sort == "newest"
    if after:
        rows = rows.filter(behind(after, is_newest=is_newest))
    found = list(rows.order_by("-tree_id" if is_newest else "tree_id", "lft")[: limit + 1])
    page = found[:limit]
    for comment in page:
        comment.post = post
    return {
        "items": [CommentOut.of(comment, request.user) for comment in page],
        "next": f"{page[-1].tree_id}.{page[-1].lft}" if len(found) > limit else None,
    }


@router.get("/comments", response=CommentPage, summary="List the newest comments")
def list_comments(request: HttpRequest, after: After = "", limit: Limit = 50) -> dict[str, Any]:
    """Returns the public comments on posts you can read, newest first. Unlisted posts are left out."""
    rows = Comment.objects.public().discoverable_by(request.user).select_related("author", "post__author")
    items, following = page_of(rows, after, limit, field="created_at")
    return {"items": [CommentOut.of(comment, request.user) for comment in items], "next": following}


@router.get("/comments/{pk}", response=CommentOut, summary="Read a comment")
def read_comment(request: HttpRequest, pk: RowPk, post: SlugOfPost = "") -> CommentOut:
    """Returns one comment; to its author also `source`, the text as typed.

    404 if you can’t see it. Authors and moderators can also see comments awaiting review.
    """
    return CommentOut.of(get_visible_comment(request, pk, post), request.user)


# --- writing ----------------------------------------------------------------------------------


class Told(Schema):
    name: str = Field(description="The name shown on the site.")
    how: str = Field(description="How they are notified, such as by email.")


class NotTold(Schema):
    name: str = Field(description="The name shown on the site.")
    why: str = Field(description="Why they can’t be notified.")


class NotificationsOut(Schema):
    """Who will be notified of a comment, and who can’t be. It holds no email addresses."""

    will_be_notified: list[Told] = Field(
        description="The people you reply to or mention who will be notified."
    )
    cannot_be_notified: list[NotTold] = Field(description="The people who can’t be, with the reason.")
    followers: int = Field(description="How many followers of the discussion will be notified.")
    once_approved: bool = Field(
        description="Whether the comment is awaiting review: then no one is notified until it is approved."
    )

    @classmethod
    def of(cls, line: Line, *, waits: bool) -> "NotificationsOut":
        return cls(
            will_be_notified=[
                Told(name=one.name, how=str(WAY_IN_WORDS[one.way])) for one in line.recipients.notified
            ],
            cannot_be_notified=[NotTold(name=one.name, why=str(one.why_not)) for one in line.unreachable],
            followers=line.followers.total,
            once_approved=waits,
        )


class CommentIn(Input):
    body: str = Field("", description="The comment, in Markdown.")
    parent: Key | None = Field(
        None, description="The ID of the comment to reply to. Leave it out to comment on the post."
    )
    also: list[Key] = Field([], max_length=100, description="IDs of other comments it replies to as well.")


class CommentChange(Input):
    body: str = Field("", description="The new text, in Markdown.")


class Preview(Schema):
    html: str = Field(description="The comment as it would look.")
    notifications: NotificationsOut = Field(description="Who would be notified.")


class WrittenComment(Schema):
    comment: CommentOut = Field(description="The comment as it is now.")
    notifications: NotificationsOut = Field(description="Who is notified of it.")
    why_held: list[str] = Field(description="If it is awaiting review: the reasons, in sentences.")


def form_for(request: ApiRequest, post: Post, data: CommentIn) -> CommentForm:
    """The valid form of the page. Raises Problem."""
    parent = None
    if data.parent is not None:
        comments = Comment.objects.for_post(post).public().select_related("author")
        parent = comments.filter(pk=data.parent).first()
    sent = {"body": data.body, "parent": str(data.parent or ""), "also": [str(pk) for pk in data.also]}
    form = CommentForm(sent, post=post, author=request.user, parent=parent)
    return valid(form)


def valid(form: Any) -> Any:
    if not form.is_valid():
        raise invalid_form(form)
    return form


def written(comment: Comment, request: ApiRequest, line: Line) -> WrittenComment:
    return WrittenComment(
        comment=CommentOut.of(comment, request.user),
        notifications=NotificationsOut.of(line, waits=comment.is_held),
        why_held=[str(reason) for reason in comment.why_held] if comment.is_held else [],
    )


@router.post(
    "/posts/{slug}/comments",
    response={201: WrittenComment, 200: WrittenComment},
    auth=Writing(),
    summary="Write a comment",
)
def create_comment(request: ApiRequest, slug: Slug, data: CommentIn) -> Status:
    """Posts a comment, and returns it with who will be notified and who can’t be. Needs the scope “write”.

    If it is held for a moderator, `comment.status` says so. The same text sent twice is posted once; the
    second response is 200. 403 if you are suspended, 404 if you can’t read the post, 422 if the text is empty
    or too long or comments are closed, 429 if you post too fast.
    """
    check_may_write(request.user)
    post = readable_post(request, slug)
    comment = form_for(request, post, data).save(Submission.of(request))
    comment.post = post
    line = Line.of(Draft.of_comment(comment), counts_all=True)
    return Status(200 if comment.is_repeated else 201, written(comment, request, line))


@router.post(
    "/posts/{slug}/comments/preview",
    response=Preview,
    auth=Writing(),
    summary="Preview a comment",
)
def preview_comment(request: ApiRequest, slug: Slug, data: CommentIn) -> Preview:
    """Returns the comment as HTML, and who would be notified. Nothing is saved. Needs the scope “write”."""
    post = readable_post(request, slug)
    form = form_for(request, post, data)
    draft = Comment(post=post, author=request.user)
    draft.set_body(form.cleaned_data["body"])
    also = [str(pk) for pk in data.also]
    wanted = read_draft(post, request.user, body=data.body, parent=str(data.parent or ""), also=also)
    line = Line.of(wanted, counts_all=True)
    return Preview(
        html=for_elsewhere(draft.html),
        notifications=NotificationsOut.of(line, waits=will_be_held(post, request.user)),
    )


def own_comment(request: ApiRequest, pk: int) -> Comment:
    comment = get_visible_comment(request, pk)
    if not comment.is_editable_by(request.user):
        raise PermissionDenied(_("Only the author can do this."))
    return comment


@router.patch("/comments/{pk}", response=WrittenComment, auth=Writing(), summary="Edit a comment")
def edit_comment(request: ApiRequest, pk: RowPk, data: CommentChange) -> WrittenComment:
    """Replaces the text of your comment. Returns it with who else is notified now. Needs the scope “write”.

    The new text may be held for a moderator. 403 if it isn’t yours or you are suspended, 404 if you can’t see
    it.
    """
    check_may_write(request.user)
    comment = own_comment(request, pk)
    form = valid(CommentEditForm({"body": data.body}, comment=comment, author=request.user))
    line = Line.of_change(comment, body=form.cleaned_data["body"])
    edited = form.save()
    edited.post = comment.post
    return written(edited, request, line)


@router.delete("/comments/{pk}", response={204: None}, auth=Writing(), summary="Delete a comment")
def remove_comment(request: ApiRequest, pk: RowPk) -> Status:
    """Deletes your comment. Replies to it stay. 403 if it isn’t yours. Needs the scope “write”."""
    delete_comment(own_comment(request, pk), by=request.user)
    return Status(204, None)
