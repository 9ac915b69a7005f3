from django.urls import path

from party.views import PartyOffView

app_name = "party"

urlpatterns = [path("party/off/", PartyOffView.as_view(), name="off")]
