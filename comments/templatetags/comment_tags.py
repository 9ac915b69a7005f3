"""Template tags that show comments on other pages."""

from typing import Any

from django.template import Context, Library
from django.utils.safestring import SafeString

from accounts.models import User
from comments.models import Comment, DiscussionDefaults, Policy
from comments.models.discussion import DEFAULT_CHOICE
from comments.services.claims import Question, questions_of
from comments.services.home import newcomers, newest_of_all, revived_posts
from comments.services.welcome import welcome_back
from comments.templatetags.slot_tags import slot
from comments.thread.fragments import NODES, TEXT, WORDS, comment_text, join_nodes
from comments.thread.nodes import Node, info_of
from comments.thread.pagination import ThreadPosition
from core.markup.cards import with_dates_formatted
from core.markup.newcomers import unlinked
from core.markup.plain import excerpt
from core.markup.safe import trusted
from core.prepared import Prepared
from core.utils.pagination import Cursor

register = Library()

OF_MEMBER_SHOWN = 10
LINKS_BESIDE_NAME = 4


@register.simple_tag(takes_context=True)
def gap(context: dict[str, Any], kind: str, comment: Comment) -> str:
    """A placeholder for what differs between readers (filled by comments/thread/personalize.py)."""
    return context["gaps"].mark(kind, info_of(comment))


@register.simple_tag(takes_context=True)
def words_of(context: dict[str, Any], comment: Comment) -> str:
    """The text of a comment in a thread. A placeholder if it is by a new member and has links."""
    kind = WORDS if comment.has_plain_links else TEXT
    return context["gaps"].mark(kind, comment_text(comment, comment.public_html))


@register.simple_tag(takes_context=True)
def cached_nodes(context: Context, nodes: list[Node]) -> str:
    """The comments of a window, joined here as one placeholder: see comments.thread.fragments."""
    return context["gaps"].mark(NODES, join_nodes(nodes, context, slot))


@register.simple_tag(takes_context=True)
def thread_address(context: dict[str, Any], position: ThreadPosition) -> str:
    """The URL of another part of the thread, for this reader."""
    return f"{context['post'].get_absolute_url()}{position.query(context['thread']['default_order'])}#talk"


_default_policy: Prepared[DiscussionDefaults] = Prepared(
    lambda: DiscussionDefaults.objects.order_by("pk").values_list("policy")[:1]
)


@register.simple_tag
def visitors_may_comment() -> bool:
    """Whether people without an account can comment on posts by default."""
    rows = _default_policy.rows()
    default = rows[0][0] if rows else DEFAULT_CHOICE.policy
    return default in {Policy.EVERYBODY, Policy.FIRST, Policy.ALL}


@register.filter
def in_short(html: str, characters: int) -> str:
    """The beginning of a comment."""
    return excerpt(html, characters)


@register.simple_tag(takes_context=True)
def shown_html(context: dict[str, Any], comment: Comment, html: str = "") -> SafeString:
    """The text of a comment, or an earlier version of it, for this reader.

    Its links are text if the author is new here (User.shows_links_to).
    """
    html = html or comment.html
    author = comment.author
    return trusted(
        with_dates_formatted(
            html if author is None or author.shows_links_to(context["user"]) else unlinked(html)
        )
    )


@register.inclusion_tag("comments/_newest.html", takes_context=True)
def newest_comments(context: dict[str, Any]) -> dict[str, Any]:
    """The latest comments on the site."""
    return {"comments": newest_of_all(context["user"])}


@register.inclusion_tag("comments/_home_life.html", takes_context=True)
def home_life(context: dict[str, Any]) -> dict[str, Any]:
    """Revived discussions and new members."""
    reader = context["request"].user
    return {"revived_posts": revived_posts(reader), "newcomers": newcomers(reader), "user": reader}


@register.inclusion_tag("comments/_welcome_back.html", takes_context=True)
def since_last_visit(context: dict[str, Any]) -> dict[str, Any]:
    """The summary for a returning member; nothing for others."""
    reader = context["user"]
    return {"back": welcome_back(reader) if reader.is_authenticated else None}


@register.inclusion_tag("comments/_of_member.html", takes_context=True)
def member_comments(context: dict[str, Any], member: User) -> dict[str, Any]:
    """A member's comments, newest first, with their post and the author they reply to.

    Query parameter: before (the position where the previous page ended).
    """
    comments = Comment.objects.public_of_all().by(member).discoverable_by(context["user"])
    before = Cursor.read(context["request"].GET.get("before", ""))
    if before:
        comments = comments.filter(before.rows_before("created_at"))
    found = comments.newest(OF_MEMBER_SHOWN + 1).select_related("post", "parent__author").defer("body")
    shown = list(found)
    page = shown[:OF_MEMBER_SHOWN]
    older = Cursor(page[-1].created_at, page[-1].pk) if len(shown) > len(page) else ""
    return {"member": member, "comments": page, "older": older, "is_first_page": before is None}


@register.simple_tag
def claims_of(member: User) -> list[Question]:
    """A member's claims of guest comments, open and answered."""
    return questions_of(member)


@register.filter
def links_beside_name(user: User) -> list[Any]:
    """The first links of a member, from prefetched rows. None if the member is banned, hidden or new here."""
    return [] if user.is_veiled or not user.is_known else list(user.links.all())[:LINKS_BESIDE_NAME]
