from django.http import HttpResponse
from django.urls import path

v = lambda r, **k: HttpResponse("x")
app_name = "accounts"
urlpatterns = [path("", v, name="member-list"), path("me/edit/", v, name="member-edit"), path("<slug:username>/", v, name="member-detail")]
