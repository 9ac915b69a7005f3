from django.urls import path

from giving.views import GivingView, PledgeView, StripeView

app_name = "giving"

urlpatterns = [
    path("giving/", GivingView.as_view(), name="giving"),
    path("giving/pledge/", PledgeView.as_view(), name="pledge"),
    path("giving/stripe/", StripeView.as_view(), name="stripe"),
]
