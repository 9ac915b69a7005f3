"""The view of pictures for shared links."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views import View

from core.models import SiteSettings
from core.services.share_cards import share_card
from core.utils.share_cards import Card
from core.utils.urls import absolute_url

DAY = "public, max-age=86400"


class ShareCardView(View):
    """A JPEG with its version in the URL. Older versions redirect to the current one.

    A subclass defines the picture: `get_card`, which raises Http404 for what visitors may not see.
    """

    def get_card(self, **kwargs: Any) -> tuple[str, Card]:
        """The cache key, and what is drawn."""
        raise NotImplementedError

    def get(self, request: HttpRequest, version: str, **kwargs: Any) -> HttpResponse:
        key, card = self.get_card(**kwargs)
        if version != card.version:
            match = request.resolver_match
            address = reverse(match.view_name, kwargs=kwargs | {"version": card.version})  # type: ignore[union-attr]  # it was resolved
            return HttpResponseRedirect(address, headers={"Cache-Control": "no-cache"})
        return HttpResponse(share_card(key, card), content_type="image/jpeg", headers={"Cache-Control": DAY})


class SiteCardView(ShareCardView):
    def get_card(self, **_kwargs: Any) -> tuple[str, Card]:
        return "site", site_card()


def site_card() -> Card:
    """The picture of the home page and of pages without one of their own."""
    site = SiteSettings.current()
    return Card(site.title, site.title, site.accent_hue, site.subtitle)


def site_card_url() -> str:
    return absolute_url(reverse("core:share-card", kwargs={"version": site_card().version}))
