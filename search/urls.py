from django.urls import path

from search.views import SearchView, SuggestionsView, WhoKnowsView

app_name = "search"
urlpatterns = [
    path("search/", SearchView.as_view(), name="search"),
    path("search/suggestions/", SuggestionsView.as_view(), name="suggestions"),
    path("search/who-knows/", WhoKnowsView.as_view(), name="who-knows"),
]
