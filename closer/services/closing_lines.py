"""Comments that end with their author's name and URL: "Jane, jane.example.com".

People sign like this on sites without profiles. They are asked once whether to add the URL to their profile,
which links it next to their name on all comments. Nothing is added without consent, the comment does not
change, and a refusal is remembered.
"""

import re

from django.core.exceptions import ValidationError

from accounts.models import ProfileLink, User
from accounts.services.profile import add_link, has_link, link_key
from closer.models import DeclinedLink
from comments.models import Comment
from core.utils.text import search_key
from core.utils.urls import WebAddressValidator

LONGEST_LINE = 200
LONGEST_ADDRESS = 300
MAX_WORDS = 4
# A name, a comma, dash or bar, and a URL whose host ends in letters.
SIGNED = re.compile(
    r"[-–—~\s]*(?P<name>[^\s,|<>:/][^,|<>:/]*?)\s*[,|–—]\s*"
    r"<?(?P<scheme>https?://)?(?P<place>[^\s/?#@<>,]+\.[^\W\d_]{2,}(?:/[^\s<>]*)?)>?[.\s]*",
    re.IGNORECASE,
)


def link_at_end(comment: Comment) -> str | None:
    """The URL with which the author signed; None if the last line is not such a signature.

    Every word of the name must be in the author's name: "More about it, example.com" does not match.
    """
    lines = comment.body.rstrip().rsplit("\n", 1)
    author, line = comment.author, lines[-1]
    if author is None or len(lines) < 2 or len(line) > LONGEST_LINE:
        return None
    found = SIGNED.fullmatch(line)
    if found is None:
        return None
    words = re.findall(r"[^\W_]+", search_key(found["name"]))
    own = re.findall(r"[^\W_]+", search_key(f"{author.display_name} {author.username}"))
    if not words or len(words) > MAX_WORDS or not set(words) <= set(own):
        return None
    return _valid(f"{found['scheme'] or 'https://'}{found['place']}")


def _valid(url: str) -> str | None:
    try:
        WebAddressValidator()(url)
    except ValidationError:
        return None
    return url if len(url) <= LONGEST_ADDRESS else None


def link_to_offer(comment: Comment) -> str | None:
    """The same, if its author may add links, and has neither added nor refused it."""
    link = link_at_end(comment)
    member = comment.author
    if link is None or member is None or not member.may_write or has_link(member, link):
        return None
    if member.links.count() >= ProfileLink.MAX_PER_MEMBER:
        return None
    return None if DeclinedLink.objects.filter(member=member, address=_key(link)).exists() else link


def accept_link(member: User, link: str) -> bool:
    """Add the link. Returns False if that is not possible. An earlier refusal is deleted."""
    add_link(member, link)
    DeclinedLink.objects.filter(member=member, address=_key(link)).delete()
    return has_link(member, link)


def decline_link(member: User, link: str) -> None:
    """Don't suggest this link to this member again."""
    DeclinedLink.objects.get_or_create(member=member, address=_key(link))


def _key(link: str) -> str:
    return link_key(link)[:LONGEST_ADDRESS]
