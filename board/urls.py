from django.urls import path

from board.views import CardsView, WallView

app_name = "board"

urlpatterns = [
    path("board/", WallView.as_view(), name="wall"),
    path("board/<unicode_slug:slug>/", CardsView.as_view(), name="cards"),
]
