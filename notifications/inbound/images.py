"""Pictures in an email: stored like those of the comment form, or left out with a reason."""

import re
from dataclasses import dataclass, field
from io import BytesIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from PIL import Image

from accounts.models import User
from comments.services.images import add_picture, picture_markdown
from core.utils.ratelimit import TooFast
from notifications.inbound.parse import Attachment, IncomingEmail

# How email programs mark the position of a picture in plain text.
MARKER = re.compile(
    r"\[image: ?([^\]\n]{0,200})\]|\[cid:([^\]\s]{1,200})\]|\N{OBJECT REPLACEMENT CHARACTER}", re.IGNORECASE
)
# Smaller ones belong to a signature: logos, icons, lines.
DECORATION_PIXELS = 160
DECORATION_BYTES = 1500


@dataclass
class CommentWithImages:
    """The text with its pictures in place, and messages about those left out."""

    words: str
    notes: list[str] = field(default_factory=list)


def with_pictures(words: str, incoming: IncomingEmail, html_words: str, by: User) -> CommentWithImages:
    """Store the pictures of the new text, without those of the quoted email or a signature.

    html_words: the new text of the HTML, with pictures that the plain text does not contain.
    """
    taken = CommentWithImages(words)
    pictures = [
        one
        for one in incoming.enclosures
        if one.is_picture and _is_part_of_text(one, words, incoming, html_words)
    ]
    lines: dict[int, str] = {}
    for number, picture in enumerate(pictures):
        if number >= settings.COMMENT_MAX_PICTURES:
            taken.notes.append(
                _("A comment can have up to %(limit)d pictures.") % {"limit": settings.COMMENT_MAX_PICTURES}
            )
            break
        if line := _take(picture, by, taken):
            lines[number] = line
    _put_in_place(taken, pictures, lines)
    if any(not one.is_picture and not one.cid for one in incoming.enclosures):
        taken.notes.append(
            _("The files attached to your email were left out. Only pictures can be part of a comment.")
        )
    return taken


def _is_part_of_text(one: Attachment, words: str, incoming: IncomingEmail, html_words: str) -> bool:
    if not one.cid:
        return True
    if any(_means(found, one) for found in MARKER.finditer(words)):
        return True
    if _is_decoration(one):
        return False
    whole = f"{incoming.text}\n{incoming.html_text}\n{incoming.signature or ''}"
    return f"[cid:{one.cid}]" in html_words or (
        f"[cid:{one.cid}]" not in whole and not any(_means(found, one) for found in MARKER.finditer(whole))
    )


def _means(found: re.Match[str], one: Attachment) -> bool:
    return bool(
        (found[1] and one.name and found[1].strip() == one.name)
        or (found[2] and found[2].strip("<>") == one.cid)
    )


def _is_decoration(one: Attachment) -> bool:
    content = one.content()
    try:
        width, height = Image.open(BytesIO(content), formats=("JPEG", "PNG", "GIF", "WEBP")).size
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return len(content) < DECORATION_BYTES
    return height <= DECORATION_PIXELS or width <= DECORATION_PIXELS / 2 or len(content) < DECORATION_BYTES


def _take(one: Attachment, by: User, taken: CommentWithImages) -> str:
    name = Truncator(one.name or _("A picture")).chars(60)
    try:
        picture = add_picture(SimpleUploadedFile(one.name or "picture", one.content(), one.kind), by=by)
    except ValidationError as error:
        taken.notes.append(_("%(name)s was left out: %(why)s") % {"name": name, "why": error.messages[0]})
    except TooFast:
        taken.notes.append(
            _("%(name)s was left out: you’ve added many pictures in a short time. Add it later.")
            % {"name": name}
        )
    else:
        return picture_markdown(picture)
    return ""


def _put_in_place(taken: CommentWithImages, pictures: list[Attachment], lines: dict[int, str]) -> None:
    """Insert each picture at its marker, else below the text. Markers without a picture are removed."""
    placed: set[int] = set()

    def look(found: re.Match[str]) -> str:
        for number, one in enumerate(pictures):
            if number not in placed and _means(found, one):
                placed.add(number)
                return f"\n\n{lines[number]}\n\n" if number in lines else ""
        return ""

    has_markers = MARKER.search(taken.words)
    words = MARKER.sub(look, taken.words)
    if has_markers:
        words = "\n".join(line.rstrip() for line in words.split("\n"))
        if len(placed) < len(MARKER.findall(taken.words)) and not lines and not taken.notes:
            taken.notes.append(_("Your email mentions a picture that isn’t attached to it."))
    below = [line for number, line in lines.items() if number not in placed]
    taken.words = re.sub(r"\n{3,}", "\n\n", "\n\n".join([words.strip(), *below])).strip()
