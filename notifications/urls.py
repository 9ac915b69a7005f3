from django.urls import path

from notifications.views.guests import GuestAskView, GuestConfirmView
from notifications.views.inbox import InboxView, NotificationOpenView, NotificationReadView
from notifications.views.lines import CommentReceiptView, EditPreviewView, PreviewView
from notifications.views.reply_feed import ReplyFeedEditView, ReplyFeedView
from notifications.views.settings import (
    DeviceCreateView,
    DeviceDeleteView,
    PushWorkerView,
    SettingsView,
    ThreadFollowView,
)
from notifications.views.subscribe import SubscribeConfirmView, SubscribeView
from notifications.views.tags import TagFollowView
from notifications.views.unsubscribe import UnsubscribeView
from notifications.views.welcome import WelcomeView

app_name = "notifications"

urlpatterns = [
    path("notifications/", InboxView.as_view(), name="inbox"),
    path("notifications/read/", NotificationReadView.as_view(), name="read"),
    path("notifications/settings/", SettingsView.as_view(), name="settings"),
    path("members/me/welcome/", WelcomeView.as_view(), name="welcome"),
    path("notifications/feed/", ReplyFeedEditView.as_view(), name="reply-feed-edit"),
    path("feed/replies/<str:secret>/", ReplyFeedView(), name="reply-feed"),
    path("notifications/devices/", DeviceCreateView.as_view(), name="device-create"),
    path("notifications/devices/<int:pk>/delete/", DeviceDeleteView.as_view(), name="device-delete"),
    # At the root: a service worker's scope is its folder.
    path("push-worker.js", PushWorkerView.as_view(), name="push-worker"),
    path("notifications/guests/", GuestAskView.as_view(), name="guest-ask"),
    path("notifications/guests/<str:token>/", GuestConfirmView.as_view(), name="guest-confirm"),
    path("notifications/<int:pk>/open/", NotificationOpenView.as_view(), name="open"),
    path("subscribe/", SubscribeView.as_view(), name="subscribe"),
    path("subscribe/confirm/<str:token>/", SubscribeConfirmView.as_view(), name="subscribe-confirm"),
    path("unsubscribe/<str:token>/", UnsubscribeView.as_view(), name="unsubscribe"),
    path("tags/<unicode_slug:slug>/follow/", TagFollowView.as_view(), name="tag-follow"),
    # Beside the other URLs of a post and a comment.
    path("posts/<unicode_slug:slug>/follow/", ThreadFollowView.as_view(), name="thread-follow"),
    path("posts/<unicode_slug:slug>/told/", PreviewView.as_view(), name="preview"),
    path("comments/<int:pk>/told/", EditPreviewView.as_view(), name="edit-preview"),
    path("comments/<int:pk>/receipt/", CommentReceiptView.as_view(), name="receipt"),
]
