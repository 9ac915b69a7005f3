from django.urls import path

from moderation.views import appeals, blocklist, log, members, profile_reports, status

urlpatterns = [
    path("moderation/people/", members.PeopleView.as_view(), name="people"),
    path("moderation/people/<slug:username>/", members.PersonView.as_view(), name="person"),
    path(
        "moderation/people/<slug:username>/restrict/",
        members.PersonRestrictView.as_view(),
        name="person-restrict",
    ),
    path("moderation/people/<slug:username>/level/", members.PersonLevelView.as_view(), name="person-level"),
    path(
        "moderation/people/<slug:username>/profile/",
        profile_reports.ProfileDecisionView.as_view(),
        name="profile-decide",
    ),
    path("moderation/people/<slug:username>/notes/", members.PersonNoteView.as_view(), name="person-note"),
    path(
        "moderation/people/<slug:username>/reports/",
        profile_reports.ProfileReportCloseView.as_view(),
        name="profile-report-close",
    ),
    path(
        "moderation/restrictions/<int:pk>/lift/",
        members.RestrictionLiftView.as_view(),
        name="restriction-lift",
    ),
    path("moderation/places/", blocklist.BlocklistView.as_view(), name="blocklist"),
    path("moderation/appeals/", appeals.AppealListView.as_view(), name="appeal-list"),
    path("moderation/appeals/<int:pk>/", appeals.AppealAnswerView.as_view(), name="appeal"),
    path("moderation/figures/", log.StatsView.as_view(), name="stats"),
    # For everyone, and for members about themselves and each other.
    path("moderation/log/", log.LogView.as_view(), name="log"),
    path("members/me/standing/", status.AccountStatusView.as_view(), name="account-status"),
    path(
        "members/me/standing/decisions/<int:decision>/",
        appeals.AppealCreateView.as_view(),
        name="appeal-decision",
    ),
    path(
        "members/me/standing/restrictions/<int:restriction>/",
        appeals.AppealCreateView.as_view(),
        name="appeal-restriction",
    ),
    path(
        "members/<slug:username>/report/",
        profile_reports.ProfileReportCreateView.as_view(),
        name="profile-report",
    ),
]
