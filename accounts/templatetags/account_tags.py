"""Tags that show members: the picture, or the initial on a colour; icons of links."""

from typing import Any, cast

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import AnonymousUser
from django.forms import BoundField
from django.template import Library
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from accounts.allauth.social import is_available
from accounts.models import AVATAR_TONES, ProfileLink, User
from accounts.models.images import ProfilePictureFile
from accounts.services.mfa import RETURN_TO, lacks_mfa
from core.markup.icons import drawn_icons
from core.templatetags.core_tags import icon

register = Library()


@register.simple_tag(takes_context=True)
def avatar(context: dict[str, Any], user: User, size: int = 48) -> SafeString:
    """The member's picture, with a party hat on a birthday that the reader may see.

    The name is always beside it. Without a reader (threads are rendered once for everyone), only hats that
    everyone may see. The picture of banned members and hidden profiles is shown to themselves alone.
    """
    reader = context.get("user") or AnonymousUser()
    face = _initial(user) if user.is_veiled and user != reader else _face(user, size)
    return format_html('<span class="party">{}</span>', face) if user.has_birthday_for(reader) else face


def _initial(user: User) -> SafeString:
    return format_html('<span class="av t{}" aria-hidden="true">{}</span>', user.tone, user.initial)


def _face(user: User, size: int) -> SafeString:
    """One size for all screens: a page has a hundred of them, and each file is two kilobytes."""
    if not user.avatar:
        return _initial(user)
    address = cast(ProfilePictureFile, user.avatar).webp_url(size * 2)
    return format_html(
        '<img class="av" src="{}" alt="" width="{}" height="{}" loading="lazy">', address, size, size
    )


def _portrait(user: User, size: int) -> SafeString:
    if user.avatar:
        avatar = cast(ProfilePictureFile, user.avatar)
        return format_html(
            '<picture><source type="image/webp" srcset="{}, {} 2x"><img class="av" src="{}" alt="{}" width="{}" height="{}" loading="lazy"></picture>',
            avatar.webp_url(size),
            avatar.webp_url(size * 2),
            avatar.url,
            user.avatar_alt,
            size,
            size,
        )
    return _initial(user)


@register.simple_tag(takes_context=True)
def portrait(context: dict[str, Any], user: User, size: int = 136) -> SafeString:
    """The large picture on a profile, with its alt text."""
    if not user.shows_page_to(context["user"]):
        return _initial(user)
    if user.has_birthday_for(context.get("user") or AnonymousUser()):
        return format_html('<span class="party">{}</span>', _portrait(user, size))
    return _portrait(user, size)


@register.simple_tag
def guest_avatar(name: str) -> SafeString:
    """The initial of a guest, on a colour derived from the name."""
    return format_html(
        '<span class="av t{}" aria-hidden="true">{}</span>',
        sum(map(ord, name)) % AVATAR_TONES + 1,
        name[:1].upper(),
    )


@register.simple_tag
def link_icon(link: ProfileLink) -> SafeString:
    """The icon of a link's network: one of ours, or the initials of its name in a ring.

    It is hidden from screen readers: put a label beside it.
    """
    network = link.network
    if network is None or network.icon:
        name = network.icon if network else "web"
        return drawn_icons().get(name) or icon(name)
    return format_html(
        '<svg class="i" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><circle cx="12" cy="12" r="9.5"/>'
        '<text x="12" y="15.5" text-anchor="middle" font-size="10" font-weight="600" fill="currentColor" stroke="none">{}</text></svg>',
        network.letters,
    )


@register.simple_tag(takes_context=True)
def return_to(context: dict[str, Any]) -> str:
    """The next page after a member has set up the required two-step verification; otherwise ""."""
    request = context["request"]
    if RETURN_TO not in request.session or lacks_mfa(request.user):
        return ""
    return reverse("accounts:mfa-setup")


@register.simple_tag(takes_context=True)
def has_accounts_elsewhere(context: dict[str, Any]) -> bool:
    """Whether the page of connected accounts has anything to show: available providers or connections."""
    request = context["request"]
    return bool(get_adapter().list_apps(request)) or SocialAccount.objects.filter(user=request.user).exists()


@register.simple_tag
def place_name(account: SocialAccount) -> str:
    """The name of an external account's provider, whether or not it is still enabled."""
    return account.get_provider().name if is_available(account) else account.provider.title()


@register.filter
def device(user_agent: str) -> str:
    """A readable name for a browser and its system."""
    browser = next((name for mark, name in BROWSERS.items() if mark in user_agent), "")
    machine = next((name for mark, name in MACHINES.items() if mark in user_agent), "")
    if browser and machine:
        return gettext("%(browser)s on %(machine)s") % {"browser": browser, "machine": machine}
    return browser or machine or user_agent[:60] or gettext("Unknown device")


# Tokens in user-agent strings and the browsers' names. The first match wins, since each browser also claims
# to be some of the later ones.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
MACHINES = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}


@register.simple_tag
def field_group(field: BoundField) -> SafeString:
    """A form field as Django renders it, without the colon or a placeholder that repeats the label."""
    field.form.label_suffix = ""
    attrs = field.field.widget.attrs
    attrs.pop("placeholder", None)
    if attrs.get("autocomplete") == "one-time-code":
        attrs |= {"class": "code", "spellcheck": "false", "autocapitalize": "none", "maxlength": "40"}
    return field.as_field_group()
