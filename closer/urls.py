from django.urls import path

from closer.views import PeopleITalkWithView

app_name = "closer"
urlpatterns = [path("members/me/in-touch/", PeopleITalkWithView.as_view(), name="people")]
