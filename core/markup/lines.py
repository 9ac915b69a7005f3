"""The HTML of a post as lines of text, for comparing two versions of it."""

import re
from html import unescape

import nh3

# Prefixes of lines, so that a change from heading to paragraph is visible.
BEGINNINGS = {"h2": "## ", "h3": "### ", "h4": "#### ", "li": "• ", "blockquote": "> ", "pre": "    "}
BLOCKS = re.compile(
    r"<(/?)(p|h[2-4]|li|blockquote|pre|tr|figure|figcaption|caption|div|aside|section|hr|br|ul|ol|table)\b[^>]*>"
)
CELL = re.compile(r"</t[dh]>\s*(?=<t[dh]\b)")
PICTURE = re.compile(r"<img\b([^>]*)>")
LINK = re.compile(r"<a\b[^>]*\bhref=\"([^\"]*)\"[^>]*>(.*?)</a>", re.DOTALL)
ATTRIBUTE = re.compile(r'\b(alt|src)="([^"]*)"')


def as_lines(clean_html: str) -> str:
    """Convert HTML to text with a line per block.

    Headings, list items, quotes, cells, links and pictures stay visible.
    """
    text = LINK.sub(r"\2 (\1)", PICTURE.sub(_picture, CELL.sub(" | ", clean_html)))
    text = BLOCKS.sub(_line, text)
    lines = (" ".join(line.split()) for line in unescape(nh3.clean(text, tags=set())).split("\n"))
    return "".join(f"{line}\n" for line in lines if line.strip(" •>#"))


def _line(tag: re.Match[str]) -> str:
    return "\n" if tag[1] else "\n" + BEGINNINGS.get(tag[2], "").replace(">", "&gt;")


def _picture(tag: re.Match[str]) -> str:
    attributes = dict(ATTRIBUTE.findall(tag[1]))
    return f"\n[{attributes.get('src', '').rpartition('/')[2]}: {attributes.get('alt', '')}]\n"
