from django.urls import path

from accounts import data_views, views

app_name = "accounts"

urlpatterns = [
    path("", views.MemberListView.as_view(), name="member-list"),
    path("me/", views.OwnPageView.as_view(), name="own-page"),
    path("me/edit/", views.MemberEditView.as_view(), name="member-edit"),
    path("me/links/", views.LinkListView.as_view(), name="link-list"),
    path("me/links/<int:pk>/check/", views.LinkCheckView.as_view(), name="link-check"),
    path("me/second-step/", views.SecondStepView.as_view(), name="second-step"),
    path("me/devices/<int:pk>/end/", views.SessionEndView.as_view(), name="session-end"),
    path("me/people/", views.PeopleView.as_view(), name="people"),
    path("me/introductions/<int:pk>/", views.IntroductionAnswerView.as_view(), name="introduction-answer"),
    path("me/data/", data_views.DataView.as_view(), name="data"),
    path("me/data/export/", data_views.DataExportCreateView.as_view(), name="export-create"),
    path("me/data/export/<int:pk>/", data_views.DataExportDownloadView.as_view(), name="export-download"),
    path("me/leave/", data_views.LeaveView.as_view(), name="leave"),
    path("stay/<str:token>/", data_views.StayView.as_view(), name="stay"),
    path("links/<int:pk>/followed/", views.LinkFollowedView.as_view(), name="link-followed"),
    path("<slug:username>/card.vcf", views.MemberCardView.as_view(), name="member-card"),
    path("<slug:username>/code.svg", views.MemberCodeView.as_view(), name="member-code"),
    path("<slug:username>/follow/", views.MemberFollowView.as_view(), name="member-follow"),
    path("<slug:username>/mute/", views.MemberMuteView.as_view(), name="member-mute"),
    path("<slug:username>/introduction/", views.IntroductionCreateView.as_view(), name="introduction-create"),
    path("<slug:username>/", views.MemberDetailView.as_view(), name="member-detail"),
]
