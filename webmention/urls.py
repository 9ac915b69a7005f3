from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from webmention.views import WebmentionView

app_name = "webmention"

urlpatterns = [path("webmention/", csrf_exempt(WebmentionView.as_view()), name="endpoint")]
