from django.urls import path

from core.web.views import HealthView, HouseRulesView, MediaView, ReadyView, ThemeView

app_name = "core"

urlpatterns = [
    path("healthz", HealthView.as_view(), name="health"),
    path("readyz", ReadyView.as_view(), name="ready"),
    path("theme/", ThemeView.as_view(), name="theme"),
    path("house-rules/", HouseRulesView.as_view(), name="house-rules"),
    path("media/<path:path>", MediaView.as_view(), name="media"),
]
