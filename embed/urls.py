from django.urls import path

from embed.views import EmbedByAddressView, EmbedScriptView, EmbedView

app_name = "embed"

urlpatterns = [
    path("embed.js", EmbedScriptView.as_view(), name="script"),
    path("embed/", EmbedByAddressView.as_view(), name="by-address"),
    path("embed/<unicode_slug:slug>/", EmbedView.as_view(), name="thread"),
]
