"""Link cards: a link on a line of its own becomes a card (docs/decisions/0013)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from django.utils.html import escape, format_html, format_html_join
from django.utils.translation import gettext as _
from markdown_it.token import Token

from core.markup.allowlists import MEMBER_LINK_REL
from core.markup.links import tidy_address
from core.markup.videos import video_at
from core.utils.dates import date_format

# An archive with copies of pages that are gone. It is only linked to.
ARCHIVE = "web.archive.org"
DAY = re.compile(r'<time datetime="(\d{4}-\d\d-\d\d)">\1</time>', re.ASCII)
GONE = re.compile(r'<span data-gone="(\d{4}-\d\d-\d\d)">', re.ASCII)


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
    """A paragraph with cards for videos alone on their line, and for another URL if it is the only one."""
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


@dataclass(frozen=True)
class PageFacts:
    """What is stored about a page in a card.

    linked_on: the date of the first link, for which an archive's copy is requested. gone_since: the date
    since which it has been unavailable.
    """

    title: str
    dated: date | None
    linked_on: date
    gone_since: date | None = None


# Called once for each text with such cards: returns what is known of these URLs.
PageFinder = Callable[[list[str]], Mapping[str, PageFacts]]


def set_card_pages(tokens: Iterable[Token], find_pages: PageFinder | None) -> None:
    """Store what is known of its page with each card, except those of videos."""
    cards = [token for token in tokens if token.type == "card" and video_at(token.meta["href"]) is None]
    known = find_pages([card.meta["href"] for card in cards]) if cards and find_pages else {}
    for card in cards:
        card.meta["page"] = known.get(card.meta["href"])


def _link_card(card: Token) -> str:
    """The HTML of a card.

    The host is always shown, in its ASCII form, because the page chooses its own title. Dates are in ISO
    8601: stored HTML is independent of the language; `with_dates_formatted` formats them.
    """
    href, label = card.meta["href"], card.content
    page: PageFacts | None = card.meta.get("page")
    is_bare = card.meta["is_bare"]
    title = page.title if page and is_bare and page.title else label
    place = "" if is_bare and title == label else (urlsplit(href).hostname or "")
    day = (
        format_html('<time datetime="{0}">{0}</time>', page.dated.isoformat()) if page and page.dated else ""
    )
    beside = format_html_join(" · ", "{}", ((part,) for part in (place, day) if part))
    return format_html(
        '<p><a class="linkcard" href="{}" rel="{}"><span><b>{}</b>{}</span></a>{}</p>',
        href,
        MEMBER_LINK_REL,
        title,
        format_html(" <span>{}</span>", beside) if beside else "",
        _archived(href, page.gone_since, page.linked_on) if page and page.gone_since else "",
    )


def _archived(href: str, gone_since: date, linked_on: date) -> str:
    copy = f"https://{ARCHIVE}/web/{linked_on:%Y%m%d}/{href}"
    link = format_html('<a href="{}" rel="{}">{}</a>', copy, MEMBER_LINK_REL, ARCHIVE)
    return format_html(' <span data-gone="{}">{}</span>', gone_since.isoformat(), link)


def with_dates_formatted(some_html: str) -> str:
    """Format the dates in the cards of stored HTML in the current language, and add "unavailable since"."""
    if 'class="linkcard"' not in some_html:
        return some_html
    some_html = DAY.sub(
        lambda found: f'<time datetime="{found[1]}">{escape(_day(found[1]))}</time>', some_html
    )
    return GONE.sub(lambda found: f'<span class="soft">{escape(_gone(found[1]))} ', some_html)


def _gone(day: str) -> str:
    return _("Unavailable since %(day)s. Archived copy:") % {"day": _day(day)}


def _day(day: str) -> str:
    return date_format(date.fromisoformat(day))


def _card_html(card: Token) -> str:
    href, label = card.meta["href"], card.content
    video = video_at(href)
    if video is None:
        return _link_card(card)
    start = format_html(' data-start="{}"', video.start) if video.start else ""
    return format_html(
        '<p><a class="video" href="{}" rel="{}" data-video="{}:{}"{}><span><span class="go"></span><b>{}</b> {}</span></a></p>',
        href,
        MEMBER_LINK_REL,
        video.site,
        video.key,
        start,
        label,
        video.site_name,
    )
