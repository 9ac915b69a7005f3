from django.urls import path

from comments.views.claims import ClaimAnswerView, ClaimListView
from comments.views.comments import (
    CommentDeleteView,
    CommentDetailView,
    CommentEditView,
    CommentHistoryView,
    CommentThanksView,
)
from comments.views.feeds import CommentFeed, PostCommentFeed
from comments.views.guest_data import GuestDataAskView, GuestDataDownloadView, GuestDataView
from comments.views.guests import (
    PendingCommentCodeView,
    PendingCommentConfirmView,
    PendingCommentDeleteView,
    PendingCommentDetailView,
    PendingCommentEditView,
    PendingCommentSignInView,
)
from comments.views.live import PostLiveView
from comments.views.more import (
    BookmarkListView,
    CommentBookmarkView,
    CommentMoreView,
    PostBookmarkView,
    PostThanksView,
)
from comments.views.oembed import OembedView
from comments.views.writing import CommentCreateView, CommentReplyView, MemberNamesView, PictureCreateView

app_name = "comments"

urlpatterns = [
    path("posts/<unicode_slug:slug>/comments/", CommentCreateView.as_view(), name="comment-create"),
    path("posts/<unicode_slug:slug>/feed/", PostCommentFeed(), name="post-feed"),
    path("posts/<unicode_slug:slug>/live/", PostLiveView.as_view(), name="post-live"),
    path("comments/<int:pk>/", CommentDetailView.as_view(), name="comment-detail"),
    path("comments/<int:pk>/reply/", CommentReplyView.as_view(), name="comment-reply"),
    path("comments/<int:pk>/edit/", CommentEditView.as_view(), name="comment-edit"),
    path("comments/<int:pk>/delete/", CommentDeleteView.as_view(), name="comment-delete"),
    path("comments/<int:pk>/history/", CommentHistoryView.as_view(), name="comment-history"),
    path("comments/<int:pk>/thanks/", CommentThanksView.as_view(), name="comment-thanks"),
    path("comments/<int:pk>/more/", CommentMoreView.as_view(), name="comment-more"),
    path("comments/<int:pk>/bookmark/", CommentBookmarkView.as_view(), name="comment-bookmark"),
    path("posts/<unicode_slug:slug>/bookmark/", PostBookmarkView.as_view(), name="post-bookmark"),
    path("posts/<unicode_slug:slug>/thanks/", PostThanksView.as_view(), name="post-thanks"),
    path("members/me/bookmarks/", BookmarkListView.as_view(), name="bookmark-list"),
    path("comments/unsent/<uuid:pk>/", PendingCommentDetailView.as_view(), name="pending-detail"),
    path("comments/unsent/<uuid:pk>/change/", PendingCommentEditView.as_view(), name="pending-edit"),
    path("comments/unsent/<uuid:pk>/code/", PendingCommentCodeView.as_view(), name="pending-code"),
    path("comments/unsent/<uuid:pk>/sign-in/", PendingCommentSignInView.as_view(), name="pending-sign-in"),
    path("comments/unsent/<uuid:pk>/throw-away/", PendingCommentDeleteView.as_view(), name="pending-delete"),
    path(
        "comments/unsent/<uuid:pk>/<str:token>/", PendingCommentConfirmView.as_view(), name="pending-confirm"
    ),
    path("comments/guests/", GuestDataAskView.as_view(), name="guest-data-ask"),
    path("comments/guests/<str:token>/", GuestDataView.as_view(), name="guest-data"),
    path(
        "comments/guests/<str:token>/download/", GuestDataDownloadView.as_view(), name="guest-data-download"
    ),
    path("comments/claims/", ClaimListView.as_view(), name="claim-list"),
    path("comments/claims/<int:pk>/", ClaimAnswerView.as_view(), name="claim-answer"),
    path("comments/pictures/", PictureCreateView.as_view(), name="picture-create"),
    path("members/names/", MemberNamesView.as_view(), name="member-names"),
    path("oembed", OembedView.as_view(), name="oembed"),
    path("feed/comments/", CommentFeed(), name="feed"),
]
