"""Posts: reading, and for hosts drafting, publishing and editing."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import Field

from api.models import Scope
from api.v1.auth import ApiRequest, Hosting, has_scope
from api.v1.problems import invalid_field, invalid_form
from api.v1.reading import After, Limit, Slug, page_of, read_cursor
from api.v1.schemas import Input, PostOut, PostPage, Reader, WholePost
from comments.services.discussion import rules_of
from core.markup.posts import post_for_feeds
from core.utils.moments import YEARS
from core.utils.pagination import now_or_before
from posts.editor.autosave import content_version
from posts.forms import PostAdminForm
from posts.models import Post, Tag
from posts.services.publishing import save_post
from posts.services.versions import keep_version

router = Router(tags=["Posts"])
# The API's names of form fields that have another name here.
NAMES = {"body": "body", "tag_names": "tags", "published_at": "publish_at", "when": "publish_at"}
# The kinds that this part of the API supports. An event, for example, has a page of its own.
OF_A_HOST = (Post.Kind.POST, Post.Kind.PAGE)


def readable_post(request: HttpRequest, slug: str) -> Post:
    """The post with this slug that the reader may open. Raises Http404."""
    posts = Post.objects.readable_by(request.user).with_author().prefetch_related("tags")
    return get_object_or_404(posts, slug=slug)


def own_draft(request: HttpRequest, slug: str) -> Post:
    """With a host's token: a post that they may change in the admin, drafts included."""
    posts = Post.objects.not_in_trash().with_author().prefetch_related("tags")
    post = get_object_or_404(posts, slug=slug, kind__in=OF_A_HOST)
    if not may_open(post, request.user) and not post.is_readable_by(request.user):
        raise Http404
    return post


def may_open(post: Post, user: Reader) -> bool:
    """Whether they see it in the admin, where pages have permissions of their own."""
    may_view = not post.is_page or user.has_perm("posts.view_page") or user.has_perm("posts.change_page")
    return may_view and post.may_be_changed_by(user)


def may_change(post: Post, user: Reader) -> bool:
    return may_open(post, user) and (not post.is_page or user.has_perm("posts.change_page"))


def whole(post: Post, reader: Reader) -> WholePost:
    may_edit = reader.is_authenticated and may_change(post, reader)
    return WholePost(
        **PostOut.fields_of(post),
        html=post_for_feeds(post.body),
        comments_open=post.is_published and rules_of(post).is_open,
        version=content_version(post) if may_edit else None,
    )


@router.get("/posts", response=PostPage, summary="List posts")
def list_posts(
    request: HttpRequest,
    after: After = "",
    limit: Limit = 20,
    tag: Annotated[str, Query(max_length=60, description="Only posts with this tag (its slug).")] = "",
    author: Annotated[
        str, Query(max_length=30, description="Only posts by this member (their username).")
    ] = "",
    drafts: Annotated[
        bool, Query(description="Drafts instead of published posts. Needs the scope “host”.")
    ] = False,
) -> dict[str, Any]:
    """Returns published posts that you can read, newest first, without their text.

    With `drafts`, your drafts; to those who may publish, all drafts.
    """
    rows: QuerySet[Post]
    if drafts:
        if not has_scope(request, Scope.HOST):
            raise PermissionDenied(_("Drafts need a token with the scope “host”."))
        rows, field = Post.objects.posts().drafts(), "created_at"
        if not request.user.has_perm("posts.publish_post"):
            rows = rows.filter(author=request.user.pk)
    else:
        cursor = read_cursor(after)
        rows = Post.objects.listed_for(request.user, now_or_before(cursor and cursor.at))
        field = "published_at"
    if tag:
        rows = rows.tagged(tag)
    if author:
        rows = rows.by_author(author)
    items, following = page_of(
        rows.with_author().prefetch_related("tags").defer("body"), after, limit, field=field
    )
    return {"items": [PostOut(**PostOut.fields_of(post)) for post in items], "next": following}


@router.get("/posts/{slug}", response=WholePost, summary="Read a post")
def read_post(request: HttpRequest, slug: Slug) -> WholePost:
    """Returns the post with its text. 404 if you can’t read it.

    Members-only posts need a token. With the scope “host” you can also read drafts that you may edit.
    """
    post = own_draft(request, slug) if has_scope(request, Scope.HOST) else readable_post(request, slug)
    if post.kind not in OF_A_HOST:
        raise Http404
    return whole(post, request.user)


class PostIn(Input):
    title: str | None = Field(None, max_length=1000, description="Plain text.")
    slug: str | None = Field(
        None,
        description="The last part of the address. Made from the title if you leave it out. Only if you can publish posts.",
    )
    summary: str | None = Field(None, description="Plain text for lists and search engines.")
    body: str | None = Field(None, description="HTML if it begins with a tag, otherwise Markdown.")
    tags: list[str] | None = Field(
        None,
        max_length=100,
        description="Names of tags; new ones are created. Replaces all tags of the post.",
    )
    language: str | None = Field(
        None, description="Language code, such as “en” or “de”; empty for the site’s own language."
    )
    visibility: Literal["public", "members", "unlisted"] | None = Field(
        None, description="Who can read it: everyone, members only, or everyone with the link."
    )
    comments_open: bool | None = Field(None, description="Whether members can comment.")
    status: Literal["draft", "published"] | None = Field(
        None, description="“published” publishes the post, now or at `publish_at`; “draft” unpublishes it."
    )
    publish_at: datetime | None = Field(
        None,
        description="With the status “published”: publish it at this time in the future. "
        "Without an offset, it is in the site’s time zone.",
    )


class PostChange(PostIn):
    version: str | None = Field(
        None,
        description="The `version` you read. The change is refused if someone else has edited the post since.",
    )


class ApiPostForm(PostAdminForm):
    """The admin's form with the API's fields, so that the same rules apply."""

    class Meta(PostAdminForm.Meta):
        fields = [
            "title",
            "slug",
            "summary",
            "body",
            "published_at",
            "comments_open",
            "language",
            "visibility",
        ]


def form_for(post: Post, sent: dict[str, Any], request: HttpRequest) -> ApiPostForm:
    """The form as the admin would send it: the post's current values, replaced by those that were sent."""
    given = {name: value for name, value in sent.items() if value is not None}
    values: dict[str, Any] = {
        name: given.get(name, getattr(post, name))
        for name in ("title", "slug", "summary", "body", "language", "visibility")
    }
    if given.get("comments_open", post.comments_open):
        values["comments_open"] = "on"
    tags = given.get("tags")
    if tags is not None and any("," in tag for tag in tags):
        raise invalid_field("tags", _("A tag can’t contain a comma."))
    values["tag_names"] = ", ".join(
        tags if tags is not None else post.tags.values_list("name", flat=True) if post.pk else []
    )
    values |= times_for(post, given)
    if (slug := given.get("slug")) and slug != post.slug and not request.user.has_perm("posts.publish_post"):
        raise invalid_field("slug", _("Only people who publish posts can choose the web address."))
    if (status := given.get("status")) is not None:
        may_publish = request.user.has_perm("posts.publish_post")
        if not may_publish:
            raise PermissionDenied(_("You can save drafts, but you don’t have permission to publish."))
        if status == "published" and not post.is_published:
            values["_publish"] = "1"
        elif status == "draft" and post.published_at:
            values["_unpublish"] = "1"
    if given.get("version"):
        values["content_version"] = given["version"]
    form = ApiPostForm(values, instance=post)
    form.user = request.user
    return form


def times_for(post: Post, given: dict[str, Any]) -> dict[str, str]:
    """The time fields of the publishing panel.

    Times with an offset become UTC, in which none is ambiguous.
    """
    at, status = given.get("publish_at"), given.get("status")
    if at is None or at == post.published_at:
        stays = post.is_scheduled and (status is None or at is not None)
        now = {"when": "at" if stays else "now"}
        return now if post.published_at is None else now | typed(timezone.localtime(post.published_at))
    if not YEARS[0] <= at.year <= YEARS[1]:
        raise invalid_field(
            "publish_at",
            _("Choose a year from %(first)d to %(last)d.") % {"first": YEARS[0], "last": YEARS[1]},
        )
    if status == "draft" or (status is None and post.published_at is None):
        raise invalid_field(
            "publish_at",
            _("A draft has no publication time. To schedule it, also send the status “published”."),
        )
    if timezone.is_aware(at):
        return {"when": "at", "zone": "UTC"} | typed(at.astimezone(UTC))
    return {"when": "at"} | typed(at)


def typed(at: datetime) -> dict[str, str]:
    return {"published_at_0": at.date().isoformat(), "published_at_1": at.time().isoformat("seconds")}


def store(post: Post, sent: dict[str, Any], request: ApiRequest) -> Post:
    form = form_for(post, sent, request)
    if not form.is_valid():
        raise invalid_form(form, NAMES)
    with transaction.atomic():
        saved = form.save(commit=False)
        save_post(saved, by=request.user, intends=form.intends)
        saved.tags.set(Tag.objects.named(form.cleaned_data["tag_names"]))
        keep_version(saved, by=request.user)
    return own_draft(request, saved.slug)


@router.post(
    "/posts",
    response={201: WholePost},
    auth=Hosting(),
    summary="Write a post",
)
def create_post(request: ApiRequest, data: PostIn) -> Status:
    """Saves a draft, or publishes it if the status is “published”. Returns the post. Needs the scope “host”.

    403 if you may not write posts, or may not publish them. 422 if the slug is taken.
    """
    if not request.user.has_perm("posts.add_post"):
        raise PermissionDenied(_("You can’t write posts here."))
    post = store(Post(author=request.user), data.dict(), request)
    return Status(201, whole(post, request.user))


@router.patch(
    "/posts/{slug}",
    response=WholePost,
    auth=Hosting(),
    summary="Edit a post",
)
def edit_post(request: ApiRequest, slug: Slug, data: PostChange) -> WholePost:
    """Changes the fields you send and keeps the rest. Returns the post. Needs the scope “host”.

    Each save is a version that can be restored in the admin. 403 if you may not edit or publish the post, 422
    if it has changed since `version`.
    """
    post = own_draft(request, slug)
    if not may_change(post, request.user):
        raise PermissionDenied(_("You can’t edit this post."))
    return whole(store(post, data.dict(), request), request.user)
