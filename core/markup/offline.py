"""HTML for a file that is read without a network: pictures are embedded as data, links are text."""

import base64
import mimetypes
import re
from collections.abc import Callable
from html import unescape
from urllib.parse import urlsplit

import nh3
from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.markup.links import Link
from core.markup.newcomers import HREF, LINK
from core.markup.safe import trusted
from core.utils.files import AUDIO_TYPES

# A function that takes the URL of a picture and returns the contents of its file; None if it is gone. Instead
# of a function, None means that the page is read on the site, and pictures stay at their URLs.
PictureReader = Callable[[str], bytes | None]
TAGS = {
    "p",
    "br",
    "em",
    "strong",
    "b",
    "i",
    "del",
    "s",
    "blockquote",
    "ul",
    "ol",
    "li",
    "code",
    "pre",
    "hr",
    "img",
    "span",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
}
KEPT = {"img": {"src", "alt", "width", "height"}, "ol": {"start"}}
IMAGE = re.compile(r"<img\b[^>]*>")
ATTRIBUTE = re.compile(r'\b(src|alt|width|height)="([^"]*)"')


def offline_html(clean_html: str, read: PictureReader | None) -> SafeString:
    """HTML without links or external files. All of its text is kept, and URLs follow the links' text."""
    flat = nh3.clean(LINK.sub(_link_as_text, clean_html), tags=TAGS, attributes=KEPT)
    return trusted(flat if read is None else IMAGE.sub(lambda match: _picture(match[0], read), flat))


def own_sheet(styles: str) -> SafeString:
    """A stylesheet of ours inside a standalone page."""
    return trusted(f"<style>{styles}</style>")


def data_address(name: str, content: bytes) -> str:
    return _data(mimetypes.guess_type(name)[0] or "image/webp", content)


def audio_address(name: str, content: bytes = b"") -> str:
    """The data URL of a recording. The system's list of types may lack Ogg, M4A and FLAC."""
    return _data(AUDIO_TYPES[name.rpartition(".")[2].lower()], content)


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _link_as_text(match: re.Match[str]) -> str:
    """The label of a link, and the address behind it unless the label is the address."""
    found = HREF.search(match[1])
    address = unescape(found[1]) if found else ""
    label = " ".join(unescape(strip_tags(match[2])).split())
    if not urlsplit(address).netloc or Link(address, label).shows_target:
        return match[2]
    return f"{match[2]} ({escape(address)})"


def _picture(element: str, read: PictureReader) -> str:
    values = dict(ATTRIBUTE.findall(element))
    address = unescape(values.pop("src", ""))
    content = read(address) if address else None
    if content is None:
        return f"<em>[{escape(_('Picture'))}: {values.get('alt', '')}]</em>"
    rest = "".join(f' {name}="{value}"' for name, value in values.items())
    return f'<img src="{data_address(address, content)}"{rest}>'
