"""The moderation queue, and decisions."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from api.v1.auth import ApiRequest, Moderating
from api.v1.problems import Problem, invalid_form
from api.v1.reading import After, RowPk, read_cursor
from api.v1.schemas import CommentOut, Input
from comments.models import Comment
from core.utils.reasons import reason_texts
from moderation.forms.decisions import DecisionForm
from moderation.services import cases, queue
from moderation.services.decisions import decide_unlocked

router = Router(tags=["Moderation"], auth=Moderating())


class ReportOut(Schema):
    reason: str = Field(description="The reason that was chosen.")
    note: str = Field(description="What the reporter added; may be empty.")
    at: datetime = Field(description="When it was reported.")


class CaseOut(Schema):
    comment: CommentOut = Field(description="The comment to review.")
    source: str = Field(description="The Markdown as typed.")
    why_held: list[str] = Field(description="Why it is awaiting review, in sentences.")
    reports: list[ReportOut] = Field(description="Reports by readers, without their names.")
    waiting_since: datetime = Field(description="Since when it has been in the queue.")


class QueuePage(Schema):
    items: list[CaseOut] = Field(description="The comments to review on this page.")
    next: str | None = Field(description="Send it as `after` to get the next page. Null on the last page.")
    seen: str = Field(
        description="Send it with a decision: a comment that has changed since is then left alone."
    )


class DecisionIn(Input):
    action: Literal["approve", "remove", "spam"] = Field(description="What to do with the comment.")
    note: str = Field("", description="A note that only moderators see.")
    word: str = Field("", description="A message to the author.")
    seen: str = Field("", max_length=40, description="The value of `seen` from the queue.")


class DecisionOut(Schema):
    decided: bool = Field(
        description="False if another moderator had already decided, or the comment was edited or deleted."
    )
    comment: CommentOut = Field(description="The comment as it is now.")


def case_of(comment: Comment, request: HttpRequest) -> CaseOut:
    return CaseOut(
        comment=CommentOut.of(comment, request.user),
        source=comment.body,
        why_held=[str(text) for text in reason_texts(comment.hold_reasons)] if comment.is_held else [],
        reports=[
            ReportOut(reason=str(one.get_reason_display()), note=one.note, at=one.created_at)
            for one in getattr(comment, "open_reports", [])
        ],
        waiting_since=getattr(comment, "waiting_since", None) or comment.created_at,
    )


@router.get(
    "/moderation/queue",
    response=QueuePage,
    summary="Read the queue",
)
def read_queue(
    request: ApiRequest,
    after: After = "",
    kind: Annotated[
        Literal["", "held", "reported", "turned-away"],
        Query(description="Which part of the queue. Leave it out for all of it."),
    ] = "",
) -> dict[str, Any]:
    """Returns comments that are awaiting review or were reported, oldest first. Needs the scope “moderate”."""
    seen = queue.seen_now()
    page = queue.page(read_cursor(after), kind)
    return {
        "items": [case_of(comment, request) for comment in page.rows],
        "next": str(page.next) if page.next else None,
        "seen": str(seen),
    }


@router.post(
    "/moderation/comments/{pk}/decision",
    response=DecisionOut,
    summary="Approve a comment, remove it or mark it as spam",
)
def decide_comment(request: ApiRequest, pk: RowPk, data: DecisionIn) -> DecisionOut:
    """Stores the decision, and returns the comment as it is now. Needs the scope “moderate”.

    The decision appears in the moderation log and can be undone there. `decided` is false, and nothing is
    stored, if the comment has changed since `seen`. 404 if you may not decide about it, 409 if another
    moderator is reviewing it.
    """
    comments = cases.openable_by(request.user)
    comment = get_object_or_404(comments, pk=pk)
    sent = {"comments": [str(comment.pk)], "action": data.action} | data.dict(
        include={"note", "word", "seen"}
    )
    form = DecisionForm(sent)
    if not form.is_valid():
        raise invalid_form(form)
    outcome = decide_unlocked(
        form.cleaned_data["comments"],
        data.action,
        by=request.user,
        seen=form.cleaned_data["seen"],
        **form.why,
    )
    if outcome.locks:
        names = ", ".join(lock.moderator.get_display_name() for lock in outcome.locks)
        raise Problem(409, _("%(names)s is reviewing it.") % {"names": names}, code="locked")
    comment = get_object_or_404(comments, pk=pk)
    is_done = bool(outcome.decisions or outcome.repeated)
    return DecisionOut(decided=is_done, comment=CommentOut.of(comment, request.user))
