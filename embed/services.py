"""Commenting in a frame on another site, where browsers send us no cookies (docs/decisions/0106).

The code from the email posts the comment. The next page contains a key, with which the user can write more
comments without another code until they leave the page.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core import signing
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.mfa import has_mfa
from comments.models import Comment
from core.models import SiteSettings
from embed.models import INDEX, is_of_a_listed_site, page_key
from posts.models import Post
from posts.models.old_addresses import old_address_key
from posts.models.querysets import PostQuerySet

SALT = "embed.writer"
KEY_SECONDS = 12 * 3600
COMMENTS_SHOWN = 200


def allowed_origins() -> list[str]:
    """The origins that may show comments in a frame."""
    return SiteSettings.current().embed_origins.split()


def embeddable() -> PostQuerySet:
    """Posts that can be embedded: those that everyone may read, and that are listed."""
    return Post.objects.listed().with_author()


def post_at(address: str) -> Post | None:
    """The post whose comments belong to a page of a listed site.

    The page is registered for it, or was its URL on the site it was imported from.
    """
    if not is_of_a_listed_site(address) or not (key := page_key(address)):
        return None
    registered = embeddable().filter(embedded_pages__key=key).first()
    if registered is not None:
        return registered
    parts = urlsplit(address.strip())
    old = old_address_key(unquote(parts.path), parts.query)
    keys = {old, INDEX.sub("", f"/{old}").strip("/")} - {""}
    if "\x00" in old:
        return None
    return embeddable().filter(old_addresses__key__in=keys).first()


def post_here(address: str) -> Post | None:
    """The post or page at a URL of this site, published or not."""
    try:
        parts = urlsplit(address.strip())
        match = resolve(unquote(parts.path))
    except (ValueError, Resolver404):
        return None
    if match.view_name not in {"posts:post-detail", "page"} or parts.netloc.lower() not in {
        "",
        urlsplit(settings.SITE_URL).netloc.lower(),
    }:
        return None
    return Post.objects.filter(slug=match.kwargs["slug"], trashed_at=None).first()


def comments_of(post: Post) -> list[Comment]:
    """The first public comments, in reading order."""
    rows = Comment.objects.for_post(post).public().with_authors().in_reading_order()
    found = list(rows[:COMMENTS_SHOWN])
    for comment in found:
        comment.post = post
    return found


def make_key(member: User) -> str:
    """A key that becomes invalid when the password changes or the sessions end."""
    return signing.dumps([member.pk, member.get_session_auth_hash()], salt=SALT)


def writer_of(key: str) -> User | None:
    """The member of a key; None if it is invalid or has expired."""
    try:
        pk, seal = signing.loads(key, salt=SALT, max_age=KEY_SECONDS)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    member = User.objects.filter(pk=pk, is_active=True).first()
    if member is None or member.get_session_auth_hash() != seal or refusal_for(member):
        return None
    return member


def refusal_for(member: User) -> str:
    """Why the account must not be used here, or "": a code alone must not open privileged accounts."""
    if not member.is_active or member.is_staff or member.is_moderator or has_mfa(member):
        return _("This account can’t be used here. Open the discussion on its own site and sign in there.")
    return ""
