"""Parses WordPress's mixture of text and HTML: tags, and text that looks like tags.

No text is lost. What cannot be kept (scripts, external pictures, shortcodes) is listed in `losses`.
"""

import html
import re
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from django.utils.translation import gettext as _


def names_in(names: str) -> frozenset[str]:
    return frozenset(names.split())


# Anything else between < and > is not markup but typed text, such as <3 or <name>.
HTML_TAGS = names_in(
    """a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink blockquote body br button canvas caption center
    cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame
    frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe image img input ins kbd label legend li link main map mark marquee math menu meta
    meter nav nobr noscript object ol optgroup option output p param path picture pre progress q rp rt ruby s samp script section select small
    source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video
    wbr"""
)
# Tags of office programs and embedded widgets that remain in pasted text: "<o:p>", "<st1:place>".
OFFICE = re.compile(r"(?:[ovwm]|st1|xml|fb|g):", re.IGNORECASE)
MUTED = {"script", "style", "svg", "math"}
# The TeX source of a formula, which MathML carries along.
TYPED_FORMULA = re.compile(r"<annotation\b[^<>]*application/x-tex[^<>]*>([^<]*)</annotation>", re.IGNORECASE)
BREAKING = names_in(
    """address article aside body caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header html
    legend main menu nav p section summary table tbody tfoot thead tr"""
)
# Dropped silently, since there is no visible difference.
PLAIN_BOXES = names_in(
    "article aside body col colgroup dd div dl footer header html main nav p picture section span tbody td tfoot th thead tr wbr"
)
PLAYERS = names_in("applet audio embed frame iframe object source track video")
# No one nests deeper by hand, and the renderer drops what is nested too deeply.
DEEPEST_BOXES = 8
# A tag contains no "<", so each attempt ends at the next one, and parsing stays linear for unclosed tags.
TAG = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9]*(?::[a-zA-Z][a-zA-Z0-9]*)?)((?:[\s/](?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)?)>"
)
ATTRIBUTE = re.compile(r"([^\s=/\"'>]++)(?:\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]++)))?")
PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
UNSAFE_IN_ADDRESS = re.compile(r"[\x00-\x20\"<>\\^`{|}()]")
# A character above U+FFFF as two surrogate references, as some programs write it.
SURROGATES = re.compile(
    r"&#x(d[89ab][0-9a-f]{2});&#x(d[c-f][0-9a-f]{2});|&#(5[56][0-9]{3});&#(5[67][0-9]{3});", re.IGNORECASE
)


def _one_sign(match: re.Match[str]) -> str:
    high, low = (int(match[1], 16), int(match[2], 16)) if match[1] else (int(match[3]), int(match[4]))
    is_pair = 0xD800 <= high < 0xDC00 <= low < 0xE000
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00) if is_pair else match[0]


class Words(NamedTuple):
    """Converted text, and a description of the losses."""

    text: str
    losses: set[str]


def web_address(url: str, base: str = "") -> str:
    """An absolute and escaped web URL, or "".

    Also "" for a link within the page: joined to the blog's URL, it would be the front page.
    """
    url = "".join(url.split())
    if not url or url.startswith("#"):
        return ""
    try:
        url = urljoin(base, url)
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return ""
    except ValueError:
        return ""
    return UNSAFE_IN_ADDRESS.sub(lambda match: quote(match[0]), url)


def _attributes(source: str) -> dict[str, str]:
    return {
        each[1].lower(): html.unescape(each[2] or each[3] or each[4] or "")
        for each in ATTRIBUTE.finditer(source)
    }


class TagReader:
    """Distinguishes markup from text that looks like it, and drops scripts.

    Not html.parser: that loses text after an unclosed "<!--", and takes minutes for some hundred kilobytes of
    "<a <a <a".
    """

    def __init__(self, base: str = "") -> None:
        self.base = base
        self.losses: set[str] = set()

    def read(self, source: str) -> None:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
        done = here = 0
        last_comment_end = source.rfind("-->")
        while (here := source.find("<", here)) >= 0:
            if source.startswith("<!--", here) and here < last_comment_end:
                self._words(source[done:here])
                done = source.find("-->", here) + 3
                self.commented(source[here + 4 : done - 3])
                here = done
                continue
            match = TAG.match(source, here)
            if match is None or ((name := match[2].lower()) not in HTML_TAGS and not OFFICE.match(name)):
                here += 1
                continue
            self._words(source[done:here])
            here = done = match.end()
            if ":" in name:
                continue
            if match[1]:
                self.closed(name)
            elif name in MUTED:
                end = re.compile(f"</{name}[^>]*>", re.IGNORECASE).search(source, here)
                inside = source[here : end.start()] if end else source[here:]
                here = done = end.end() if end else len(source)
                self.muted(name, _attributes(match[3]), inside)
            else:
                self.opened(name, _attributes(match[3]))
        self._words(source[done:])

    def _words(self, source: str) -> None:
        if source:
            self.text(html.unescape(SURROGATES.sub(_one_sign, source)))

    def commented(self, comment: str) -> None:
        """Handle an HTML comment, which is not text."""

    def muted(self, tag: str, attributes: dict[str, str], inside: str) -> None:
        """Handle an element with dropped contents (script, style, drawing), or a formula, whose text is kept."""
        if tag == "math":
            typed = TYPED_FORMULA.search(inside)
            self.lose_tag(tag)
            self._words(typed[1] if typed else re.sub(r"<[^<>]*>", "", inside))
            return
        self.losses.add(
            _("the embedded <%(tag)s> is left out") % {"tag": tag}
            if tag == "svg"
            else _("a script or style sheet is left out")
        )

    def text(self, words: str) -> None:
        raise NotImplementedError

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def closed(self, tag: str) -> None:
        raise NotImplementedError

    def lose_tag(self, tag: str) -> None:
        if tag not in PLAIN_BOXES:
            self.losses.add(_("the <%(tag)s> tag is dropped; its text is kept") % {"tag": tag})

    def lose_player(self, tag: str, attributes: dict[str, str]) -> str:
        """Record the loss of an embed. Returns its URL."""
        address = web_address(attributes.get("src") or attributes.get("data") or "", self.base)
        if tag not in {"source", "track"} or address:
            self.losses.add(
                _("an embed becomes a link")
                if address
                else _("the embedded <%(tag)s> is left out") % {"tag": tag}
            )
        return address
