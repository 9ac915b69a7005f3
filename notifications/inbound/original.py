"""Renders the notification that is replied to again, to recognise it in quotations."""

from collections.abc import Iterator

from django.utils import timezone

from comments.models import Comment, CommentRevision
from core.markup.plain import plain_text
from notifications.email.build import Foot, Item, Threading, build_mail, item_of, why_mailed
from notifications.email.tokens import Grant, ReplyGrant, unsubscribe_url
from notifications.inbound.html_text import text_of_html
from notifications.inbound.known_text import KnownText
from notifications.models import Notification, NotificationChannel, OutgoingEmail, Reason
from notifications.models.querysets import NotificationQuerySet
from notifications.models.types import NEW_POSTS, REPLIES
from posts.models import Post

EMAILS_LOOKED_AT = 3
ITEMS_LOOKED_AT = 50
REVISIONS_LOOKED_AT = 5


def ours_for(grant: ReplyGrant, post: Post, comment: Comment | None) -> KnownText:
    """What the member was sent about that comment or post: by itself, and in digests."""
    emails = (
        OutgoingEmail.objects.filter(member=grant.member, notifications__in=_rows_about(grant))
        .distinct()
        .order_by("-pk")[:EMAILS_LOOKED_AT]
    )
    rows = list(
        Notification.objects.filter(letter__in=list(emails.values_list("pk", flat=True)))
        .with_causes()
        .order_by("pk")[:ITEMS_LOOKED_AT]
    )
    rows = rows or [_row_as_if(grant, post, comment)]
    items = [item_of(row, grant.member) for row in rows]
    about = [comment.body, plain_text(comment.html)] if comment else [post.description]
    if comment:
        for body, html in (
            CommentRevision.objects.filter(comment=comment)
            .order_by("-pk")
            .values_list("body", "html")[:REVISIONS_LOOKED_AT]
        ):
            about += [body, plain_text(html)]
    about += [item.yours for item in items if item.yours]
    return KnownText([*_texts(rows, items, grant), *about], body="\n".join(about))


def _rows_about(grant: ReplyGrant) -> NotificationQuerySet:
    what = {"comment": grant.comment} if grant.comment else {"post": grant.post}
    return Notification.objects.filter(member=grant.member, **what)


def _row_as_if(grant: ReplyGrant, post: Post, comment: Comment | None) -> Notification:
    """A substitute for a row that is gone."""
    reason, kind = (Reason.ANSWER, REPLIES) if comment else (Reason.POST, NEW_POSTS)
    what = {"comment": comment} if comment else {"post": post}
    return Notification(
        member_id=grant.member,
        reasons=[reason.value],
        kind=kind.key,
        way=NotificationChannel.AT_ONCE,
        due_at=timezone.now(),
        **what,
    )


def _texts(rows: list[Notification], items: list[Item], grant: ReplyGrant) -> Iterator[str]:
    def foot(of: list[Notification]) -> Foot:
        return Foot(
            unsubscribe_url(Grant(grant.member, REPLIES.key)),
            grant.member,
            has_discussion=True,
            why=why_mailed(of),
        )

    threading = Threading("<known-again@localhost>")
    mails = [build_mail("", [item], foot([row]), threading) for row, item in zip(rows, items, strict=True)]
    mails.append(build_mail("", items, foot(rows), threading, is_bundle=True))
    for mail in mails:
        yield str(mail.body)
        yield from (text_of_html(str(content)) for content, _kind in mail.alternatives)
