"""The tags, attributes and URLs that are allowed in HTML, and for whom."""

import re
from urllib.parse import urljoin

from django.conf import settings

MEMBER_TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"}
# "*" applies to every tag: without it nh3 allows "title" and "lang".
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
HOST_TAGS = (
    MEMBER_TAGS
    | TABLE_TAGS
    | {"h2", "h3", "h4", "u", "sub", "sup", "small", "cite", "figure", "figcaption", "img", "audio"}
    | {"aside", "section"}
)
# The styles that the host's editor offers (static/css/blocks.css), by element. Other classes are removed.
HOST_CLASSES = {
    "figure": {"wide", "full", "gallery", "audio"},
    "blockquote": {"pull"},
    "aside": {"callout"},
    "a": {"btn", "file", "bookmark", "video"},
    "hr": {"more"},
    "section": {"footnotes"},
    "sup": {"fnref"},
}
CODE_LANGUAGE = re.compile(r"language-[a-z0-9+#.-]{1,30}", re.ASCII)
VIDEO_MARK = re.compile(r"[a-z0-9:._-]{1,120}", re.ASCII | re.IGNORECASE)
FOOTNOTE_ID = re.compile(r"fn(?:ref)?-[1-9][0-9]{0,3}", re.ASCII)
# The elements that contain text in HTML from elsewhere, and those that never do.
WORD_TAGS = HOST_TAGS - {"img", "audio"} | {"div", "span", "h1", "h5", "h6", "section", "article", "center"}
WORDLESS_TAGS = {"script", "style", "title", "template", "object", "svg", "math", "noscript"}
# The elements of a post that may have a direction. If one has letters of both directions, it gets dir="auto".
DIRECTED_TAGS = {"p", "h2", "h3", "h4", "blockquote", "ul", "ol", "li", "figcaption", "th", "td", "caption"}
SELF_DIRECTED_TAGS = {"p", "h2", "h3", "h4", "figcaption", "th", "td", "caption"}
HOST_ATTRIBUTES = {
    **{tag: {"dir"} for tag in DIRECTED_TAGS},
    "*": set(),
    "a": {"class", "data-start", "data-video", "download", "href", "title"},
    "aside": {"class", "dir"},
    "audio": {"controls", "preload", "src"},
    "blockquote": {"class", "dir"},
    "code": {"class"},
    "figure": {"class"},
    "hr": {"class"},
    "li": {"dir", "id"},
    "ol": {"dir", "start"},
    "section": {"class"},
    "sup": {"class", "id"},
    "img": {"src", "alt", "width", "height"},
    "th": {"colspan", "dir", "rowspan", "scope"},
    "td": {"colspan", "dir", "rowspan"},
}
# In CSS pixels. A portrait picture fits on a screen.
PICTURE_MAX_HEIGHT = 544
MEMBER_LINK_REL = "nofollow ugc noopener"
# The scheme of an absolute URL (RFC 3986, 3.1).
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


# --- HTML by hosts ----------------------------------------------------------------------


def _only_our_pictures(tag: str, attribute: str, value: str) -> str | None:
    """nh3 attribute filter: pages load pictures from this site only."""
    if tag in {"img", "audio"} and attribute == "src":
        for ours in (settings.MEDIA_URL, f"{settings.SITE_URL}{settings.MEDIA_URL}"):
            path = value.removeprefix(ours)
            if path != value and not path.startswith("/") and "//" not in path and ".." not in path:
                return value
        return None
    return value


def _allowed_post_attributes(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "dir" and value not in {"ltr", "rtl", "auto"}:
        return None
    if attribute == "id":
        return value if FOOTNOTE_ID.fullmatch(value) else None
    if attribute == "class":
        looks = [
            name
            for name in value.split()
            if name in HOST_CLASSES.get(tag, ()) or (tag == "code" and CODE_LANGUAGE.fullmatch(name))
        ]
        return " ".join(looks) or None
    if attribute in {"data-video", "data-start"}:
        return value if VIDEO_MARK.fullmatch(value) else None
    return _only_our_pictures(tag, attribute, value)


def _absolute_urls(tag: str, attribute: str, value: str) -> str | None:
    """The same with absolute URLs, for readers outside this site; also in links to members."""
    ours = _only_our_pictures(tag, attribute, value)
    addresses = {("a", "href"), ("img", "src"), ("audio", "src")}
    # A footnote is on the same page, wherever that is shown.
    if not ours or (tag, attribute) not in addresses or SCHEME.match(ours) or ours.startswith("#fn"):
        return ours
    try:
        return urljoin(f"{settings.SITE_URL}/", ours)
    except ValueError:  # a browser could not follow it either
        return None


# Of a picture with several files, the one that every program can show.
PICTURE_ATTRIBUTES = {"src", "alt", "width", "height", "loading"}
