"""Parts of schema.org structured data that more than one kind of page has."""

from collections.abc import Sequence
from typing import Any

from core.models import SiteSettings
from core.utils.urls import absolute_url


def breadcrumbs(steps: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The way from the home page to a page. steps: name and path of each, the page itself last; home is put before them."""
    whole = [(SiteSettings.current().title, "/"), *steps]
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": absolute_url(path)}
            for number, (name, path) in enumerate(whole, 1)
        ],
    }


def publisher() -> dict[str, Any]:
    """The site as who publishes its posts."""
    site = SiteSettings.current()
    data: dict[str, Any] = {"@type": "Organization", "name": site.title, "url": absolute_url("/")}
    if site.icon:
        data["logo"] = {"@type": "ImageObject", "url": absolute_url(site.icons["s512"])}
    return data
