from django.conf import settings
from django.urls import path
from django.utils.module_loading import import_string
from django.views.generic import RedirectView

from core.web.share_cards import SiteCardView
from core.web.views import (
    AnnouncementDismissView,
    FaviconView,
    HealthView,
    LanguageView,
    MediaView,
    ReadyView,
    StylesheetView,
    ThemeView,
)
from core.web.well_known import ManifestView, OfflineView, SecurityTextView, ServiceWorkerView

app_name = "core"

urlpatterns = [
    path("healthz", HealthView.as_view(), name="health"),
    path("readyz", ReadyView.as_view(), name="ready"),
    path("language/", LanguageView.as_view(), name="language"),
    path("theme/", ThemeView.as_view(), name="theme"),
    path("announcement/dismiss/", AnnouncementDismissView.as_view(), name="announcement-dismiss"),
    path("favicon.ico", FaviconView.as_view(), name="favicon"),
    path("share/site/<str:version>.jpg", SiteCardView.as_view(), name="share-card"),
    path("manifest.webmanifest", ManifestView.as_view(), name="manifest"),
    path("sw.js", ServiceWorkerView.as_view(), name="service-worker"),
    path("offline/", OfflineView.as_view(), name="offline"),
    path(".well-known/security.txt", SecurityTextView.as_view(), name="security-txt"),
    # The URL that password managers open (W3C, "A Well-Known URL for Changing Passwords").
    path(
        ".well-known/change-password",
        RedirectView.as_view(pattern_name="account_change_password"),
        name="change-password",
    ),
    path("site/<int:hue>-<slug:typeface>-<slug:width>.css", StylesheetView.as_view(), name="stylesheet"),
    path("site/<int:hue>-<slug:typeface>.css", StylesheetView.as_view(), name="stylesheet"),
    path("guidelines/", import_string(settings.GUIDELINES_VIEW).as_view(), name="guidelines"),
    path(
        "house-rules/",
        RedirectView.as_view(pattern_name="core:guidelines", permanent=True),
        name="house-rules",
    ),
    path("media/<path:path>", MediaView.as_view(), name="media"),
]
