"""A link on a line of its own becomes a card (docs/decisions/0013)."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.utils.html import format_html
from markdown_it.token import Token

from core.markup.allowlists import MEMBER_LINK_REL
from core.markup.links import tidy_address
from core.markup.videos import video_at


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
    label = " ".join(
        "".join(" " if token.type.endswith("break") else token.content for token in link[1:-1]).split()
    )
    is_bare = link[0].markup in {"linkify", "autolink"} or not label
    return Token(
        "card",
        "",
        0,
        content=tidy_address(href) if is_bare else label,
        meta={"href": href, "is_bare": is_bare},
    )


def _paragraph(children: list[Token]) -> list[Token]:
    inline = Token(
        "inline",
        "",
        0,
        level=1,
        children=children,
        content="".join(child.content for child in children),
        block=True,
    )
    return [
        Token("paragraph_open", "p", 1, block=True),
        inline,
        Token("paragraph_close", "p", -1, block=True),
    ]


def _card_html(card: Token) -> str:
    href, label = card.meta["href"], card.content
    video = video_at(href)
    if video is None:
        place = "" if card.meta["is_bare"] else format_html(" <span>{}</span>", urlsplit(href).hostname or "")
        return format_html(
            '<p><a class="linkcard" href="{}" rel="{}"><span><b>{}</b>{}</span></a></p>',
            href,
            MEMBER_LINK_REL,
            label,
            place,
        )
    start = format_html(' data-start="{}"', video.start) if video.start else ""
    return format_html(
        '<p><a class="video" href="{}" rel="{}" data-video="{}:{}"{}><span><span class="go"></span><b>{}</b> {}</span></a></p>',
        href, MEMBER_LINK_REL, video.site, video.key, start, label, video.site_name,
    )  # fmt: skip
