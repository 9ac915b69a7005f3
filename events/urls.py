from django.urls import path

from events.views.guests import GuestAnswerView, GuestCodeView, GuestLinkView
from events.views.planning import AnswerView, EventDecideView, EventFormView, ReportView
from events.views.reading import CalendarView, EventDetailView, EventIcsView, EventListView

app_name = "events"

urlpatterns = [
    path("events/", EventListView.as_view(), name="event-list"),
    path("events/new/", EventFormView.as_view(), name="event-create"),
    path("events/guests/<uuid:pk>/", GuestCodeView.as_view(), name="guest-code"),
    path("events/guests/<uuid:pk>/<str:token>/", GuestLinkView.as_view(), name="guest-link"),
    path("events/calendar/<str:secret>.ics", CalendarView.as_view(), name="calendar"),
    path("events/<unicode_slug:slug>.ics", EventIcsView.as_view(), name="event-ics"),
    path("events/<unicode_slug:slug>/", EventDetailView.as_view(), name="event-detail"),
    path("events/<unicode_slug:slug>/edit/", EventFormView.as_view(), name="event-edit"),
    path("events/<unicode_slug:slug>/decide/", EventDecideView.as_view(), name="event-decide"),
    path("events/<unicode_slug:slug>/answer/", AnswerView.as_view(), name="event-answer"),
    path("events/<unicode_slug:slug>/guest/", GuestAnswerView.as_view(), name="event-guest"),
    path("events/<unicode_slug:slug>/report/", ReportView.as_view(), name="event-report"),
]
