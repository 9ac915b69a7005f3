"""The only door from what people write to HTML.

Members write Markdown, hosts write in a rich-text editor. Both leave here as HTML that was sanitised *last*:
no step touches the text after that. Nothing else in the project may call `mark_safe` or nh3
(tests/test_architecture.py looks).
"""

import html
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import nh3
from django.conf import settings
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from core.folding import fold

# Raise it when the HTML of old comments should be made anew (`manage.py render_comments`).
RENDERER_VERSION = 2

MEMBER_TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"}
# "*" is for every tag: without it nh3 lets "title" and "lang" through.
MEMBER_ATTRIBUTES = {"*": set(), "a": {"href"}, "ol": {"start"}}
HOST_TAGS = MEMBER_TAGS | {"h2", "h3", "h4", "u", "sub", "sup", "figure", "figcaption", "img"}
HOST_ATTRIBUTES = {"*": set(), "a": {"href", "title"}, "ol": {"start"}, "img": {"src", "alt", "width", "height"}}
# Fuzzy links ("www.example.org", "example.org/page") only under these, so that "went home.So I" stays text.
BARE_LINK_TLDS = ["com", "org", "net", "edu", "gov", "info", "example", "test"]
LINK_LABEL_CHARACTERS = 60
SCHEME_AT_END = re.compile(r"(?:^|[^a-z0-9.+-])(https?)$", re.IGNORECASE)


@dataclass(frozen=True)
class Rendered:
    """HTML that is safe to show, and what was found on the way.

    fold_at: where in the HTML the part behind "read on" begins, which has `folded_words`; both sides are whole HTML.
    0: nothing is folded.
    """

    html: SafeString
    hosts: list[str] = field(default_factory=list)
    fold_at: int = 0
    folded_words: int = 0

    @property
    def link_count(self) -> int:
        return len(self.hosts)


def _is_web_address(url: str) -> bool:
    """Absolute http(s) with a host. Relative ones stay out: "//evil.example" looks like a path and is not."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def tidy_address(url: str) -> str:
    """An address as people read it: no scheme, no "www.", no bare slash at the end, not longer than a line.

    The host is always whole, and in its ASCII form, so that the label cannot name another place than the link.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower().removeprefix("www.")
    path = unquote(parts.path, errors="strict") if _decodes(parts.path) else parts.path
    rest = path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    rest = "".join(sign for sign in rest if sign.isprintable())
    room = max(LINK_LABEL_CHARACTERS - len(host), 12)
    if rest == "/":
        rest = ""
    return host + (rest if len(rest) <= room else rest[: room - 1] + "…")


def _decodes(path: str) -> bool:
    try:
        unquote(path, errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def _tidy_links(state: StateCore) -> None:
    """Markdown-it core rule: give bare addresses a readable label and note every host that is linked."""
    for token in state.tokens:
        children = token.children or []
        for index, child in enumerate(children):
            if child.type != "link_open":
                continue
            href = str(child.attrGet("href") or "")
            state.env.setdefault("hosts", []).append((urlsplit(href).hostname or "").lower())
            if child.markup in {"linkify", "autolink"} and index + 1 < len(children):
                children[index + 1].content = tidy_address(href)


def _link_web_addresses(state: StateInline, silent: bool) -> bool:
    """Markdown-it inline rule in place of its own "linkify": addresses with http(s) in running text.

    Its own looks back over the whole paragraph at every "://", so the work grows with the square of the length.
    """
    if not state.src.startswith("://", state.pos) or state.linkLevel > 0 or state.md.linkify is None:
        return False
    scheme = SCHEME_AT_END.search(state.pending[-6:])
    if scheme is None:
        return False
    before = len(scheme[1])
    link = state.md.linkify.match_at_start(state.src[state.pos - before :])
    if link is None:
        return False
    url = link.url.rstrip("*")  # the end of **bold**
    address = state.md.normalizeLink(url)
    if not state.md.validateLink(address):
        return False
    if not silent:
        state.pending = state.pending[:-before]
        opening = state.push("link_open", "a", 1)
        opening.attrs, opening.markup, opening.info = {"href": address}, "linkify", "auto"
        state.push("text", "", 0).content = state.md.normalizeLinkText(url)
        closing = state.push("link_close", "a", -1)
        closing.markup, closing.info = "linkify", "auto"
    state.pos += len(url) - before
    return True


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": 20})
    parser.enable(["linkify", "strikethrough"])
    # What people type by accident stays what they typed: no headings from "#1", no code from an indent,
    # no vanishing "[1]: note", no "&lt;" turned into "<". Pictures have a door of their own.
    parser.disable(["image", "heading", "lheading", "html_inline", "html_block", "code", "reference", "entity"])
    assert parser.linkify is not None  # noqa: S101 - it is there because of the option above
    parser.linkify.set({"fuzzy_link": True, "fuzzy_email": False, "fuzzy_ip": False}).tlds(BARE_LINK_TLDS, keep_old=False)
    parser.linkify.add("ftp:", None).add("//", None).add("mailto:", None)
    parser.validateLink = _is_web_address  # type: ignore[method-assign]
    parser.core.ruler.after("linkify", "tidy_links", _tidy_links)
    parser.inline.ruler.at("linkify", _link_web_addresses)
    return parser


_parser = SimpleLazyObject(_make_parser)


def render_markdown(text: str) -> Rendered:
    """Member text (Markdown) as safe HTML.

    Raw HTML comes out as text. Links are http(s) only and carry rel="nofollow ugc noopener". The caller limits
    the length; the work is linear in it.
    """
    env: dict[str, list[str]] = {}
    shown, folded, folded_words = fold(_parser.parse(text, env))
    first, rest = _member_html(shown, env), _member_html(folded, env)
    fold_at = len(first) + 1 if rest else 0
    return Rendered(
        html=mark_safe(f"{first}\n{rest}" if rest else first),  # noqa: S308 - both were sanitised the line above
        hosts=env.get("hosts", []),
        fold_at=fold_at,
        folded_words=folded_words if rest else 0,
    )


def _member_html(tokens: list[Token], env: dict[str, list[str]]) -> str:
    """Some blocks of a member's text as HTML. Sanitised for itself, so it is whole for itself."""
    raw = _parser.renderer.render(tokens, _parser.options, env)
    return nh3.clean(raw, tags=MEMBER_TAGS, attributes=MEMBER_ATTRIBUTES, url_schemes={"http", "https"}, link_rel="nofollow ugc noopener").strip()


def _only_our_pictures(tag: str, attribute: str, value: str) -> str | None:
    """nh3 attribute filter: a page loads pictures from this site alone."""
    if tag == "img" and attribute == "src":
        ours = (settings.MEDIA_URL, f"{settings.SITE_URL}{settings.MEDIA_URL}")
        path = value.removeprefix(settings.SITE_URL)
        return value if value.startswith(ours) and "//" not in path and ".." not in path else None
    return value


def clean_post_html(raw: str) -> str:
    """What the host's editor sends, reduced to what a post may hold. Pictures only from our own media."""
    clean = nh3.clean(
        raw,
        tags=HOST_TAGS,
        attributes=HOST_ATTRIBUTES,
        attribute_filter=_only_our_pictures,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
    )
    return re.sub(r"<img(?![^>]*\ssrc=)[^>]*>|<p></p>", "", clean).strip()


def trusted(clean_html: str) -> SafeString:
    """HTML that came through this module before it was stored, ready for a template."""
    return mark_safe(clean_html)  # noqa: S308 - the stored result of render_markdown or clean_post_html


def assembled(pieces: Iterable[str]) -> SafeString:
    """Pieces of one page that templates rendered, put together again."""
    return mark_safe("".join(pieces))  # noqa: S308 - each piece was escaped by its template


def plain_text(some_html: str) -> str:
    """The words of some HTML on one line, for descriptions, excerpts and feeds' summaries."""
    spaced = re.sub(r"<(?:/p|/li|/h[1-6]|/blockquote|br|hr)\b[^>]*>", " ", some_html)
    return " ".join(html.unescape(nh3.clean(spaced, tags=set())).split())


@dataclass(frozen=True)
class Link:
    """Where a link goes, whole, and what it says it is."""

    url: str
    label: str


class _LinkFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[Link] = []
        self._open: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._open = (dict(attrs).get("href") or "", [])

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open:
            self.links.append(Link(url=self._open[0], label=" ".join("".join(self._open[1]).split())))
            self._open = None


def links_in(clean_html: str) -> list[Link]:
    """The links in HTML that was made here, in reading order."""
    finder = _LinkFinder()
    finder.feed(clean_html)
    finder.close()
    return finder.links


def without_links(clean_html: str) -> SafeString:
    """Member HTML whose links cannot be followed: their labels stay as words."""
    return mark_safe(nh3.clean(clean_html, tags=MEMBER_TAGS - {"a"}, attributes={"*": set(), "ol": {"start"}}))  # noqa: S308 - sanitised in the same breath


def excerpt(some_html: str, characters: int = 200) -> str:
    """The first words of some HTML, cut between words."""
    text = plain_text(some_html)
    if len(text) <= characters:
        return text
    return text[: characters - 1].rsplit(" ", 1)[0].rstrip(".,;:!?-–— ") + "…"


def json_ld(data: object) -> SafeString:
    """Structured data (schema.org) as a script element that is data, not a script: no word in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - < > & are escaped above
