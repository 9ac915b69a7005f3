"""Contents of webhook messages.

They contain text only if every visitor may read it, since the recipients are unknown.

* comment.published: with text and author on public posts; on members-only or unlisted posts only its URL. *
comment.held, comment.reported: where to review it. Never its text or its author. * post.published: with title
and summary; of a members-only post only its URL. * member.joined: username and profile. Not the display name,
which no one has reviewed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.translation import gettext as _

from accounts.models import User
from api.models import Delivery, Event, Format
from comments.models import Comment
from core.markup.plain import excerpt, for_elsewhere
from core.models import SiteSettings
from core.utils.urls import absolute_url
from moderation.models import Report
from posts.models import Post

EXCERPT = 400


@dataclass(frozen=True)
class Message:
    """data: for programs. line and quote: for people; the quote is text of a member or of the post."""

    data: dict[str, Any]
    line: str
    url: str
    quote: str = ""


class NotDueYet(Exception):
    """The event is in the future, at `at`: a scheduled post."""

    def __init__(self, at: datetime) -> None:
        super().__init__(str(at))
        self.at = at


def message_of(delivery: Delivery) -> Message | None:
    """The current content; None if the event no longer applies. Raises NotDueYet."""
    return _MAKERS[Event(delivery.event)](delivery.subject)


def _is_for_all(post: Post) -> bool:
    return post.is_published and post.visibility == Post.Visibility.PUBLIC


def _published(pk: int) -> Message | None:
    found = Comment.objects.public().select_related("author", "post__author").filter(pk=pk).first()
    if found is None or not found.post.is_published:
        return None
    # Not the slug, which would give an unlisted post to whoever reads on the other side.
    url = absolute_url(found.bare_url)
    data: dict[str, Any] = {
        "comment": {"id": found.pk, "url": url, "created_at": found.created_at.isoformat()}
    }
    if not _is_for_all(found.post):
        return Message(data, _("New comment"), url)
    data["comment"] |= {
        "parent": found.parent_id,
        "author": found.author_name,
        "html": str(for_elsewhere(found.public_html)),
    }
    data["post"] = {"slug": found.post.slug, "title": found.post.title, "url": found.post.get_canonical_url()}
    line = _("%(name)s commented on “%(title)s”") % {"name": found.author_name, "title": found.post.title}
    return Message(data, line, url, excerpt(found.public_html, EXCERPT))


def _held(pk: int) -> Message | None:
    found = Comment.objects.held().filter(pk=pk).first()
    if found is None:
        return None
    url = absolute_url(reverse("moderation:comment-review", args=[pk]))
    return Message({"comment": {"id": pk}, "review_url": url}, _("A comment is awaiting review"), url)


def _reported(pk: int) -> Message | None:
    report = Report.objects.open().filter(pk=pk).first()
    if report is None:
        return None
    url = absolute_url(reverse("moderation:comment-review", args=[report.comment_id]))
    data = {"comment": {"id": report.comment_id}, "reason": report.reason, "review_url": url}
    return Message(data, _("A comment was reported"), url)


def _post(pk: int) -> Message | None:
    post = Post.objects.with_author().filter(pk=pk).first()
    if post is None or post.published_at is None or not post.is_announced:
        return None
    if not post.is_published:
        raise NotDueYet(post.published_at)
    url = post.get_canonical_url()
    data: dict[str, Any] = {"post": {"id": pk, "url": url, "published_at": post.published_at.isoformat()}}
    if not _is_for_all(post):
        return Message(data, _("New post for members"), url)
    data["post"] |= {
        "slug": post.slug,
        "title": post.title,
        "summary": post.description,
        "author": post.author.get_display_name(),
    }
    return Message(data, _("New post: %(title)s") % {"title": post.title}, url, post.description)


def _joined(pk: int) -> Message | None:
    member = User.objects.public().filter(pk=pk).first()
    if member is None or member.is_veiled:
        return None
    url = absolute_url(member.get_absolute_url())
    data = {"member": {"username": member.username, "url": url}}
    return Message(data, _("%(name)s joined") % {"name": f"@{member.username}"}, url)


def _test(_pk: int) -> Message:
    site = SiteSettings.current().title
    return Message({}, _("A test from %(site)s") % {"site": site}, absolute_url("/"))


_MAKERS: dict[Event, Callable[[int], Message | None]] = {
    Event.COMMENT_PUBLISHED: _published,
    Event.COMMENT_HELD: _held,
    Event.COMMENT_REPORTED: _reported,
    Event.POST_PUBLISHED: _post,
    Event.MEMBER_JOINED: _joined,
    Event.TEST: _test,
}


# --- formats of services ----------------------------------------------------------------------


def body_of(delivery: Delivery, message: Message) -> bytes:
    """The bytes that are sent and signed."""
    payload = _FORMATS[Format(delivery.webhook.format)](delivery, message)
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _standard(delivery: Delivery, message: Message) -> dict[str, Any]:
    return {"type": delivery.event, "timestamp": delivery.created_at.isoformat(), "data": message.data}


def _slack(_delivery: Delivery, message: Message) -> dict[str, Any]:
    """Slack's mrkdwn: three characters are escaped, which prevents mentions of channels."""

    def plain(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    quote = "".join(f"\n> {line}" for line in plain(message.quote).splitlines())
    return {"text": f"<{message.url}|{plain(message.line).replace('|', '¦')}>{quote}", "unfurl_links": False}


MARKS = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]()#+-.!|>~<"})


def _as_markdown(message: Message) -> str:
    """Markdown in which members' text stays text: every mark is escaped, and @ mentions no one."""

    def plain(text: str) -> str:
        return text.translate(MARKS).replace("@", "@\u200b")

    quote = "".join(f"\n> {line}" for line in plain(message.quote).splitlines())
    return f"[{plain(message.line)}]({message.url}){quote}"


def _discord(_delivery: Delivery, message: Message) -> dict[str, Any]:
    return {"content": _as_markdown(message)[:2000], "allowed_mentions": {"parse": []}}


def _mattermost(_delivery: Delivery, message: Message) -> dict[str, Any]:
    return {"text": _as_markdown(message)}


def _matrix(_delivery: Delivery, message: Message) -> dict[str, Any]:
    quote = format_html("<blockquote>{}</blockquote>", message.quote) if message.quote else ""
    html = format_html('<a href="{}">{}</a>{}', message.url, message.line, quote)
    return {
        "text": _in_plain_text(message),
        "html": str(html),
        "username": escape(SiteSettings.current().title),
    }


def _telegram(delivery: Delivery, message: Message) -> dict[str, Any]:
    """Without a parse mode, Telegram shows plain text."""
    return {"chat_id": delivery.webhook.room, "text": _in_plain_text(message)[:4000]}


def _in_plain_text(message: Message) -> str:
    return "\n".join(filter(None, [message.line, message.quote, message.url]))


_FORMATS: dict[Format, Callable[[Delivery, Message], dict[str, Any]]] = {
    Format.STANDARD: _standard,
    Format.SLACK: _slack,
    Format.DISCORD: _discord,
    Format.MATTERMOST: _mattermost,
    Format.MATRIX: _matrix,
    Format.TELEGRAM: _telegram,
}
