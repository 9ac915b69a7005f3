"""A person on a page: the picture, or the initial on a quiet tone."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import AVATAR_TONES, User

register = template.Library()


@register.simple_tag
def avatar(user: User, size: int = 48) -> SafeString:
    """The member's picture. Decoration: the name always stands beside it."""
    if user.avatar:
        return format_html('<img class="av" src="{}" alt="" width="{}" height="{}" loading="lazy">', user.avatar.url, size, size)
    return format_html('<span class="av t{}" aria-hidden="true">{}</span>', user.tone, user.initial)


@register.simple_tag
def guest_avatar(name: str) -> SafeString:
    """The initial of somebody without an account, on a tone that follows from the name."""
    return format_html('<span class="av t{}" aria-hidden="true">{}</span>', sum(map(ord, name)) % AVATAR_TONES + 1, name[:1].upper())
