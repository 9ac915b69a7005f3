from django.urls import path

from api.views.docs import ApiDocsView
from api.views.tokens import TokenDeleteView, TokenListView

app_name = "api"

urlpatterns = [
    path("api/", ApiDocsView.as_view(), name="docs"),
    path("members/me/tokens/", TokenListView.as_view(), name="token-list"),
    path("members/me/tokens/<int:pk>/delete/", TokenDeleteView.as_view(), name="token-delete"),
]
