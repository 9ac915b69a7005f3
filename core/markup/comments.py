"""The only place where member text becomes HTML.

Members write Markdown, hosts use a rich-text editor. Both become HTML that is sanitised *last*: no step
changes the text after that. Cards and pictures are inserted between the sanitised parts; they are built here
from checked numbers and escaped text (docs/decisions/0013). Nothing else in the project may call `mark_safe`
or nh3 (tests/test_architecture.py checks it).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import nh3
from django.conf import settings
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from core.markup.allowlists import MEMBER_ATTRIBUTES, MEMBER_LINK_REL, MEMBER_TAGS, PICTURE_MAX_HEIGHT
from core.markup.cards import PageFinder, _card_html, _paragraph, _with_cards, set_card_pages
from core.markup.dialect import address_at, adopt
from core.markup.direction import give_directions
from core.markup.folding import fold
from core.markup.links import _is_web_address, tidy_address

# Increase it if old comments must be rendered again (`manage.py render_comments`).
RENDERER_VERSION = 4
# Links without a scheme ("www.example.org", "example.org/page") only under these, so that "went home.So I"
# stays text.
BARE_LINK_TLDS = ["com", "org", "net", "edu", "gov", "info", "example", "test"]
# A picture uploaded by the author, on a line of its own: ![what it shows](picture:12)
PICTURE_LINE = re.compile(r"!\[([^\]]*)\]\(picture:([1-9][0-9]{0,17})\)\s*", re.ASCII)
# "@name", as long as a username may be. Not in "ann@example.org", "/@name", "@name@elsewhere" and
# "@name.example".
MENTION = re.compile(
    r"(?<![\w@/.+-])@([A-Za-z0-9](?:[A-Za-z0-9_-]{0,28}[A-Za-z0-9])?)(?![_-]*[^\W_]|\.?@|\.\w)"
)
NOT_TEXT = "\N{OBJECT REPLACEMENT CHARACTER}"
SCHEME_AT_END = re.compile(r"(?:^|[^a-z0-9.+-])(https?)$", re.IGNORECASE)


@dataclass(frozen=True)
class Picture:
    """An uploaded picture as shown on a page: URLs and dimensions of its files, and its alt text."""

    src: str
    srcset: str
    width: int
    height: int
    alt: str = ""


# Called once for each text: returns those of these numbers that its author may show.
PictureFinder = Callable[[set[int]], Mapping[int, Picture]]


class Mentioned(NamedTuple):
    """A member's profile: its URL, the name to show (empty: as typed), and the username.

    username: set if a former name was typed.
    """

    address: str
    name: str = ""
    username: str = ""


# Called once for each text: returns those of these lowercase usernames that are members'.
MemberFinder = Callable[[list[str]], Mapping[str, Mentioned]]


@dataclass(frozen=True)
class Rendered:
    """Safe HTML, and what was found while rendering.

    fold_at: where in the HTML the part behind "Read more" begins, which has `folded_words`; both sides are
    complete HTML. 0 means no fold. pictures: the numbers of shown pictures. mentions: the usernames that
    "@name" links to.
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


def _tidy_links(state: StateCore) -> None:
    """Markdown-it core rule: give bare URLs a readable label and collect the hosts of all links."""
    for token in state.tokens:
        children = list[Token]()
        for child in token.children or []:
            opening = children[-1] if children and children[-1].type == "link_open" else None
            if child.type == "link_open":
                state.env.setdefault("hosts", []).append(
                    (urlsplit(str(child.attrGet("href"))).hostname or "").lower()
                )
            elif opening is not None and (
                opening.markup in {"linkify", "autolink"} or not child.content.strip()
            ):
                # "[](https://example.org)" and "[ ](…)" are visible, too.
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
    """Markdown-it inline rule in place of "linkify": URLs with http(s) in running text.

    The original searches the whole paragraph backwards at every "://", which takes quadratic time.
    """
    if not state.src.startswith("://", state.pos) or state.linkLevel > 0 or state.md.linkify is None:
        return False
    scheme = SCHEME_AT_END.search(state.pending[-6:])
    if scheme is None:
        return False
    start = state.pos - len(scheme[1])
    end = address_at(state.md.linkify, state.src, start)
    url = state.src[start:end].replace("&amp;", "&")  # copied from HTML source
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


def _picture_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Markdown-it block rule: a picture on a line of its own, outside lists and quotations."""
    if state.level or state.is_code_block(start):
        return False
    line = PICTURE_LINE.fullmatch(state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]])
    if line is None:
        return False
    if not silent:
        state.line = start + 1
        token = state.push("picture", "", 0)
        token.content, token.meta, token.map = (
            line[1].strip(),
            {"number": int(line[2]), "typed": line[0].strip()},
            [start, state.line],
        )
    return True


def _link_mentions(state: StateCore) -> None:
    """Markdown-it core rule: "@name" of a member becomes a link to their profile, with their current name.

    Never inside code, links and quotations: a quoted mention does not notify again. "\\@name" stays text.
    """
    find_members: MemberFinder | None = state.env.get("find_members")
    if find_members is None:
        return
    found = list(_mentions_in(state.tokens))
    names = list(dict.fromkeys(match[1].lower() for _block, _place, match in found))[: settings.MENTIONS_MAX]
    members = find_members(names) if names else {}
    usernames = (members[name].username or name for name in names if name in members)
    state.env["mentions"] = list(dict.fromkeys(usernames))
    for block, place, match in reversed(found):
        member = members.get(match[1].lower())
        if member is not None:
            index, start = place
            block.children = block.children or []
            block.children[index : index + 1] = _with_link(block.children[index], start, match[0], member)


def _mentions_in(tokens: list[Token]) -> Iterator[tuple[Token, tuple[int, int], re.Match[str]]]:
    """Each "@name" in running text: its block, (which child, position in the child), the match.

    A block is read as one line, in which everything that is not text is one special character: so
    "foo**@dora**" is one word. An escaped character counts as itself, but no mention begins with it: neither
    in "\\@dora" nor in "\\@@dora".
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
            line += (
                child.content
                if is_text or (child.type == "text_special" and not links)
                else ""
                if child.nesting
                else "\n"
                if child.type.endswith("break")
                else NOT_TEXT
            )
        index = 0
        for match in MENTION.finditer(line):
            while index + 1 < len(starts) and starts[index + 1][0] <= match.start():
                index += 1
            offset, is_text = starts[index]
            if is_text and match.end() <= offset + len((block.children or [])[index].content):
                yield block, (index, match.start() - offset), match


def _with_link(text: Token, start: int, label: str, member: Mentioned) -> list[Token]:
    """Split a text token, with a part of it linked."""
    before, after = (
        Token("text", "", 0, content=text.content[:start]),
        Token("text", "", 0, content=text.content[start + len(label) :]),
    )
    opening, closing = (
        Token("link_open", "a", 1, attrs={"href": member.address}, markup="mention"),
        Token("link_close", "a", -1, markup="mention"),
    )
    shown = f"@{member.name}" if member.name else label
    return [before, opening, Token("text", "", 0, content=shown), closing, after]


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": 20})
    parser.enable(["linkify", "strikethrough"])
    # Accidental markup stays as typed: no headings from "#1", no code from an indent, no vanishing "[1]:
    # note", no "&lt;" turned into "<". Pictures have a rule of their own.
    parser.disable(
        ["image", "heading", "lheading", "html_inline", "html_block", "code", "reference", "entity"]
    )
    adopt(parser)
    assert parser.linkify is not None  # noqa: S101 - the line above set it
    parser.linkify.set({"fuzzy_link": True, "fuzzy_email": False, "fuzzy_ip": False}).tlds(
        BARE_LINK_TLDS, keep_old=False
    )
    parser.linkify.add("ftp:", None).add("//", None).add("mailto:", None)
    parser.validateLink = _is_web_address  # type: ignore[method-assign]  # as markdown-it's documentation says
    parser.core.ruler.after("linkify", "tidy_links", _tidy_links)
    parser.core.ruler.after(
        "tidy_links", "mentions", _link_mentions
    )  # before escaped characters become text again
    parser.inline.ruler.at("linkify", _link_web_addresses)
    parser.block.ruler.before(
        "paragraph", "picture", _picture_rule, {"alt": ["paragraph", "blockquote", "list"]}
    )
    return parser


_parser = SimpleLazyObject(_make_parser)


def render_markdown(
    text: str,
    *,
    find_pictures: PictureFinder | None = None,
    find_members: MemberFinder | None = None,
    find_pages: PageFinder | None = None,
) -> Rendered:
    """Render member text (Markdown) as safe HTML.

    Raw HTML becomes text. Links are http(s) only and have rel="nofollow ugc noopener"; one alone on its line
    becomes a card. Pictures are shown if find_pictures knows their numbers, otherwise the line stays as
    typed. So does "@name" unless find_members knows the name; links to members are not among the hosts. Cards
    contain what find_pages knows. The time is linear in the length, which the caller limits.
    """
    env: dict[str, Any] = {"find_members": find_members}
    tokens, pictures = _with_pictures(_parser.parse(text, env), find_pictures)
    tokens = list(_with_cards(tokens))
    set_card_pages(tokens, find_pages)
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
    """Render some blocks of a member's text as HTML, sanitised separately, so that each part is complete."""
    parts, plain = list[str](), list[Token]()
    for token in [*tokens, None]:
        if token is not None and token.type not in BUILT_BLOCKS:
            plain.append(token)
            continue
        if plain:
            raw = _parser.renderer.render(plain, _parser.options, env)
            parts.append(
                nh3.clean(
                    raw,
                    tags=MEMBER_TAGS,
                    attributes=MEMBER_ATTRIBUTES,
                    url_schemes={"http", "https"},
                    link_rel=MEMBER_LINK_REL,
                ).strip()
            )
            plain = []
        if token is not None:
            parts.append(BUILT_BLOCKS[token.type](token))
    return "\n".join(parts)


# --- blocks that are built here, not sanitised ----------------------------------------


def _with_pictures(tokens: list[Token], find_pictures: PictureFinder | None) -> tuple[list[Token], list[int]]:
    """The tokens with the data of each picture, and the numbers shown.

    Unknown and repeated ones become text.
    """
    numbers = {token.meta["number"] for token in tokens if token.type == "picture"}
    known = find_pictures(numbers) if numbers and find_pictures else {}
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


def _picture_html(token: Token) -> str:
    """The HTML of a picture, with its dimensions on a wide page, so that the browser reserves the space."""
    picture: Picture = token.meta["picture"]
    scale = min(1, PICTURE_MAX_HEIGHT / picture.height)
    width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return format_html(
        '<p><picture><source type="image/webp" srcset="{}" sizes="(min-width: 48rem) 40rem, 92vw">'
        '<img src="{}" alt="{}" width="{}" height="{}" loading="lazy" decoding="async"></picture></p>',
        picture.srcset,
        picture.src,
        token.content or picture.alt or _("Picture without a description"),
        width,
        height,
    )


BUILT_BLOCKS: dict[str, Callable[[Token], str]] = {"card": _card_html, "picture": _picture_html}


def count_pictures(some_html: str) -> int:
    return len(re.findall(r"<(?:img|svg)\b", some_html, re.IGNORECASE))
