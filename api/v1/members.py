"""Members: their public profiles, and oneself."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from pydantic import Field

from accounts.models import User
from api.v1.auth import ApiRequest, Reading
from api.v1.reading import Slug
from api.v1.schemas import Reader
from core.markup.newcomers import unlinked
from core.markup.plain import for_elsewhere
from core.utils.urls import absolute_url
from notifications.services.inbox import unread_count

router = Router(tags=["Members"])


class LinkOut(Schema):
    url: str = Field(description="The address.")
    label: str = Field(description="The text of the link.")
    is_verified: bool = Field(description="Whether the linked page links back to the profile.")


class MemberOut(Schema):
    username: str = Field(description="The last part of the profile’s address.")
    name: str = Field(description="The name shown on the site.")
    url: str = Field(description="The profile.")
    role: str = Field(description="Such as “Moderator”; empty for most members.")
    tagline: str = Field(description="One line about the member; may be empty.")
    bio: str = Field(description="HTML; may be empty.")
    picture: str | None = Field(description="Address of the profile picture.")
    links: list[LinkOut] = Field(description="The links on the profile.")
    joined_at: datetime = Field(description="When the member joined.")


class MeOut(MemberOut):
    scopes: list[str] = Field(description="What this token can do: “read”, “write”, “moderate”, “host”.")
    unread: int = Field(description="How many notifications are unread; 100 means 100 or more.")
    may_write: bool = Field(
        description="Whether you can comment. False while you are suspended, for instance."
    )


def fields_of(member: User, reader: Reader) -> dict[str, Any]:
    """If a profile is hidden from this reader, only the name, as on its page."""
    is_open = member.shows_page_to(reader)
    shows_links = is_open and member.shows_links_to(reader)
    bio = member.bio_html if shows_links else unlinked(member.bio_html) if is_open else ""
    links = member.links.all() if shows_links else []
    return {
        "username": member.username,
        "name": member.get_display_name(),
        "url": absolute_url(member.get_absolute_url()),
        "role": member.role,
        "tagline": member.tagline if is_open else "",
        "bio": for_elsewhere(bio),
        "picture": absolute_url(member.avatar.url) if is_open and member.avatar else None,
        "links": [LinkOut(url=link.url, label=str(link), is_verified=link.is_verified) for link in links],
        "joined_at": member.date_joined,
    }


@router.get("/members/{username}", response=MemberOut, summary="Read a profile")
def read_member(request: HttpRequest, username: Slug) -> MemberOut:
    """Returns the profile as you can see it on the site. 404 if there is none, or it is not public."""
    members = User.objects.public().prefetch_related("links")
    return MemberOut(**fields_of(get_object_or_404(members, username=username.lower()), request.user))


@router.get("/me", response=MeOut, auth=Reading(), summary="Read your own profile")
def read_me(request: ApiRequest) -> MeOut:
    """Returns the token’s owner, the token’s scopes and the number of unread notifications.

    Needs the scope “read”.
    """
    member = request.user
    return MeOut(
        **fields_of(member, member),
        scopes=request.api_token.scopes,
        unread=unread_count(member),
        may_write=member.may_write,
    )
