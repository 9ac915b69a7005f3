from django.urls import path

from accounts.views import (
    calendars,
    directory,
    links,
    merging,
    privacy,
    profile,
    relations,
    security,
    share_cards,
)

app_name = "accounts"

urlpatterns = [
    path("", directory.MemberListView.as_view(), name="member-list"),
    path("me/", profile.OwnPageView.as_view(), name="own-page"),
    path("me/edit/", profile.MemberEditView.as_view(), name="member-edit"),
    path("me/links/", links.LinkListView.as_view(), name="link-list"),
    path("me/links/<int:pk>/check/", links.LinkCheckView.as_view(), name="link-check"),
    path("me/second-step/", security.MfaSetupView.as_view(), name="mfa-setup"),
    path("me/devices/<int:pk>/end/", security.SessionEndView.as_view(), name="session-end"),
    path("me/calendars/", calendars.CalendarAddressEditView.as_view(), name="calendar-address-edit"),
    path("me/people/", relations.PeopleView.as_view(), name="people"),
    path(
        "me/introductions/<int:pk>/", relations.IntroductionAnswerView.as_view(), name="introduction-answer"
    ),
    path("me/data/", privacy.DataView.as_view(), name="data"),
    path("me/data/export/", privacy.DataExportCreateView.as_view(), name="export-create"),
    path("me/data/export/<int:pk>/", privacy.DataExportDownloadView.as_view(), name="export-download"),
    path("me/leave/", privacy.AccountDeletionView.as_view(), name="leave"),
    path("me/merge/", merging.MergeView.as_view(), name="merge"),
    path("me/merge/<str:token>/", merging.MergeConfirmView.as_view(), name="merge-confirm"),
    path("stay/<str:token>/", privacy.AccountDeletionCancelView.as_view(), name="stay"),
    path("links/<int:pk>/followed/", links.LinkFollowedView.as_view(), name="link-followed"),
    path("<slug:username>/card.vcf", profile.MemberCardView.as_view(), name="member-card"),
    path("<slug:username>/code.svg", profile.MemberCodeView.as_view(), name="member-code"),
    path(
        "<slug:username>/share/<str:version>.jpg",
        share_cards.MemberCardPictureView.as_view(),
        name="member-share-card",
    ),
    path("<slug:username>/follow/", relations.MemberFollowView.as_view(), name="member-follow"),
    path("<slug:username>/mute/", relations.MemberMuteView.as_view(), name="member-mute"),
    path(
        "<slug:username>/introduction/",
        relations.IntroductionCreateView.as_view(),
        name="introduction-create",
    ),
    path("<slug:username>/", profile.MemberDetailView.as_view(), name="member-detail"),
]
