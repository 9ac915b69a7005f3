from django.urls import path

from transfer.views import PostCopyView

app_name = "transfer"

urlpatterns = [
    path("posts/<unicode_slug:slug>/copy/", PostCopyView.as_view(), name="post-copy"),
]
