"""A member as a vCard 4.0 (RFC 6350)."""

from collections.abc import Iterator

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from core.markup.newcomers import is_well_known
from core.utils.urls import absolute_url

FOLD_AT_OCTETS = 75


def make_vcard(member: User, *, reader: User | AnonymousUser) -> str:
    """The vCard of a member, with what this reader sees of the profile.

    Name, tagline, picture, birthday and links, but no email address.
    """
    return "".join(f"{folded}\r\n" for line in _lines(member, reader) for folded in _fold(line))


def _lines(member: User, reader: User | AnonymousUser) -> Iterator[str]:
    page = absolute_url(member.get_absolute_url())
    yield "BEGIN:VCARD"
    yield "VERSION:4.0"
    yield "KIND:individual"
    yield f"FN:{_escape(member.get_display_name())}"
    yield f"NICKNAME:{_escape(member.username)}"
    yield f"UID:{page}"
    yield f"URL;PREF=1:{page}"
    if not member.shows_page_to(reader):
        yield "END:VCARD"
        return
    for link in member.links.all():
        if not link.is_unavailable and (member.shows_links_to(reader) or is_well_known(link.url)):
            yield f"URL:{_one_line(link.url)}"
    if member.avatar:
        yield f"PHOTO:{absolute_url(member.avatar.url)}"
    if member.shows_birthday_to(reader):
        year = "--" if member.birthday_year is None else f"{member.birthday_year:04}"
        yield f"BDAY:{year}{member.birthday_month:02}{member.birthday_day:02}"
    if member.tagline:
        yield f"NOTE:{_escape(member.tagline)}"
    yield "END:VCARD"


def _one_line(text: str) -> str:
    return "".join(char for char in text if char.isprintable())


def _escape(text: str) -> str:
    """Text as a property value on one line (RFC 6350, 3.4), without forbidden characters."""
    for char in "\\,;":
        text = text.replace(char, f"\\{char}")
    return _one_line(text)


def _fold(line: str) -> Iterator[str]:
    """The line in chunks of at most 75 octets (3.2), continued with a leading space.

    No character is split.
    """
    piece, size = "", 0
    for char in line:
        octets = len(char.encode())
        if size + octets > FOLD_AT_OCTETS:
            yield piece
            piece, size = " ", 1
        piece, size = piece + char, size + octets
    yield piece
