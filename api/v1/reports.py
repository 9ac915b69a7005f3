"""Reports of comments, decisions about one's own comments, and appeals against them."""

from datetime import datetime
from typing import Annotated, Any, Literal, cast

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Path, Router, Schema, Status
from pydantic import Field

from api.v1.auth import ApiRequest, Moderating, Reading, Writing
from api.v1.problems import Problem, invalid_form
from api.v1.reading import LARGEST_KEY, After, Limit, RowPk, SlugOfPost, page_of
from api.v1.schemas import Input
from comments.models import Comment
from comments.models.submission import Submission
from comments.views.access import get_visible_comment
from moderation.forms.decisions import ReportForm
from moderation.forms.members import AppealAnswerForm, AppealForm
from moderation.models import Appeal, Decision, Report
from moderation.services import members
from moderation.services.reports import report_comment

router = Router(tags=["Reports and appeals"])

DecisionPk = Annotated[int, Path(ge=1, le=LARGEST_KEY, description="The ID of the decision.")]
AppealPk = Annotated[int, Path(ge=1, le=LARGEST_KEY, description="The ID of the appeal.")]


class ReportIn(Input):
    reason: str = Field(
        "", max_length=40, description="One of: " + ", ".join(f"“{value}”" for value in Report.Reason.values)
    )
    note: str = Field("", description="Details for the moderators. Needed with the reason “other”.")


class ReportMade(Schema):
    hidden: bool = Field(
        description="Whether the comment is hidden now, because others have reported it, too."
    )


@router.post(
    "/comments/{pk}/reports",
    response={201: ReportMade, 200: ReportMade},
    auth=Writing(),
    summary="Report a comment",
)
def report(request: ApiRequest, pk: RowPk, data: ReportIn, post: SlugOfPost = "") -> Status:
    """Reports a comment to the moderators. Returns whether it is hidden now. Needs the scope “write”.

    A second report by you changes nothing; the response is 200. 403 for your own comment and for one that
    isn’t public, 429 if you report too many.
    """
    comment = get_visible_comment(request, pk, post)
    if comment.author_id == request.user.pk:
        raise PermissionDenied(_("This is your own comment; you can edit or delete it."))
    if Report.objects.open().filter(comment=comment, reporter=request.user).exists():
        return Status(200, ReportMade(hidden=not comment.is_public))
    if not comment.is_reportable_by(request.user):
        raise PermissionDenied(_("This comment isn’t public, so it can’t be reported."))
    form = ReportForm({"reason": data.reason, "note": data.note})
    if not form.is_valid():
        raise invalid_form(form)
    address = Submission.of(request).address
    report_comment(comment, reporter=request.user, address=address, **form.cleaned_data)
    return Status(201, ReportMade(hidden=not Comment.objects.public().filter(pk=pk).exists()))


class AppealOut(Schema):
    id: int = Field(description="The ID of the appeal.")
    text: str = Field(description="What the member wrote.")
    state: Literal["open", "granted", "declined"] = Field(description="What became of it.")
    answer: str = Field(description="The moderators’ reply; empty while it is open.")
    at: datetime = Field(description="When it was sent.")
    comment: int | None = Field(description="The ID of the comment; null if it is about a restriction.")

    @classmethod
    def of(cls, appeal: Appeal) -> "AppealOut":
        return cls(
            id=appeal.pk,
            text=appeal.words,
            state=cast(Any, appeal.state),
            answer=appeal.answer,
            at=appeal.created_at,
            comment=appeal.decision.comment_id if appeal.decision else None,
        )


class OwnDecision(Schema):
    id: int = Field(description="The ID of the decision.")
    comment: int = Field(description="The number of your comment.")
    action: Literal["approve", "remove", "spam"] = Field(description="What was decided.")
    at: datetime = Field(description="When.")
    may_appeal: bool = Field(description="Whether you can appeal against it now.")
    appeal: AppealOut | None = Field(description="Your appeal, if there is one.")


class OwnDecisionPage(Schema):
    items: list[OwnDecision] = Field(description="The decisions on this page.")
    next: str | None = Field(description="Send it as `after` to get the next page. Null on the last page.")


class AppealPage(Schema):
    items: list[AppealOut] = Field(description="The appeals on this page.")
    next: str | None = Field(description="Send it as `after` to get the next page. Null on the last page.")


class AppealIn(Input):
    text: str = Field("", description="Why the decision should be changed.")


class AnswerIn(Input):
    verdict: Literal["grant", "decline"] = Field(description="Accept the appeal, or reject it.")
    answer: str = Field("", description="A message to the member.")


@router.get(
    "/me/decisions", response=OwnDecisionPage, auth=Reading(), summary="List decisions about your comments"
)
def list_decisions(request: ApiRequest, after: After = "", limit: Limit = 50) -> dict[str, Any]:
    """Returns moderators’ decisions about your comments, newest first, with your appeals.

    Needs the scope “read”.
    """
    rows = Decision.objects.filter(
        comment__author=request.user, action__in=["approve", "remove", "spam"], undone_by=None
    ).select_related("comment", "text", "appeal")
    items, following = page_of(rows, after, limit, field="created_at")
    return {"items": [own_decision(one, request) for one in items], "next": following}


def own_decision(decision: Decision, request: ApiRequest) -> OwnDecision:
    appeal = getattr(decision, "appeal", None)
    return OwnDecision(
        id=decision.pk,
        comment=decision.comment_id,
        action=cast(Any, decision.action),
        at=decision.created_at,
        may_appeal=not members.why_not_appeal(request.user, decision),
        appeal=AppealOut.of(appeal) if appeal else None,
    )


@router.post(
    "/me/decisions/{pk}/appeal",
    response={201: AppealOut},
    auth=Writing(),
    summary="Appeal against a decision",
)
def appeal_against(request: ApiRequest, pk: DecisionPk, data: AppealIn) -> Status:
    """Sends an appeal to the moderators, and returns it. Needs the scope “write”.

    Another moderator answers; you get the answer by email and in the list of decisions. 404 if the decision
    is not about a comment of yours, 403 if it is too late or you have appealed already.
    """
    own = Decision.objects.filter(comment__author=request.user).select_related("comment", "text", "appeal")
    decision = get_object_or_404(own, pk=pk)
    form = AppealForm({"words": data.text}, member=request.user, cause=decision)
    if not form.is_valid():
        raise invalid_form(form, {"words": "text"})
    return Status(201, AppealOut.of(form.save()))


@router.get(
    "/moderation/appeals",
    response=AppealPage,
    auth=Moderating(),
    summary="List open appeals",
)
def list_appeals(request: ApiRequest, after: After = "", limit: Limit = 50) -> dict[str, Any]:
    """Returns appeals that are not answered yet, newest first. Needs the scope “moderate”."""
    items, following = page_of(Appeal.objects.with_causes().open(), after, limit, field="created_at")
    return {"items": [AppealOut.of(one) for one in items], "next": following}


@router.post(
    "/moderation/appeals/{pk}/answer",
    response=AppealOut,
    auth=Moderating(),
    summary="Answer an appeal",
)
def answer_appeal(request: ApiRequest, pk: AppealPk, data: AnswerIn) -> AppealOut:
    """Answers an appeal, and returns it. If you grant it, the decision is undone. Needs the scope “moderate”.

    403 for your own appeal or your own decision, 409 if another moderator has already answered it.
    """
    appeal = get_object_or_404(Appeal.objects.with_causes(), pk=pk)
    form = AppealAnswerForm({"verdict": data.verdict, "answer": data.answer}, appeal=appeal, by=request.user)
    if not form.is_valid():
        raise invalid_form(form)
    if not form.save():
        raise Problem(409, _("Another moderator has already answered it."), code="answered")
    return AppealOut.of(Appeal.objects.with_causes().get(pk=pk))
