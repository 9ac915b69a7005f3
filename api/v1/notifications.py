"""Notifications of the token's member."""

from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from api.v1.auth import ApiRequest, Reading, Writing
from api.v1.problems import invalid_field
from api.v1.reading import After, Key, read_cursor
from api.v1.schemas import Input, MemberRef
from core.utils.urls import absolute_url
from notifications.models import Notification
from notifications.services.inbox import is_filter, mark_read, read_inbox

router = Router(tags=["Notifications"])


class NotificationOut(Schema):
    id: int = Field(description="The ID of the notification.")
    kind: str = Field(description="What it is about, such as “answers” for replies to you.")
    words: str = Field(description="What happened, to be read after the name in `by`.")
    by: MemberRef | None = Field(description="Who caused it; null for notifications from the site itself.")
    post: str = Field(description="The slug of the post.")
    comment: int | None = Field(description="The ID of the comment.")
    url: str = Field(description="The page it leads to.")
    at: datetime = Field(description="When you were notified.")
    is_unread: bool = Field(description="Whether you haven’t read it yet.")

    @classmethod
    def of(cls, row: Notification) -> "NotificationOut":
        writer = row.writer
        return cls(
            id=row.pk,
            kind=row.kind,
            words=row.in_inbox,
            by=MemberRef.of(writer) if writer else None,
            post=row.talk.slug,
            comment=row.comment_id,
            url=absolute_url(row.path),
            at=row.due_at,
            is_unread=row.is_unread,
        )


class NotificationPage(Schema):
    items: list[NotificationOut] = Field(description="The notifications of this page.")
    next: str | None = Field(description="Send it as `after` to get the next page. Null on the last page.")


class ToMark(Input):
    ids: list[Key] = Field([], max_length=500, description="IDs of notifications.")
    all: bool = Field(False, description="Mark all of them as read.")


class Marked(Schema):
    marked: int = Field(description="How many are newly read.")


@router.get(
    "/notifications",
    response=NotificationPage,
    auth=Reading(),
    summary="List your notifications",
)
def list_notifications(
    request: ApiRequest,
    after: After = "",
    show: Annotated[
        str, Query(max_length=20, description="“unread”, or a kind such as “answers”. Leave it out for all.")
    ] = "",
) -> dict[str, Any]:
    """Returns your inbox, newest first. Needs the scope “read”. 422 if there is no such kind."""
    if show and not is_filter(show):
        raise invalid_field("show", _("There’s no such kind of notification."))
    read_cursor(after)
    page = read_inbox(request.user, show=show, before=after)
    rows = [row for day in page.days for talk in day.talks.values() for row in talk.rows]
    rows.sort(key=lambda row: (row.due_at, row.pk), reverse=True)
    return {
        "items": [NotificationOut.of(row) for row in rows],
        "next": str(page.next) if page.next else None,
    }


@router.post(
    "/notifications/read",
    response=Marked,
    auth=Writing(),
    summary="Mark notifications as read",
)
def read_notifications(request: ApiRequest, data: ToMark) -> Marked:
    """Marks the notifications in `ids`, or all, as read. Returns how many were unread.

    Needs the scope “write”.
    """
    return Marked(marked=mark_read(request.user, None if data.all else data.ids))
