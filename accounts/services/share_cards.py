"""The share cards of profiles (core/utils/share_cards.py)."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from accounts.models import User
from core.models import SiteSettings
from core.services.share_cards import forget_card
from core.utils.share_cards import Card
from core.utils.urls import absolute_url


def card_key(member: User) -> str:
    return f"member-{member.pk}"


def card_of_member(member: User) -> Card:
    """The card of a profile as visitors see it. If the profile is hidden, it has only the name."""
    site = SiteSettings.current()
    if not member.shows_page_to(AnonymousUser()):
        return Card(member.get_display_name(), site.title, site.accent_hue)
    picture = member.avatar.name or "" if member.avatar else ""
    return Card(member.get_display_name(), site.title, site.accent_hue, member.tagline, picture)


def member_picture_url(member: User) -> str:
    """The absolute URL of the card. It changes whenever what is drawn on it changes."""
    version = card_of_member(member).version
    return absolute_url(reverse("accounts:member-share-card", args=[member.username, version]))


def forget_erased(member: User, _deletion: Any) -> int:
    """The step of account deletion that removes share cards."""
    forget_card(card_key(member))
    return 0
