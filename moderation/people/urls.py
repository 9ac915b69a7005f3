from django.urls import path

from moderation.people import views

urlpatterns = [
    path("moderation/people/", views.PeopleView.as_view(), name="people"),
    path("moderation/people/<slug:username>/", views.PersonView.as_view(), name="person"),
    path("moderation/people/<slug:username>/restrict/", views.PersonRestrictView.as_view(), name="person-restrict"),
    path("moderation/people/<slug:username>/level/", views.PersonLevelView.as_view(), name="person-level"),
    path("moderation/people/<slug:username>/notes/", views.PersonNoteView.as_view(), name="person-note"),
    path("moderation/people/<slug:username>/reports/", views.ProfileReportCloseView.as_view(), name="profile-report-close"),
    path("moderation/restrictions/<int:pk>/lift/", views.RestrictionLiftView.as_view(), name="restriction-lift"),
    path("moderation/places/", views.PlaceListView.as_view(), name="place-list"),
    path("moderation/appeals/", views.AppealListView.as_view(), name="appeal-list"),
    path("moderation/appeals/<int:pk>/", views.AppealAnswerView.as_view(), name="appeal"),
    path("moderation/figures/", views.FiguresView.as_view(), name="figures"),
    # For everybody, and for members about themselves and each other.
    path("moderation/log/", views.LogView.as_view(), name="log"),
    path("members/me/standing/", views.StandingView.as_view(), name="standing"),
    path("members/me/standing/decisions/<int:decision>/", views.AppealCreateView.as_view(), name="appeal-decision"),
    path("members/me/standing/restrictions/<int:restriction>/", views.AppealCreateView.as_view(), name="appeal-restriction"),
    path("members/<slug:username>/report/", views.ProfileReportCreateView.as_view(), name="profile-report"),
]
