"""The moderators' queue, and decisions about what is in it."""

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
from moderation.services import queue
from moderation.services.decisions import decide_unlocked

router = Router(tags=["Moderation"], auth=Moderating())


class ReportOut(Schema):
    reason: str
    note: str
    at: datetime


class CaseOut(Schema):
    comment: CommentOut
    source: str = Field(description="The text as typed.")
    why_held: list[str]
    reports: list[ReportOut]
    waiting_since: datetime


class QueuePage(Schema):
    items: list[CaseOut]
    next: str | None = Field(description="For `after`; null on the last page.")
    seen: str = Field(description="Send it with a decision: then what changed since is left alone.")


class DecisionIn(Input):
    action: Literal["approve", "remove", "spam"]
    note: str = Field("", description="For moderators.")
    word: str = Field("", description="For the author.")
    seen: str = Field("", max_length=40, description="From the queue.")


class DecisionOut(Schema):
    decided: bool = Field(description="False: a colleague was faster, or its author edited or deleted it.")
    comment: CommentOut


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
        Literal["", "held", "reported", "turned-away"], Query(description="Which part; empty for all.")
    ] = "",
) -> dict[str, Any]:
    """What is held or reported, the longest waiting first. Needs the scope “moderate”."""
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
    """As in the queue; it is in the log, and can be undone there. Needs the scope “moderate”."""
    comments = queue.cases(request.user)
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
