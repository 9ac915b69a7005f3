"""The share cards of posts and tags (core/utils/share_cards.py)."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from core.models import SiteSettings
from core.utils.share_cards import Card
from core.utils.urls import absolute_url
from core.web.share_cards import ShareCardView
from posts.models import Post, Tag


def card_key(post: Post) -> str:
    return f"post-{post.pk}"


def card_of_post(post: Post) -> Card:
    site = SiteSettings.current()
    return Card(post.search_title, site.title, site.accent_hue, picture=post.cover.name or "")


def share_picture_url(post: Post) -> str:
    """The picture that the host chose for link previews, or the drawn card with title and cover.

    A post that visitors cannot read has no card: they could not fetch it.
    """
    if post.share_picture:
        return absolute_url(post.share_picture.url)
    if not post.is_readable_by(AnonymousUser()):
        return absolute_url(post.cover.url) if post.cover else ""
    return absolute_url(reverse("posts:share-card", args=[post.pk, card_of_post(post).version]))


def card_of_tag(tag: Tag) -> Card:
    site = SiteSettings.current()
    return Card(tag.name, site.title, site.accent_hue, tag.description, tag.cover.name or "")


def tag_picture_url(tag: Tag) -> str:
    return absolute_url(reverse("posts:tag-share-card", args=[tag.slug, card_of_tag(tag).version]))


class PostCardView(ShareCardView):
    def get_card(self, **kwargs: Any) -> tuple[str, Card]:
        post = get_object_or_404(Post.objects.readable_by(AnonymousUser()), pk=kwargs["pk"])
        card = card_of_post(post)
        if self.kwargs["version"] != card.version and not post.is_discoverable_by(AnonymousUser()):
            raise Http404  # otherwise counting up the keys would reveal unlisted posts
        return card_key(post), card


class TagCardView(ShareCardView):
    def get_card(self, **kwargs: Any) -> tuple[str, Card]:
        tag = get_object_or_404(Tag.objects.in_use(AnonymousUser()), slug=kwargs["slug"])
        return f"tag-{tag.pk}", card_of_tag(tag)
