"""The sanitised HTML of posts and comments as Markdown for our own importer.

What Markdown cannot express stays HTML.
"""

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"br", "hr", "img"}
SIGNS = {"strong": "**", "em": "*", "s": "~~"}
HEADINGS = {"h2": "## ", "h3": "### ", "h4": "#### "}
LISTS = {"ul", "ol"}
BLOCKS = {"p", "blockquote", "pre", "hr", "figure", "table", "aside", "section", "audio", *HEADINGS, *LISTS}
ESCAPED = re.compile(r"[\\`*_\[\]<>~|]|&(?=#?\w+;)")
# Text that would be read as a heading or list at the start of a line.
LINE_START = re.compile(
    r"^([ \t]*\d{0,9})(?<=\d)([.)])(?=\s|$)|^([ \t]*)(#{1,6}|\+|-+|=+)(?=\s|$)", re.MULTILINE
)
TICKS = re.compile("`+")


@dataclass
class Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Any] = field(default_factory=list)  # of Element and str


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and len(self.open) > 1:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def markdown_of(clean_html: str) -> str:
    """clean_html: well-formed, as the sanitiser leaves it.

    If it is nested very deeply, it is returned as it is.
    """
    tree = _Tree()
    tree.feed(clean_html)
    tree.close()
    try:
        return "\n\n".join(_blocks(tree.root))
    except RecursionError:
        return clean_html


def _blocks(parent: Element) -> list[str]:
    found: list[str] = []
    words: list[Any] = []

    def end_paragraph() -> None:
        text = _paragraph(words)
        words.clear()
        if text:
            found.append(text)

    for child in parent.children:
        if isinstance(child, Element) and child.tag in BLOCKS:
            end_paragraph()
            if block := _block(child):
                found.append(block)
        else:
            words.append(child)
    end_paragraph()
    return found


def _block(element: Element) -> str:
    tag = element.tag
    if tag in HEADINGS:
        return HEADINGS[tag] + " ".join(_inline(element.children).split())
    if tag == "p":
        return _paragraph(element.children)
    if tag == "hr":
        return "<!--more-->" if element.attributes.get("class") == "more" else "---"
    if tag == "pre":
        return _code(element)
    if tag in LISTS:
        return _list(element)
    if tag == "blockquote" and "class" not in element.attributes:
        return _prefixed("\n\n".join(_blocks(element)), "> ", "> ")
    if tag == "section":
        return _notes(element)
    if (
        tag == "figure"
        and "class" not in element.attributes
        and _names(element) <= {"img", "figcaption", "em", "a"}
    ):
        return _figure(element)
    return re.sub(r"\n\s*\n", "\n", _raw(element))


def _paragraph(children: list[Any]) -> str:
    return LINE_START.sub(_escaped_start, _inline(children).strip())


def _escaped_start(found: re.Match[str]) -> str:
    return f"{found[1] or found[3] or ''}\\{found[2] or found[4]}"


def _code(element: Element) -> str:
    text = _text(element)
    language = next(
        (
            one.attributes.get("class", "").removeprefix("language-")
            for one in element.children
            if isinstance(one, Element)
        ),
        "",
    )
    fence = "`" * max(3, 1 + max(map(len, TICKS.findall(text)), default=0))
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _list(element: Element) -> str:
    start = element.attributes.get("start", "1")
    number, items = int(start) if start.isdecimal() else 1, []
    for item in element.children:
        if isinstance(item, Element):
            mark = f"{number}. " if element.tag == "ol" else "- "
            items.append(_prefixed("\n\n".join(_blocks(item)), mark, " " * len(mark)))
            number += 1
    return "\n".join(items)


def _notes(section: Element) -> str:
    """[^1]: for each footnote, without the link back."""
    lines = []
    for item in (one for one in _walk(section) if one.tag == "li"):
        number = item.attributes.get("id", "").removeprefix("fn-")
        kept = [
            one
            for one in item.children
            if not (isinstance(one, Element) and one.attributes.get("href", "").startswith("#fnref"))
        ]
        lines.append(f"[^{number}]: {' '.join(_inline(kept).split())}")
    return "\n".join(lines)


def _figure(element: Element) -> str:
    pictures = [_inline([one]) for one in _walk(element) if one.tag == "img"]
    captions = [_inline(one.children).strip() for one in _walk(element) if one.tag == "figcaption"]
    return "\n\n".join([*pictures, *(f"*{caption}*" for caption in captions if caption)])


def _inline(children: list[Any]) -> str:
    return "".join(
        ESCAPED.sub(lambda found: f"\\{found[0]}", one) if isinstance(one, str) else _marked(one)
        for one in children
    )


def _marked(element: Element) -> str:
    tag, named = element.tag, element.attributes
    if tag == "br":
        return "\\\n"
    if tag == "img":
        return f"![{ESCAPED.sub(r'', named.get('alt', ''))}](<{named.get('src', '')}>)"
    if tag == "code":
        text = _text(element)
        ticks = "`" * (1 + max(map(len, TICKS.findall(text)), default=0))
        pad = " " if text.startswith("`") or text.endswith("`") else ""
        return f"{ticks}{pad}{text}{pad}{ticks}"
    inside = _inline(element.children)
    if tag in SIGNS:
        bare = inside.strip()
        start, end = inside[: len(inside) - len(inside.lstrip())], inside[len(inside.rstrip()) :]
        return f"{start}{SIGNS[tag]}{bare}{SIGNS[tag]}{end}" if bare else inside
    if tag == "a" and named.get("href"):
        return f"[{inside}](<{named['href']}>)"
    if tag == "sup" and named.get("class") == "fnref":
        return f"[^{named.get('id', '').removeprefix('fnref-')}]"
    return inside if tag in {"a", "span", "p", "li"} else f"<{tag}>{inside}</{tag}>"


def _raw(element: Any) -> str:
    if isinstance(element, str):
        return html.escape(element, quote=False)
    attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in element.attributes.items())
    opening = f"<{element.tag}{attributes}>"
    return (
        opening if element.tag in VOID else f"{opening}{''.join(map(_raw, element.children))}</{element.tag}>"
    )


def _text(element: Element) -> str:
    return "".join(one if isinstance(one, str) else _text(one) for one in element.children)


def _walk(element: Element) -> list[Element]:
    return [
        found for child in element.children if isinstance(child, Element) for found in (child, *_walk(child))
    ]


def _names(element: Element) -> set[str]:
    return {one.tag for one in _walk(element)}


def _prefixed(text: str, first: str, others: str) -> str:
    lines = text.split("\n")
    return "\n".join(
        f"{first if number == 0 else others}{line}".rstrip() for number, line in enumerate(lines)
    )
