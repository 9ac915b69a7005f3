from django.urls import path

from accounts.views import (
    LinkCheckView,
    LinkFollowedView,
    LinkListView,
    MemberCardView,
    MemberCodeView,
    MemberDetailView,
    MemberEditView,
    MemberListView,
    OwnPageView,
)

app_name = "accounts"

urlpatterns = [
    path("", MemberListView.as_view(), name="member-list"),
    path("me/", OwnPageView.as_view(), name="own-page"),
    path("me/edit/", MemberEditView.as_view(), name="member-edit"),
    path("me/links/", LinkListView.as_view(), name="link-list"),
    path("me/links/<int:pk>/check/", LinkCheckView.as_view(), name="link-check"),
    path("links/<int:pk>/followed/", LinkFollowedView.as_view(), name="link-followed"),
    path("<slug:username>/card.vcf", MemberCardView.as_view(), name="member-card"),
    path("<slug:username>/code.svg", MemberCodeView.as_view(), name="member-code"),
    path("<slug:username>/", MemberDetailView.as_view(), name="member-detail"),
]
