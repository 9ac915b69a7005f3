"""Members: what everybody may see of them, and oneself."""

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
    url: str
    label: str
    is_verified: bool


class MemberOut(Schema):
    username: str
    name: str
    url: str
    role: str = Field(description="In words; empty for most.")
    tagline: str
    bio: str = Field(description="HTML.")
    picture: str | None
    links: list[LinkOut]
    joined_at: datetime


class MeOut(MemberOut):
    scopes: list[str] = Field(description="What this token is for.")
    unread: int = Field(description="Unread notifications, counted to 100.")
    may_write: bool


def fields_of(member: User, reader: Reader) -> dict[str, Any]:
    """Where a profile is hidden from this reader, the name and nothing else; so it is on their page."""
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
    """What the profile page shows you."""
    members = User.objects.public().prefetch_related("links")
    return MemberOut(**fields_of(get_object_or_404(members, username=username.lower()), request.user))


@router.get("/me", response=MeOut, auth=Reading(), summary="Read your own profile")
def read_me(request: ApiRequest) -> MeOut:
    """Whose token this is, and what it is for."""
    member = request.user
    return MeOut(
        **fields_of(member, member),
        scopes=request.api_token.scopes,
        unread=unread_count(member),
        may_write=member.may_write,
    )
