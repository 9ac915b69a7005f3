from django.urls import path

from rooms.views import PresenceView, RoomListView

app_name = "rooms"

urlpatterns = [
    path("rooms/", RoomListView.as_view(), name="room-list"),
    path("rooms/<int:pk>/presence/", PresenceView.as_view(), name="presence"),
]
