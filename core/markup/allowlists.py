"""Which tags, attributes and addresses are allowed in HTML, and for whom."""

import re
from urllib.parse import urljoin

from django.conf import settings

MEMBER_TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"}
# "*" is for every tag: without it nh3 lets "title" and "lang" through.
MEMBER_ATTRIBUTES = {
    "*": set(),
    "a": {"href"},
    "p": {"dir"},
    "blockquote": {"dir"},
    "ul": {"dir"},
    "ol": {"dir", "start"},
    "li": {"dir", "value"},
}
TABLE_TAGS = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
HOST_TAGS = MEMBER_TAGS | TABLE_TAGS | {"h2", "h3", "h4", "u", "sub", "sup", "figure", "figcaption", "img"}
# The elements that contain text in HTML from elsewhere, and those that never do.
WORD_TAGS = HOST_TAGS - {"img"} | {"div", "span", "h1", "h5", "h6", "section", "article", "center"}
WORDLESS_TAGS = {"script", "style", "title", "template", "object", "svg", "math", "noscript"}
# The elements of a post that may have a direction; where it has letters of both directions, they get dir="auto".
DIRECTED_TAGS = {"p", "h2", "h3", "h4", "blockquote", "ul", "ol", "li", "figcaption", "th", "td", "caption"}
SELF_DIRECTED_TAGS = {"p", "h2", "h3", "h4", "figcaption", "th", "td", "caption"}
HOST_ATTRIBUTES = {
    **{tag: {"dir"} for tag in DIRECTED_TAGS},
    "*": set(),
    "a": {"href", "title"},
    "ol": {"dir", "start"},
    "img": {"src", "alt", "width", "height"},
    "th": {"colspan", "dir", "rowspan", "scope"},
    "td": {"colspan", "dir", "rowspan"},
}
# CSS pixels. A picture that is higher than wide fits on a screen.
PICTURE_MOST_HEIGHT = 544
MEMBER_LINK_REL = "nofollow ugc noopener"
# The beginning of an absolute address (RFC 3986, 3.1).
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


# --- the host's HTML --------------------------------------------------------------------


def _only_our_pictures(tag: str, attribute: str, value: str) -> str | None:
    """nh3 attribute filter: a page loads pictures from this site alone."""
    if tag == "img" and attribute == "src":
        for ours in (settings.MEDIA_URL, f"{settings.SITE_URL}{settings.MEDIA_URL}"):
            path = value.removeprefix(ours)
            if path != value and not path.startswith("/") and "//" not in path and ".." not in path:
                return value
        return None
    return value


def _only_what_a_post_may_say(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "dir" and value not in {"ltr", "rtl", "auto"}:
        return None
    return _only_our_pictures(tag, attribute, value)


def _whole_addresses(tag: str, attribute: str, value: str) -> str | None:
    """The same with absolute addresses, for readers outside this site, including links to members."""
    ours = _only_our_pictures(tag, attribute, value)
    if not ours or (tag, attribute) not in {("a", "href"), ("img", "src")} or SCHEME.match(ours):
        return ours
    try:
        return urljoin(f"{settings.SITE_URL}/", ours)
    except ValueError:  # nor anything that a browser could follow
        return None


# Of a picture with its kinds of files, the one that everybody can show.
PICTURE_ATTRIBUTES = {"src", "alt", "width", "height", "loading"}
