from django.http import HttpResponse
from django.urls import path

v = lambda r, **k: HttpResponse("x")
app_name = "moderation"
urlpatterns = [path("", v, name="queue")]
