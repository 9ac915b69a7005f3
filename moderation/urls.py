from django.urls import include, path

from moderation.views.branches import BranchMoveView, BranchSplitView
from moderation.views.decisions import DecisionListView, DecisionUndoView
from moderation.views.discussion import (
    CorrectView,
    DefaultsView,
    DiscussionView,
    HighlightView,
    RuleCreateView,
    RuleDeleteView,
)
from moderation.views.queue import (
    CommentReviewView,
    DecisionCreateView,
    GroupReviewView,
    QueueCountView,
    QueueView,
    ReviewLockCreateView,
)
from moderation.views.reports import ReportCreateView
from moderation.views.thresholds import ThresholdsView

app_name = "moderation"

urlpatterns = [
    path("moderation/", QueueView.as_view(), name="queue"),
    path("moderation/comments/<int:pk>/", CommentReviewView.as_view(), name="comment-review"),
    path("moderation/count/", QueueCountView.as_view(), name="queue-count"),
    path("moderation/comments/<int:pk>/claim/", ReviewLockCreateView.as_view(), name="review-lock-create"),
    path("moderation/comments/<int:pk>/together/", GroupReviewView.as_view(), name="group-review"),
    path("moderation/comments/<int:pk>/move/", BranchMoveView.as_view(), name="branch-move"),
    path("moderation/comments/<int:pk>/split/", BranchSplitView.as_view(), name="branch-split"),
    path("moderation/comments/<int:pk>/highlight/", HighlightView.as_view(), name="highlight"),
    path("moderation/comments/<int:pk>/correct/", CorrectView.as_view(), name="correct"),
    path("moderation/discussion/", DefaultsView.as_view(), name="discussion-defaults"),
    path("moderation/rules/", RuleCreateView.as_view(), name="rule-create"),
    path("moderation/rules/<int:pk>/delete/", RuleDeleteView.as_view(), name="rule-delete"),
    path("moderation/discussion/<unicode_slug:slug>/", DiscussionView.as_view(), name="discussion"),
    path("moderation/decide/", DecisionCreateView.as_view(), name="decide"),
    path("moderation/decisions/", DecisionListView.as_view(), name="decision-list"),
    path("moderation/decisions/<int:pk>/undo/", DecisionUndoView.as_view(), name="decision-undo"),
    path("moderation/strictness/", ThresholdsView.as_view(), name="thresholds"),
    path("moderation/undo/", DecisionUndoView.as_view(), name="undo"),
    path("", include("moderation.member_urls")),
    # Beside the other URLs of a comment, since members use it.
    path("comments/<int:pk>/report/", ReportCreateView.as_view(), name="report-create"),
]
