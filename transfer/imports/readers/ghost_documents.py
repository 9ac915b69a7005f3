"""Ghost's editor documents as HTML: Mobiledoc (until version 5) and Lexical. Used if there is no HTML."""

import html
import json
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.markup.posts import host_markdown
from transfer.imports.values import mapping, rows, text

NOT_READ = gettext_lazy("a part made by Ghost’s editor is left out (%(kind)s)")
# Format flags of Lexical (lexical/packages/lexical/src/LexicalConstants.ts).
MARKS = (
    (1, "strong"),
    (2, "em"),
    (4, "s"),
    (8, "u"),
    (16, "code"),
    (32, "sub"),
    (64, "sup"),
    (128, "strong"),
)
INLINE = {"strong", "b", "em", "i", "s", "u", "code", "sub", "sup", "a"}
BLOCKS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "aside", "pull-quote"}


def html_of(row: dict[str, Any]) -> tuple[str, list[str]]:
    """The HTML of a post, and a list of losses."""
    if made := text(row.get("html")):
        return made, []
    losses: list[str] = []
    try:
        if document := text(row.get("lexical")):
            return _lexical(mapping(mapping(json.loads(document)).get("root")), losses), losses
        if document := text(row.get("mobiledoc")):
            return _mobiledoc(mapping(json.loads(document)), losses), losses
    except (ValueError, RecursionError):
        losses.append(_("a text that is damaged is kept as plain text"))
    if markdown := text(row.get("markdown")):
        return host_markdown(markdown), losses
    plain = text(row.get("plaintext"))
    return "".join(f"<p>{html.escape(part)}</p>" for part in plain.split("\n\n") if part.strip()), losses


def _picture(card: dict[str, Any]) -> str:
    caption = text(card.get("caption"))
    source, alt = html.escape(text(card.get("src"))), html.escape(text(card.get("alt")))
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    shown = f'<img src="{source}" alt="{alt}">' if source else ""
    if shown and (href := text(card.get("href"))):
        shown = f'<a href="{html.escape(href)}">{shown}</a>'
    return f"<figure>{shown}{below}</figure>" if shown else _below(card)


def _below(card: dict[str, Any]) -> str:
    """The caption of a card, as HTML."""
    caption = text(card.get("caption")) or text(card.get("fileCaption"))
    return f"<p>{caption}</p>" if caption.strip() else ""


def _link(address: str, label: str = "") -> str:
    return f'<p><a href="{html.escape(address)}">{html.escape(label or address)}</a></p>'


def _button(card: dict[str, Any]) -> str:
    return _link(text(card.get("buttonUrl")), text(card.get("buttonText")))


def _headed(card: dict[str, Any]) -> str:
    heading = text(card.get("heading")) or text(card.get("header"))
    below = text(card.get("subheading")) or text(card.get("subheader"))
    shown = f"<h3>{heading}</h3>{f'<p>{below}</p>' if below else ''}{text(card.get('content'))}"
    return shown + (_button(card) if card.get("buttonEnabled") else "")


def _product(card: dict[str, Any]) -> str:
    shown = _picture({"src": card.get("productImageSrc")}) if card.get("productImageSrc") else ""
    shown += f"<h3>{text(card.get('productTitle'))}</h3>{text(card.get('productDescription'))}"
    button = {"buttonUrl": card.get("productUrl"), "buttonText": card.get("productButton")}
    return shown + (_button(button) if card.get("productButtonEnabled") else "")


def _card(kind: str, card: dict[str, Any], losses: list[str]) -> str:
    """A card, by the names of both editors."""
    match kind:
        case "image":
            return _picture(card)
        case "gallery":
            shown = "".join(_picture(one) for one in rows(card.get("images")))
            return shown + _below(card)
        case "html":
            return text(card.get("html"))
        case "markdown" | "card-markdown":
            return host_markdown(text(card.get("markdown")))
        case "code" | "codeblock":
            language = html.escape(text(card.get("language")))
            code = html.escape(text(card.get("code")))
            return f'<pre><code class="language-{language}">{code}</code></pre>{_below(card)}'
        case "hr" | "horizontalrule":
            return "<hr>"
        case "embed" if "<blockquote" in text(card.get("html")):  # a social media post with its text
            return text(card.get("html")) + _link(text(card.get("url"))) + _below(card)
        case "embed":
            return f"<p>{html.escape(text(card.get('url')))}</p>{_below(card)}"
        case "bookmark" | "video" | "audio" | "file":
            address = text(card.get("url")) or text(card.get("src"))
            title = text(mapping(card.get("metadata")).get("title")) or text(card.get("title"))
            return _link(address, title or text(card.get("fileTitle"))) + _below(card)
        case "button":
            return _button(card)
        case "call-to-action":
            shown = _picture({"src": card.get("imageUrl")}) if card.get("imageUrl") else ""
            return shown + text(card.get("textValue")) + (_button(card) if card.get("showButton") else "")
        case "callout":
            sign = html.escape(text(card.get("calloutEmoji")))
            return (
                f"<blockquote>{f'<p>{sign}</p>' if sign else ''}{text(card.get('calloutText'))}</blockquote>"
            )
        case "before-after":
            pair = [mapping(card.get(name)) for name in ("beforeImage", "afterImage")]
            return "".join(_picture(one) for one in pair) + _below(card)
        case "toggle" | "header":
            return _headed(card)
        case "product":
            return _product(card)
        case "paywall":
            return ""
    losses.append(str(NOT_READ % {"kind": kind[:30] or "–"}))
    return ""


# --- Lexical


def _lexical(node: dict[str, Any], losses: list[str]) -> str:
    kind = text(node.get("type")).removeprefix("extended-")
    if kind in {"text", "tk"}:
        return _lexical_text(node)
    if kind == "linebreak":
        return "<br>"
    children = node.get("children")
    if not isinstance(children, list):
        return _card(kind, node, losses)
    inside = "".join(_lexical(child, losses) for child in rows(children))
    if kind == "list":
        inside = _with_lists_inside(rows(children), losses)
    match kind:
        case "paragraph":
            return f"<p>{inside}</p>"
        case "heading":
            tag = text(node.get("tag"))
            return f"<{tag}>{inside}</{tag}>" if tag in BLOCKS else f"<p>{inside}</p>"
        case "quote" | "aside":
            return f"<blockquote>{inside}</blockquote>"
        case "list":
            tag = "ol" if text(node.get("listType")) == "number" else "ul"
            start = node.get("start")
            begins = f' start="{start}"' if tag == "ol" and isinstance(start, int) and start > 1 else ""
            return f"<{tag}{begins}>{inside}</{tag}>"
        case "listitem":
            checked = node.get("checked")
            sign = ("☑ " if checked else "☐ ") if isinstance(checked, bool) else ""
            return f"<li>{sign}{inside}</li>"
        case "link" | "autolink" | "at-link":
            return f'<a href="{html.escape(text(node.get("url")))}">{inside}</a>'
    return inside


def _with_lists_inside(points: list[dict[str, Any]], losses: list[str]) -> str:
    """The items of a list. An item that is only a list belongs to the item above it."""
    out: list[str] = []
    for point in points:
        shown = _lexical(point, losses)
        below = rows(point.get("children"))
        if out and below and all(text(one.get("type")) == "list" for one in below):
            out[-1] = out[-1].removesuffix("</li>") + shown.removeprefix("<li>")
        else:
            out.append(shown)
    return "".join(out)


def _lexical_text(node: dict[str, Any]) -> str:
    written, marks = html.escape(text(node.get("text"))), node.get("format")
    for bit, tag in MARKS:
        if isinstance(marks, int) and marks & bit:
            written = f"<{tag}>{written}</{tag}>"
    return written


# --- Mobiledoc (https://github.com/bustle/mobiledoc-kit/blob/master/MOBILEDOC.md)


def _mobiledoc(document: dict[str, Any], losses: list[str]) -> str:
    out = []
    for section in _lists(document.get("sections")):
        kind, value = section[0], section[1] if len(section) > 1 else ""
        if kind == 1:
            tag = value if value in BLOCKS else "p"
            tag = "blockquote" if tag in {"aside", "pull-quote"} else tag
            out.append(f"<{tag}>{_markers(document, section[2] if len(section) > 2 else [])}</{tag}>")
        elif kind == 2:
            out.append(_picture({"src": value}))
        elif kind == 3:
            tag = "ol" if value == "ol" else "ul"
            points = "".join(
                f"<li>{_markers(document, one)}</li>"
                for one in _lists(section[2] if len(section) > 2 else [])
            )
            out.append(f"<{tag}>{points}</{tag}>")
        elif kind == 10 and (card := _at(document.get("cards"), value)):
            out.append(_card(text(card[0]), mapping(card[1] if len(card) > 1 else {}), losses))
    return "".join(out)


def _markers(document: dict[str, Any], markers: Any) -> str:
    out, open_tags = list[str](), list[str]()
    for marker in _lists(markers):
        if len(marker) < 4:
            continue
        kind, opened, closed, value = marker[:4]
        for place in opened if isinstance(opened, list) else []:
            markup = _at(document.get("markups"), place)
            tag = text(markup[0]) if markup else ""
            tag = tag if tag in INLINE else "span"
            pairs = markup[1] if markup and len(markup) > 1 and isinstance(markup[1], list) else []
            href = text(pairs[pairs.index("href") + 1]) if "href" in pairs[:-1] else ""
            out.append(f'<a href="{html.escape(href)}">' if tag == "a" else f"<{tag}>")
            open_tags.append(tag)
        if kind == 1:
            atom = _at(document.get("atoms"), value)
            out.append(
                "<br>"
                if atom and atom[0] == "soft-return"
                else html.escape(text(atom[1]))
                if atom and len(atom) > 1
                else ""
            )
        else:
            out.append(html.escape(text(value)))
        for _tag in range(min(closed if isinstance(closed, int) else 0, len(open_tags))):
            out.append(f"</{open_tags.pop()}>")
    out += [f"</{tag}>" for tag in reversed(open_tags)]
    return "".join(out)


def _lists(value: Any) -> list[list[Any]]:
    return [one for one in value if isinstance(one, list) and one] if isinstance(value, list) else []


def _at(value: Any, place: Any) -> list[Any]:
    if isinstance(value, list) and isinstance(place, int) and 0 <= place < len(value):
        found = value[place]
        return found if isinstance(found, list) and found else []
    return []
