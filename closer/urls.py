from django.urls import path

from closer.views import ClosingLinkView, RegularContactsView

app_name = "closer"
urlpatterns = [
    path("members/me/in-touch/", RegularContactsView.as_view(), name="people"),
    path("comments/<int:pk>/closing-link/", ClosingLinkView.as_view(), name="closing-link"),
]
