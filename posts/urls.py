from django.http import HttpResponse
from django.urls import path

v = lambda r, **k: HttpResponse("x")
app_name = "posts"
urlpatterns = [
    path("", v, name="home"),
    path("posts/", v, name="post-list"),
    path("posts/<slug:slug>/", v, name="post-detail"),
    path("feed/", v, name="feed"),
]
