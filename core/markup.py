"""The only door from what people write to HTML.

Members write Markdown, hosts write in a rich-text editor. Both leave here as HTML that was sanitised *last*:
no step touches the text after that. Cards and pictures stand between the sanitised parts; they are built here, from
checked numbers and escaped words (docs/decisions/0013). Nothing else in the project may call `mark_safe` or nh3
(tests/test_architecture.py looks).
"""

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import nh3
from django.conf import settings
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from core.dialect import address_at, adopt
from core.direction import give_directions, reads_right_to_left_somewhere
from core.folding import fold
from core.videos import video_at

# Raise it when the HTML of old comments should be made anew (`manage.py render_comments`).
RENDERER_VERSION = 3

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
# Where words stand in HTML from elsewhere, and what holds no words at all.
WORD_TAGS = HOST_TAGS - {"img"} | {"div", "span", "h1", "h5", "h6", "section", "article", "center"}
WORDLESS_TAGS = {"script", "style", "title", "template", "object", "svg", "math", "noscript"}
# What a post may give a direction; where it has letters of both directions, these find their own.
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
# Fuzzy links ("www.example.org", "example.org/page") only under these, so that "went home.So I" stays text.
BARE_LINK_TLDS = ["com", "org", "net", "edu", "gov", "info", "example", "test"]
LINK_LABEL_CHARACTERS = 60
# CSS pixels. A picture that is higher than wide fits on a screen.
PICTURE_MOST_HEIGHT = 544
MEMBER_LINK_REL = "nofollow ugc noopener"
# How an address begins that says by itself where it leads (RFC 3986, 3.1).
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# A picture of the writer's own, on a line of its own: ![what it shows](picture:12)
PICTURE_LINE = re.compile(r"!\[([^\]]*)\]\(picture:([1-9][0-9]{0,17})\)\s*", re.ASCII)
PICTURE_ALT = re.compile(r'<img\b[^>]*?\salt="([^"]+)"')
# "@name", as long as a user name may be. Not in "ann@example.org", "/@name", "@name@elsewhere" and "@name.example".
MENTION = re.compile(r"(?<![\w@/.+-])@([A-Za-z0-9](?:[A-Za-z0-9_-]{0,28}[A-Za-z0-9])?)(?![_-]*[^\W_]|\.?@|\.\w)")
NOT_TEXT = "\N{OBJECT REPLACEMENT CHARACTER}"
# More words than that are not marked in one text.
MOST_MARKED = 60
# Longer than what may stand between two words of one phrase.
END_OF_BLOCK = 5 * "\n"
SCHEME_AT_END = re.compile(r"(?:^|[^a-z0-9.+-])(https?)$", re.IGNORECASE)


@dataclass(frozen=True)
class Picture:
    """A picture of ours as a page shows it. Addresses and measures of its files, and what it shows in words."""

    src: str
    srcset: str
    width: int
    height: int
    alt: str = ""


# Asked once for each text: which of these numbers may its writer show?
PictureFinder = Callable[[set[int]], Mapping[int, Picture]]
# Asked once for each text: which of these user names, in small letters, are members, and where are their pages?
MemberFinder = Callable[[list[str]], Mapping[str, str]]


@dataclass(frozen=True)
class Rendered:
    """HTML that is safe to show, and what was found on the way.

    fold_at: where in the HTML the part behind "read on" begins, which has `folded_words`; both sides are whole HTML.
    0: nothing is folded. pictures: the numbers of those that are shown. mentions: the user names of those linked by "@name".
    """

    html: SafeString
    hosts: list[str] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
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
        children = list[Token]()
        for child in token.children or []:
            opening = children[-1] if children and children[-1].type == "link_open" else None
            if child.type == "link_open":
                state.env.setdefault("hosts", []).append((urlsplit(str(child.attrGet("href"))).hostname or "").lower())
            elif opening is not None and (opening.markup in {"linkify", "autolink"} or not child.content.strip()):
                # "[](https://example.org)" and "[ ](…)" can be seen, too.
                label = tidy_address(str(opening.attrGet("href")))
                if child.type == "link_close":
                    opening.markup = "autolink"
                    children.append(Token("text", "", 0, content=label))
                elif child.type == "text":
                    child.content = label
            children.append(child)
        if token.children:
            token.children = children


def _link_web_addresses(state: StateInline, silent: bool) -> bool:
    """Markdown-it inline rule in place of its own "linkify": addresses with http(s) in running text.

    Its own looks back over the whole paragraph at every "://", so the work grows with the square of the length.
    """
    if not state.src.startswith("://", state.pos) or state.linkLevel > 0 or state.md.linkify is None:
        return False
    scheme = SCHEME_AT_END.search(state.pending[-6:])
    if scheme is None:
        return False
    start = state.pos - len(scheme[1])
    end = address_at(state.md.linkify, state.src, start)
    url = state.src[start:end].replace("&amp;", "&")  # copied out of a page's source
    if not end or end > state.posMax:
        return False
    address = state.md.normalizeLink(url)
    if not state.md.validateLink(address):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[1])]
        opening = state.push("link_open", "a", 1)
        opening.attrs, opening.markup, opening.info = {"href": address}, "linkify", "auto"
        state.push("text", "", 0).content = state.md.normalizeLinkText(url)
        closing = state.push("link_close", "a", -1)
        closing.markup, closing.info = "linkify", "auto"
    state.pos = end
    return True


def _picture_line(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Markdown-it block rule: a picture on a line of its own, outside of lists and quotations."""
    if state.level or state.is_code_block(start):
        return False
    line = PICTURE_LINE.fullmatch(state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]])
    if line is None:
        return False
    if not silent:
        state.line = start + 1
        token = state.push("picture", "", 0)
        token.content, token.meta, token.map = line[1].strip(), {"number": int(line[2]), "typed": line[0].strip()}, [start, state.line]
    return True


def _link_mentions(state: StateCore) -> None:
    """Markdown-it core rule: "@name" of a member becomes a link to their page, and the name is noted.

    Never inside code, links and quotations: whom somebody else called is not called again. "\\@name" stays text.
    """
    find_members: MemberFinder | None = state.env.get("find_members")
    if find_members is None:
        return
    found = list(_mentions_in(state.tokens))
    names = list(dict.fromkeys(match[1].lower() for _block, _place, match in found))[: settings.MENTIONS_MAX]
    pages = find_members(names) if names else {}
    state.env["mentions"] = [name for name in names if name in pages]
    for block, place, match in reversed(found):
        if match[1].lower() in pages:
            index, start = place
            block.children = block.children or []
            block.children[index : index + 1] = _with_link(block.children[index], start, match[0], pages[match[1].lower()])


def _mentions_in(tokens: list[Token]) -> Iterator[tuple[Token, tuple[int, int], re.Match[str]]]:
    """Each "@name" that stands in running text: its block, (which child, where in the child), the match.

    A block is read as one line, in which all that is not text is one strange sign: so "foo**@dora**" is one word.
    """
    quotes = 0
    for block in tokens:
        quotes += block.nesting if block.type in {"blockquote_open", "blockquote_close"} else 0
        if block.type != "inline" or quotes:
            continue
        line, starts, links = "", [], 0
        for child in block.children or []:
            links += child.nesting if child.type in {"link_open", "link_close"} else 0
            is_text = child.type == "text" and not links
            starts.append((len(line), is_text))
            line += child.content if is_text else "" if child.nesting else "\n" if child.type.endswith("break") else NOT_TEXT
        index = 0
        for match in MENTION.finditer(line):
            while index + 1 < len(starts) and starts[index + 1][0] <= match.start():
                index += 1
            offset, is_text = starts[index]
            if is_text and match.end() <= offset + len((block.children or [])[index].content):
                yield block, (index, match.start() - offset), match


def _with_link(text: Token, start: int, label: str, page: str) -> list[Token]:
    """A text token in pieces, with a part of it linked."""
    before, after = Token("text", "", 0, content=text.content[:start]), Token("text", "", 0, content=text.content[start + len(label) :])
    opening, closing = Token("link_open", "a", 1, attrs={"href": page}, markup="mention"), Token("link_close", "a", -1, markup="mention")
    return [before, opening, Token("text", "", 0, content=label), closing, after]


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": 20})
    parser.enable(["linkify", "strikethrough"])
    # What people type by accident stays what they typed: no headings from "#1", no code from an indent,
    # no vanishing "[1]: note", no "&lt;" turned into "<". Pictures have a door of their own.
    parser.disable(["image", "heading", "lheading", "html_inline", "html_block", "code", "reference", "entity"])
    adopt(parser)
    assert parser.linkify is not None  # noqa: S101 - the line above set it
    parser.linkify.set({"fuzzy_link": True, "fuzzy_email": False, "fuzzy_ip": False}).tlds(BARE_LINK_TLDS, keep_old=False)
    parser.linkify.add("ftp:", None).add("//", None).add("mailto:", None)
    parser.validateLink = _is_web_address  # type: ignore[method-assign]
    parser.core.ruler.after("linkify", "tidy_links", _tidy_links)
    parser.core.ruler.after("tidy_links", "mentions", _link_mentions)  # before escaped signs become text again
    parser.inline.ruler.at("linkify", _link_web_addresses)
    parser.block.ruler.before("paragraph", "picture", _picture_line, {"alt": ["paragraph", "blockquote", "list"]})
    return parser


_parser = SimpleLazyObject(_make_parser)


def render_markdown(text: str, *, find_pictures: PictureFinder | None = None, find_members: MemberFinder | None = None) -> Rendered:
    """Member text (Markdown) as safe HTML.

    Raw HTML comes out as text. Links are http(s) only and carry rel="nofollow ugc noopener"; one that stands alone on
    its line becomes a card. Pictures are shown if find_pictures knows their numbers, else the line stays as it was
    typed. So does "@name" unless find_members knows the name; links to members are not among the hosts. The caller
    limits the length; the work is linear in it.
    """
    env: dict[str, Any] = {"find_members": find_members}
    tokens, pictures = _with_pictures(_parser.parse(text, env), find_pictures)
    tokens = list(_with_cards(tokens))
    give_directions(tokens)
    shown, folded, folded_words = fold(tokens)
    first, rest = _member_html(shown, env), _member_html(folded, env)
    return Rendered(
        html=mark_safe(f"{first}\n{rest}" if rest else first),  # noqa: S308 - both came sanitised the line above
        hosts=env.get("hosts", []),
        pictures=pictures,
        mentions=env.get("mentions", []),
        fold_at=len(first) + 1 if rest else 0,
        folded_words=folded_words if rest else 0,
    )


def _member_html(tokens: list[Token], env: dict[str, Any]) -> str:
    """Some blocks of a member's text as HTML, sanitised for themselves, so they are whole for themselves."""
    parts, plain = list[str](), list[Token]()
    for token in [*tokens, None]:
        if token is not None and token.type not in BUILT_BLOCKS:
            plain.append(token)
            continue
        if plain:
            raw = _parser.renderer.render(plain, _parser.options, env)
            parts.append(
                nh3.clean(raw, tags=MEMBER_TAGS, attributes=MEMBER_ATTRIBUTES, url_schemes={"http", "https"}, link_rel=MEMBER_LINK_REL).strip()
            )
            plain = []
        if token is not None:
            parts.append(BUILT_BLOCKS[token.type](token))
    return "\n".join(parts)


# --- blocks that are built here, not sanitised ----------------------------------------


def _with_pictures(tokens: list[Token], find_pictures: PictureFinder | None) -> tuple[list[Token], list[int]]:
    """The tokens with what is known of each picture, and the numbers shown. What is not known, or named twice, is text."""
    asked = {token.meta["number"] for token in tokens if token.type == "picture"}
    known = find_pictures(asked) if asked and find_pictures else {}
    shown: list[int] = []
    out: list[Token] = []
    for token in tokens:
        number: int = token.meta.get("number", 0)
        if token.type != "picture":
            out.append(token)
        elif number in known and number not in shown:
            token.meta["picture"] = known[number]
            shown.append(number)
            out.append(token)
        else:
            out += _paragraph([Token("text", "", 0, content=token.meta["typed"])])
    return out, shown


def _with_cards(tokens: list[Token]) -> Iterator[Token]:
    index = 0
    while index < len(tokens):
        if tokens[index].type == "paragraph_open" and tokens[index].level == 0:
            yield from _cards_in(tokens[index : index + 3])
            index += 3
        else:
            yield tokens[index]
            index += 1


def _cards_in(paragraph: list[Token]) -> list[Token]:
    """A paragraph with a card in place of each video alone on its line, and of another address if it is the only one."""
    lines = list(_lines(paragraph[1].children or []))
    alone = sum(map(_is_one_link, lines))
    if not alone:
        return paragraph
    out: list[Token] = []
    words: list[Token] = []
    for line in [*lines, []]:
        is_card = _is_one_link(line) and (alone == 1 or video_at(str(line[0].attrGet("href"))) is not None)
        if line and not is_card:
            words += [*([Token("softbreak", "br", 0)] if words else []), *line]
            continue
        if words:
            out += _paragraph(words)
            words = []
        if is_card:
            out.append(_card(line))
    return out


def _lines(children: list[Token]) -> Iterator[list[Token]]:
    line: list[Token] = []
    depth = 0
    for child in children:
        depth += child.nesting
        if depth == 0 and child.type in {"softbreak", "hardbreak"}:
            yield line
            line = []
        elif child.content or child.type != "text":
            line.append(child)
    yield line


def _is_one_link(line: list[Token]) -> bool:
    if len(line) < 2 or line[0].type != "link_open" or line[0].markup == "mention":
        return False
    return [at for at, token in enumerate(line) if token.type == "link_close"] == [len(line) - 1]


def _card(link: list[Token]) -> Token:
    href = str(link[0].attrGet("href"))
    label = " ".join("".join(" " if token.type.endswith("break") else token.content for token in link[1:-1]).split())
    is_bare = link[0].markup in {"linkify", "autolink"} or not label
    return Token("card", "", 0, content=tidy_address(href) if is_bare else label, meta={"href": href, "is_bare": is_bare})


def _paragraph(children: list[Token]) -> list[Token]:
    inline = Token("inline", "", 0, level=1, children=children, content="".join(child.content for child in children), block=True)
    return [Token("paragraph_open", "p", 1, block=True), inline, Token("paragraph_close", "p", -1, block=True)]


def _card_html(card: Token) -> str:
    href, label = card.meta["href"], card.content
    video = video_at(href)
    if video is None:
        place = "" if card.meta["is_bare"] else format_html(" <span>{}</span>", urlsplit(href).hostname or "")
        return format_html('<p><a class="linkcard" href="{}" rel="{}"><span><b>{}</b>{}</span></a></p>', href, MEMBER_LINK_REL, label, place)
    start = format_html(' data-start="{}"', video.start) if video.start else ""
    return format_html(
        '<p><a class="video" href="{}" rel="{}" data-video="{}:{}"{}><span><span class="go"></span><b>{}</b> {}</span></a></p>',
        href, MEMBER_LINK_REL, video.site, video.key, start, label, video.site_name,
    )  # fmt: skip


def _picture_html(token: Token) -> str:
    """The measures are those that a wide page shows it in, so the browser keeps the place free before the picture is there."""
    picture: Picture = token.meta["picture"]
    scale = min(1, PICTURE_MOST_HEIGHT / picture.height)
    width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return format_html(
        '<p><picture><source type="image/webp" srcset="{}" sizes="(min-width: 48rem) 40rem, 92vw">'
        '<img src="{}" alt="{}" width="{}" height="{}" loading="lazy" decoding="async"></picture></p>',
        picture.srcset, picture.src, token.content or picture.alt or _("A picture without a description"), width, height,
    )  # fmt: skip


BUILT_BLOCKS: dict[str, Callable[[Token], str]] = {"card": _card_html, "picture": _picture_html}


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
    """The same, with whole addresses, for readers who are not on this site. So are links to members."""
    ours = _only_our_pictures(tag, attribute, value)
    if not ours or (tag, attribute) not in {("a", "href"), ("img", "src")} or SCHEME.match(ours):
        return ours
    try:
        return urljoin(f"{settings.SITE_URL}/", ours)
    except ValueError:  # nothing that a browser could follow either
        return None


def clean_post_html(raw: str) -> str:
    """What the host's editor sends, reduced to what a post may hold. Pictures only from our own media."""
    clean = nh3.clean(
        raw,
        tags=HOST_TAGS,
        attributes=HOST_ATTRIBUTES,
        attribute_filter=_only_what_a_post_may_say,
        set_tag_attribute_values={tag: {"dir": "auto"} for tag in SELF_DIRECTED_TAGS} if reads_right_to_left_somewhere(raw) else {},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
    )
    return re.sub(r"<img(?![^>]*\ssrc=)[^>]*>|<p></p>", "", clean).strip()


def count_pictures(some_html: str) -> int:
    return len(re.findall(r"<(?:img|svg)\b", some_html, re.IGNORECASE))


def trusted(clean_html: str) -> SafeString:
    """HTML that came through this module before it was stored, ready for a template."""
    return mark_safe(clean_html)  # noqa: S308 - the stored result of render_markdown or clean_post_html


def assembled(pieces: Iterable[str]) -> SafeString:
    """Pieces of one page that templates rendered, put together again."""
    return mark_safe("".join(pieces))  # noqa: S308 - each piece was escaped by its template


def plain_text(some_html: str) -> str:
    """The words of some HTML on one line, for descriptions, excerpts and feeds' summaries."""
    spaced = re.sub(r"<(?:/p|/li|/h[1-6]|/blockquote|/t[dhr]|/caption|/figcaption|br|hr)\b[^>]*>", " ", some_html)
    return " ".join(html.unescape(nh3.clean(spaced, tags=set())).split())


def well_formed(foreign_html: str) -> str:
    """HTML of any kind with every tag closed in its place, for taking words out of it. Not for a page of ours.

    Python's own parser takes quadratic time over HTML that is broken on purpose; a browser's does not.
    """
    return nh3.clean(foreign_html, tags=WORD_TAGS, clean_content_tags=WORDLESS_TAGS, attributes={"*": {"class", "id", "type"}}, link_rel=None)


@dataclass(frozen=True)
class Link:
    """Where a link goes, whole, and what it says it is."""

    url: str
    label: str

    @property
    def says_where(self) -> bool:
        """The label is the address, in readable letters or cut short behind the host: then there is nothing to add to it."""
        said, *wholes = (_bare(text) for text in (self.label, self.url, unquote(self.url)))
        begin = said.removesuffix("…")
        return any(said == whole or (begin != said and "/" in begin and whole.startswith(begin)) for whole in wholes)


def _bare(address: str) -> str:
    return re.sub(r"^(?:https?://|mailto:)?(?:www\.)?", "", address.strip(), flags=re.IGNORECASE).removesuffix("/")


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
            if not self._open[0].startswith("/"):
                self.links.append(Link(url=self._open[0], label=" ".join("".join(self._open[1]).split())))
            self._open = None


def links_in(clean_html: str) -> list[Link]:
    """The links to elsewhere in HTML that was made here, in reading order. Those to members are not among them."""
    finder = _LinkFinder()
    finder.feed(clean_html)
    finder.close()
    return finder.links


# Of a picture with its kinds of files, the one that everybody can show.
PICTURE_ATTRIBUTES = {"src", "alt", "width", "height", "loading"}


def without_links(clean_html: str, marked: Sequence[str] = ()) -> SafeString:
    """Member HTML whose links cannot be followed: their labels stay as words, and so do pictures.

    marked: words and hosts to be put into <mark>, wherever they stand.
    """
    return mark_safe(  # noqa: S308 - sanitised in the same breath
        nh3.clean(
            _with_marks(clean_html, marked) if marked else clean_html,
            tags=MEMBER_TAGS - {"a"} | {"img", "mark"},
            attributes={**MEMBER_ATTRIBUTES, "img": PICTURE_ATTRIBUTES},
            attribute_filter=_only_our_pictures,
        )
    )


def with_marks(text: str, marked: Sequence[str]) -> SafeString:
    """Plain text as HTML, with these words and hosts in <mark>."""
    *cuts, (rest, _nothing) = _cut(text, marks_in(text, marked))
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", cuts), rest)


def _with_marks(clean_html: str, marked: Sequence[str]) -> str:
    """HTML to be sanitised, with <mark> around what is found. A phrase may begin in bold and end in plain letters."""
    reader = _PieceReader()
    reader.feed(clean_html)
    reader.close()
    spans = marks_in("".join(text for text, _tag in reader.pieces), marked)
    out, place, index = list[str](), 0, 0
    for text, tag in reader.pieces:
        if tag:
            out.append(tag)
        else:
            end = place + len(text)
            while index and spans[index - 1][1] > place:
                index -= 1
            inside = []
            while index < len(spans) and spans[index][0] < end:
                if spans[index][1] > place:
                    inside.append((max(spans[index][0] - place, 0), min(spans[index][1], end) - place))
                index += 1
            out += [f"{html.escape(before)}<mark>{html.escape(mark)}</mark>" if mark else html.escape(before) for before, mark in _cut(text, inside)]
        place += len(text)
    return "".join(out)


def _cut(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[str, str]]:
    """The text as pairs of what is before a span and what is in it; the last one has nothing in it."""
    place = 0
    for start, end in spans:
        yield text[place:start], text[start:end]
        place = end
    yield text[place:], ""


class _PieceReader(HTMLParser):
    """HTML as pieces of text, and tags between them. A block ends a line, so that no phrase runs on into the next."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag(tag, self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self._tag(tag, f"</{tag}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag(tag, self.get_starttag_text() or "")

    def _tag(self, tag: str, written: str) -> None:
        self.pieces.append(("" if tag in {"a", "em", "strong", "s", "code"} else END_OF_BLOCK, written))

    def handle_data(self, data: str) -> None:
        self.pieces.append((data, ""))


def marks_in(text: str, marked: Sequence[str]) -> list[tuple[int, int]]:
    """Where these words and hosts stand in a text: (start, end), in order, none in another.

    Letters in fancy dress and invisible signs between them are seen through, as the guard against spam does.
    """
    wanted = {_plain_signs(mark)[0].strip() for mark in marked[:MOST_MARKED]}
    patterns = []
    for mark in sorted((mark for mark in wanted if len(mark) > 1), key=len, reverse=True):
        pattern = r"[\W_]{1,4}".join(map(re.escape, mark.split()))
        before, after = (
            (r"(?<!\w)" if mark[0].isascii() and mark[0].isalnum() else ""),
            (r"(?!\w)" if mark[-1].isascii() and mark[-1].isalnum() else ""),
        )
        patterns.append(f"{before}{pattern}{after}")
    if not patterns:
        return []
    plain, places = _plain_signs(text)
    spans: list[tuple[int, int]] = []
    for match in re.finditer("|".join(patterns), plain):
        start, end = places[match.start()], places[match.end() - 1] + 1
        if not spans or start >= spans[-1][1]:
            spans.append((start, end))
    return spans


def _plain_signs(text: str) -> tuple[str, list[int]]:
    """A text in small plain letters, and for each of them where in the text it comes from."""
    signs, places = list[str](), list[int]()
    for place, sign in enumerate(text):
        plain = sign.lower() if sign.isascii() else "" if unicodedata.category(sign) == "Cf" else unicodedata.normalize("NFKC", sign).casefold()
        signs.append(plain)
        places += [place] * len(plain)
    return "".join(signs), places


def for_elsewhere(clean_html: str) -> str:
    """Member HTML for feeds and mails: plain links in place of cards, pictures with whole addresses."""
    return nh3.clean(
        clean_html,
        tags=MEMBER_TAGS | {"img"},
        attributes=MEMBER_ATTRIBUTES | {"img": PICTURE_ATTRIBUTES - {"loading"}},
        attribute_filter=_whole_addresses,
        url_schemes={"http", "https"},
        link_rel=MEMBER_LINK_REL,
    )


def readable(text: str, pictures: Mapping[int, str]) -> str:
    """Member Markdown for the plain part of a mail: as it was typed, but for pictures, which are said in words.

    pictures: what those of the text show, by number. Other lines of that form are text on the page, and stay as they are.
    """
    lines = text.split("\n")
    for token in _parser.parse(text, {}):
        if token.type == "picture" and token.map and token.meta["number"] in pictures:
            shows = pictures[token.meta["number"]]
            lines[token.map[0]] = _("[Picture: %(description)s]") % {"description": token.content or shows or _("no description")}
    return "\n".join(lines)


def excerpt(some_html: str, characters: int = 200) -> str:
    """The first words of some HTML, cut between words. Where there are only pictures, what they show."""
    text = plain_text(some_html) or " ".join(html.unescape(alt) for alt in PICTURE_ALT.findall(some_html))
    if len(text) <= characters:
        return text
    return text[: characters - 1].rsplit(" ", 1)[0].rstrip(".,;:!?-–— ") + "…"


def json_ld(data: object) -> SafeString:
    """Structured data (schema.org) as a script element that is data, not a script: no word in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - < > & are escaped above
