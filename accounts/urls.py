from django.urls import path

from accounts.views import MemberDetailView, MemberEditView, MemberListView, OwnPageView

app_name = "accounts"

urlpatterns = [
    path("", MemberListView.as_view(), name="member-list"),
    path("me/", OwnPageView.as_view(), name="own-page"),
    path("me/edit/", MemberEditView.as_view(), name="member-edit"),
    path("<slug:username>/", MemberDetailView.as_view(), name="member-detail"),
]
