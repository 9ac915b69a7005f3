from django.urls import path

from birthdays.views import BirthdayDetailView, BirthdayListView, CalendarView, WishCreateView

app_name = "birthdays"

urlpatterns = [
    path("birthdays/", BirthdayListView.as_view(), name="birthday-list"),
    path("birthdays/wish/", WishCreateView.as_view(), name="wish-create"),
    path("birthdays/<str:secret>.ics", CalendarView.as_view(), name="calendar"),
    path("birthdays/<unicode_slug:slug>/", BirthdayDetailView.as_view(), name="birthday-detail"),
]
