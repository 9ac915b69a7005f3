from django.urls import include, path

from moderation.views import (
    BranchMoveView,
    BranchSplitView,
    CommentReviewView,
    DecisionCreateView,
    DecisionListView,
    DecisionUndoView,
    QueueView,
    ReportCreateView,
)

app_name = "moderation"

urlpatterns = [
    path("moderation/", QueueView.as_view(), name="queue"),
    path("moderation/comments/<int:pk>/", CommentReviewView.as_view(), name="comment-review"),
    path("moderation/comments/<int:pk>/move/", BranchMoveView.as_view(), name="branch-move"),
    path("moderation/comments/<int:pk>/split/", BranchSplitView.as_view(), name="branch-split"),
    path("moderation/decide/", DecisionCreateView.as_view(), name="decide"),
    path("moderation/decisions/", DecisionListView.as_view(), name="decision-list"),
    path("moderation/decisions/<int:pk>/undo/", DecisionUndoView.as_view(), name="decision-undo"),
    path("moderation/undo/", DecisionUndoView.as_view(), name="undo"),
    path("", include("moderation.people.urls")),
    # Where members meet it: beside the other addresses of a comment.
    path("comments/<int:pk>/report/", ReportCreateView.as_view(), name="report-create"),
]
