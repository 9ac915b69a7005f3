from django.conf import settings
from django.urls import path
from django.utils.module_loading import import_string

from posts.feeds import PostFeed
from posts.share_cards import PostCardView, TagCardView
from posts.sitemaps import sitemap_view
from posts.views import HomeView, PostListView, PostPreviewView, RobotsView, SharedPreviewView

app_name = "posts"

urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("posts/", PostListView.as_view(), name="post-list"),
    path(
        "posts/<unicode_slug:slug>/", import_string(settings.POST_DETAIL_VIEW).as_view(), name="post-detail"
    ),
    path("posts/<unicode_slug:slug>/preview/", PostPreviewView.as_view(), name="post-preview"),
    path("preview/<str:secret>/", SharedPreviewView.as_view(), name="shared-preview"),
    path("feed/", PostFeed(), name="feed"),
    path("share/posts/<int:pk>/<str:version>.jpg", PostCardView.as_view(), name="share-card"),
    path("share/tags/<str:slug>/<str:version>.jpg", TagCardView.as_view(), name="tag-share-card"),
    path("sitemap.xml", sitemap_view, name="sitemap"),
    path("robots.txt", RobotsView.as_view(), name="robots"),
]
