from django.urls import path

from closer.views import ClosingLinkView, PeopleITalkWithView

app_name = "closer"
urlpatterns = [
    path("members/me/in-touch/", PeopleITalkWithView.as_view(), name="people"),
    path("comments/<int:pk>/closing-link/", ClosingLinkView.as_view(), name="closing-link"),
]
