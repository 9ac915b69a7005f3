"""Profiles as schema.org structured data for search engines, as visitors see them."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core.markup.plain import excerpt
from core.utils.structured_data import breadcrumbs
from core.utils.urls import absolute_url


def profile_page(member: User) -> list[dict[str, Any]]:
    """ProfilePage with its Person, and BreadcrumbList. Only what visitors see of the profile.

    Needs no query if the links are prefetched.
    """
    visitor = AnonymousUser()
    if not member.shows_page_to(visitor):
        return []
    name = member.get_display_name()
    url = absolute_url(member.get_absolute_url())
    person: dict[str, Any] = {"@type": "Person", "@id": url, "name": name, "url": url}
    if member.display_name:
        person["alternateName"] = member.username
    if about := member.tagline or excerpt(member.bio_html, 160):
        person["description"] = about
    if member.avatar:
        person["image"] = absolute_url(member.avatar.url)
    if member.shows_links_to(visitor) and (
        links := [link.url for link in member.links.all() if not link.is_unavailable]
    ):
        person["sameAs"] = links
    return [
        {
            "@context": "https://schema.org",
            "@type": "ProfilePage",
            "url": url,
            "dateCreated": member.date_joined.isoformat(),
            "mainEntity": person,
        },
        breadcrumbs([(_("Members"), reverse("accounts:member-list")), (name, member.get_absolute_url())]),
    ]
