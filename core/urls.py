from django.urls import path

from core.web.views import GuidelinesView, HealthView, MediaView, ReadyView, StylesheetView, ThemeView

app_name = "core"

urlpatterns = [
    path("healthz", HealthView.as_view(), name="health"),
    path("readyz", ReadyView.as_view(), name="ready"),
    path("theme/", ThemeView.as_view(), name="theme"),
    path("site/<int:hue>-<slug:typeface>.css", StylesheetView.as_view(), name="stylesheet"),
    path("house-rules/", GuidelinesView.as_view(), name="guidelines"),
    path("media/<path:path>", MediaView.as_view(), name="media"),
]
