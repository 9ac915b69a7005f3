"""Parts of schema.org structured data that several kinds of pages share."""

from collections.abc import Sequence
from typing import Any

from core.models import SiteSettings
from core.utils.urls import absolute_url


def breadcrumbs(steps: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The path from the home page to a page.

    steps: name and path of each; home is added, the page itself is last.
    """
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
    """The site as publisher of its posts."""
    site = SiteSettings.current()
    data: dict[str, Any] = {"@type": "Organization", "name": site.title, "url": absolute_url("/")}
    if site.icon:
        data["logo"] = {"@type": "ImageObject", "url": absolute_url(site.icons["s512"])}
    return data
