from django.urls import path

from dashboard.views.first_start import SetupView
from dashboard.views.invitations import InvitationView
from dashboard.views.metrics import MetricsView

app_name = "dashboard"

urlpatterns = [
    path("metrics", MetricsView.as_view(), name="metrics"),
    path("setup/<str:token>/", SetupView.as_view(), name="setup"),
    path("invitations/<str:token>/", InvitationView.as_view(), name="invitation"),
]
