"""Notification elements of other pages: bell, line under the form, follow menu, marks of several parents."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.template import Library
from django.urls import reverse
from django.utils import timezone

from comments.forms.comment import CommentEditForm, CommentForm
from comments.models import Comment
from comments.services.discussion import rules_of, will_be_held
from comments.services.drafts import JUST_WROTE_COOKIE, kept_text
from comments.thread.pagination import read_numbers
from core.prepared import NUMBERS, Prepared
from notifications.models import AdditionalParent, TagFollow, ThreadSubscription
from notifications.services.inbox import shown, unread_count
from notifications.services.preview import Line, line_of_addition, read_draft, tickable
from notifications.services.receipts import receipt_of
from posts.models import Post, Tag

register = Library()

TICKABLE_SHOWN = 12
# More than the limit, so that someone who ticked too many finds all of them again.
TICKED_SHOWN = 100
# How long a comment counts as just posted.
FRESH = timedelta(minutes=2)


@register.inclusion_tag("notifications/_bell.html", takes_context=True)
def alerts_bell(context: dict[str, Any]) -> dict[str, Any]:
    """The bell in the page header, with the number of unread notifications."""
    count = context["unread_alerts"] if "unread_alerts" in context else unread_count(context["user"])
    return {"shown": shown(count)}


@register.inclusion_tag("notifications/_follow_menu.html", takes_context=True)
def follow_menu(context: dict[str, Any], post: Post) -> dict[str, Any]:
    """The reader's subscription to this post."""
    user = context["request"].user
    level = None
    if "follow_level" in context:
        level = context["follow_level"]
    elif user.is_authenticated:
        level = (
            ThreadSubscription.objects.filter(member=user, post=post).values_list("level", flat=True).first()
        )
    return {
        "post": post,
        "level": level or ThreadSubscription.Level.NORMAL.value,
        "levels": ThreadSubscription.Level.choices,
        "is_member": user.is_authenticated,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("notifications/_tag_follow.html", takes_context=True)
def tag_follow(context: dict[str, Any], tag: Tag) -> dict[str, Any]:
    """The button on a tag's page by which members are notified of its new posts."""
    user = context["request"].user
    follows = user.is_authenticated and TagFollow.objects.filter(member=user, tag=tag).exists()
    return {"tag": tag, "follows": follows, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("notifications/_form_parts.html", takes_context=True)
def alert_parts(context: dict[str, Any], form: CommentForm) -> dict[str, Any]:
    """For the comment form: the list of additional parents, and the line that tells who will be notified."""
    request = context["request"]
    reader, post = request.user, form.post
    typed = _typed_so_far(form, request)
    chosen = read_numbers(typed["also"])[:TICKED_SHOWN]
    # An untouched form costs no query: most pages are only read.
    is_idle = not (form.is_bound or typed["parent"] or any(typed["also"]) or typed["body"])
    draft = None if is_idle else read_draft(post, reader if reader.is_authenticated else None, **typed)
    # In a thread each comment has a checkbox of its own; the form lists those ticked elsewhere.
    has_boxes = reader.is_authenticated and not context.get("in_page_of_its_own")
    listed = [pk for pk in chosen if pk not in context.get("pks_here", ())] if has_boxes else chosen
    return {
        "form": form,
        "post": post,
        "is_member": reader.is_authenticated,
        "waits": bool(draft and reader.is_authenticated and will_be_held(post, reader)),
        "policy": "" if reader.is_authenticated else (context.get("rules") or rules_of(post)).policy,
        "line": Line.of(draft, counts_all=form.is_bound) if draft and reader.is_authenticated else None,
        "addition": line_of_addition(request, draft, typed["body"])
        if draft and reader.is_authenticated
        else None,
        "tickable": tickable(
            post, reader, parent=draft.parent, chosen=listed, most=0 if has_boxes else TICKABLE_SHOWN
        )
        if draft and (listed or not has_boxes)
        else [],
        "has_boxes": has_boxes,
        "chosen": chosen,
        "errors": form["also"].errors if form.is_bound else [],
    }


def _typed_so_far(form: CommentForm, request: HttpRequest) -> dict[str, Any]:
    """What determines the recipients: sent with the form, or kept from before, or named in the URL."""
    if form.is_bound:
        return {
            "body": form.data.get("body", ""),
            "parent": form.data.get("parent", ""),
            "also": form["also"].value() or [],
        }
    saved = kept_text(request, reverse("comments:comment-create", args=[form.post.slug]))
    return {
        "body": form.initial.get("body", ""),
        "parent": str(form.initial.get("parent", "")),
        "also": request.GET.getlist("also") or form.initial.get("also") or [saved.get("also", "")],
    }


@register.inclusion_tag("notifications/_change_line.html")
def change_line(form: CommentEditForm) -> dict[str, Any]:
    """For the edit form: the line that tells who will be notified of the edit."""
    return {
        "comment": form.comment,
        "line": Line.of_change(form.comment, body=form["body"].value() or ""),
        "waits": form.comment.author is not None and will_be_held(form.comment.post, form.comment.author),
        "is_member": True,
    }


@dataclass
class Marks:
    """For a comment: its additional parents, and the comments that reply to it from elsewhere."""

    answers: list[Comment] = field(default_factory=list)
    answered_by: list[Comment] = field(default_factory=list)


_also_answered: Prepared[AdditionalParent] = Prepared(
    lambda comments: (
        AdditionalParent.objects.filter(comment__in=comments)
        .select_related("answered__author")
        .annotate(visibility=F("answered__post__visibility"))
        .order_by("answered_id")
    ),
    comments=NUMBERS,
)
_answered_also_by: Prepared[AdditionalParent] = Prepared(
    lambda comments: (
        AdditionalParent.objects.filter(answered__in=comments)
        .select_related("comment__author")
        .annotate(visibility=F("comment__post__visibility"))
        .order_by("comment_id")
    ),
    comments=NUMBERS,
)


@register.simple_tag
def several_marks(comments: Iterable[Comment]) -> dict[int, Marks]:
    """The marks of comments by id, two queries for all of them. Only public comments are named."""
    here = {comment.pk: comment for comment in comments}
    marks: dict[int, Marks] = defaultdict(Marks)
    # Not a condition of the query: SQLite would begin with all public comments.
    for address in _also_answered.all(comments=[*here]):
        if _may_be_named(address, address.answered, here[address.comment_id]):
            marks[address.comment_id].answers.append(address.answered)
    for address in _answered_also_by.all(comments=[*here]):
        if _may_be_named(address, address.comment, here[address.answered_id]):
            marks[address.answered_id].answered_by.append(address.comment)
    return dict(marks)


def _may_be_named(address: Any, other: Comment, comment: Comment) -> bool:
    """Whether readers of `comment` may learn of `other`, which may have been moved to another post."""
    return other.is_public and (other.post_id == comment.post_id or address.visibility == "public")


@register.inclusion_tag("notifications/_marks.html", takes_context=True)
def several_mark(context: dict[str, Any], comment: Comment, marks: dict[int, Marks]) -> dict[str, Any]:
    """For a comment: "answers Dora, Kit and you", and "Nadine answered you below"."""
    return {"marks": marks.get(comment.pk, Marks()), "comment": comment, "gaps": context["gaps"]}


@register.inclusion_tag("notifications/_fresh_receipt.html", takes_context=True)
def fresh_receipt(context: dict[str, Any], post: Post) -> dict[str, Any]:
    """For the author of a new comment: who is about to be notified. Empty for others."""
    user = context["request"].user
    if not user.is_authenticated or JUST_WROTE_COOKIE not in context["request"].COOKIES:
        return {}
    since = timezone.now() - FRESH
    own = (
        Comment.objects.for_post(post)
        .by(user)
        .filter(created_at__gt=since, status__in=[Comment.Status.PUBLIC, Comment.Status.HELD])
    )
    comment = own.select_related("post", "author", "parent").newest_first().first()
    return {"comment": comment, "receipt": receipt_of(comment) if comment else None}
