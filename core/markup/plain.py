"""Converts HTML to plain text, to an excerpt, and to HTML for feeds and emails."""

import html
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import nh3
from django.conf import settings
from django.utils.translation import gettext as _

from core.markup.allowlists import (
    MEMBER_ATTRIBUTES,
    MEMBER_LINK_REL,
    MEMBER_TAGS,
    PICTURE_ATTRIBUTES,
    WORD_TAGS,
    WORDLESS_TAGS,
    _absolute_urls,
)
from core.markup.cards import with_dates_formatted
from core.markup.comments import _parser

# Interruptions in the text of a post: the numbers of footnotes, and the notes after it.
ASIDES = re.compile(r'<sup class="fnref".*?</sup>|<section class="footnotes">.*?</section>', re.DOTALL)
# Lists show a post up to this mark, if its author set one.
READ_MORE = '<hr class="more">'
# A reader pauses after a heading, an item or a cell.
PAUSE = re.compile(r"</(?:h[1-6]|li|t[dh]|caption|figcaption)\s*>", re.IGNORECASE)
# Stands for such an end: a character that no text uses.
MARK = "\ue000"
ENDS_A_SENTENCE = re.compile(r"[.,;:!?…。，、；：！？؟·–—-][)\]»”’\"']*$")  # noqa: RUF001 - marks of other languages
# A card for another page, in which host and date follow the title. If the page is gone, a link to a copy
# follows.
CARD_WITH_HOST = re.compile(
    r'(<a class="linkcard"[^>]*><span><b>[^<]*)(</b>) <span>([^<]*?)(?: · )?(?:<time[^>]*>[^<]*</time>)?</span>'
)
COPY = re.compile(r" <span data-gone=[^>]*><a [^>]*>[^<]*</a></span>")
PICTURE_ALT = re.compile(r'<img\b[^>]*?\salt="([^"]+)"')


def plain_text(some_html: str) -> str:
    """HTML as text on one line, for descriptions, excerpts and feed summaries."""
    spaced = re.sub(
        r"<(?:/p|/li|/h[1-6]|/blockquote|/pre|/t[dhr]|/caption|/figcaption|ul|ol|br|hr)\b[^>]*>",
        " ",
        ASIDES.sub("", some_html)
        if 'class="fn' in some_html or 'class="footnotes"' in some_html
        else some_html,
    )
    return " ".join(html.unescape(nh3.clean(spaced, tags=set())).split())


def well_formed(foreign_html: str) -> str:
    """Any HTML with every tag closed in its place, for extracting text. Not for display.

    Python's parser takes quadratic time for HTML that is broken on purpose; nh3's, like a browser's, does
    not.
    """
    return nh3.clean(
        foreign_html,
        tags=WORD_TAGS,
        clean_content_tags=WORDLESS_TAGS,
        attributes={"*": {"class", "id", "type"}},
        link_rel=None,
    )


def for_elsewhere(clean_html: str) -> str:
    """Member HTML for feeds and emails: links in place of cards, and pictures with absolute URLs.

    Links keep what is known of their pages.
    """
    return nh3.clean(
        with_dates_formatted(clean_html),
        tags=MEMBER_TAGS | {"img"},
        attributes=MEMBER_ATTRIBUTES | {"img": PICTURE_ATTRIBUTES - {"loading"}},
        attribute_filter=_absolute_urls,
        url_schemes={"http", "https"},
        link_rel=MEMBER_LINK_REL,
    )


def readable(text: str, pictures: Mapping[int, str]) -> str:
    """Member Markdown for the plain part of an email: as typed, except that pictures become their alt text.

    pictures: alt texts by number. Other lines of that form are text on the page too, and stay.
    """
    lines = text.split("\n")
    for token in _parser.parse(text, {}):
        if token.type == "picture" and token.map and token.meta["number"] in pictures:
            shows = pictures[token.meta["number"]]
            lines[token.map[0]] = _("[Picture: %(description)s]") % {
                "description": token.content or shows or _("no description")
            }
    return "\n".join(lines)


def _with_pauses(some_html: str) -> str:
    """Like plain_text, with a dot where a block ends without punctuation, such as a heading."""
    if not PAUSE.search(some_html):
        return plain_text(some_html)
    parts = plain_text(PAUSE.sub(lambda end: f"{MARK}{end[0]}", some_html.replace(MARK, ""))).split(MARK)
    parts = [part.strip() for part in parts if part.strip()]
    ended = [part if ENDS_A_SENTENCE.search(part) else f"{part} ·" for part in parts[:-1]]
    return " ".join([*ended, *parts[-1:]])


def _titled(card: re.Match[str]) -> str:
    """A card's title, with the host if there is one and it is not this site."""
    start, end, host = card.groups()
    return f"{start} ({host}){end}" if host and host != urlsplit(settings.SITE_URL).hostname else start + end


def excerpt(some_html: str, characters: int = 200) -> str:
    """The beginning of some HTML as text, cut between words. If there are only pictures, their alt texts.

    A post's "read more" mark ends it earlier. Cards are reduced to title and host, without the host of this
    site.
    """
    before, mark, _behind = some_html.partition(READ_MORE)
    some_html = before if mark and plain_text(before) else some_html
    if 'class="linkcard"' in some_html:
        some_html = COPY.sub("", CARD_WITH_HOST.sub(_titled, some_html))
    text = _with_pauses(some_html) or " ".join(html.unescape(alt) for alt in PICTURE_ALT.findall(some_html))
    if len(text) <= characters:
        return text
    return text[: characters - 1].rsplit(" ", 1)[0].rstrip(".,;:!?-–— ") + "…"
