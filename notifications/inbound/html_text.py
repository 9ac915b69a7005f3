"""The text of an HTML-only email by line, with quoted parts marked as the email program marked them."""

import re
from html.parser import HTMLParser

from core.markup.plain import well_formed
from notifications.inbound.strip_quotes import DECLARED

MAX_CHARACTERS = 100_000
MAX_OPEN_TAGS = 128
BLOCKS = {
    "p",
    "div",
    "ul",
    "ol",
    "table",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "section",
    "article",
    "blockquote",
    "center",
    "cite",  # the attribution of a quotation
    "hr",
}
SPACED = {"p", "blockquote", "ul", "ol", "pre", "hr"}
# Classes and ids by which email programs mark the quoted email, or the line above it.
QUOTES = {
    "yahoo_quoted",
    "protonmail_quote",
    "zmail_extra",
    "OutlookMessageHeader",
    "gmail_attr",
    "moz-cite-prefix",
    "tutanota_quote",
}
# Text in these before the quotation is its attribution; text after it is by the sender.
FRAMES = {"gmail_quote", "gmail_quote_container"}
SIGNATURES = {
    "gmail_signature",
    "moz-signature",
    "protonmail_signature_block",
    "ms-outlook-mobile-signature",
    "gmail_signature_prefix",
}
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s[^<>]*)?)>")
# Their nesting costs HTML parsers quadratic time, and they contain no text.
FORMATTING = {"b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
VOID = {"br", "hr", "img", "wbr", "input", "meta", "link", "col", "area", "base", "embed", "source"}
HREF = re.compile(r"\bhref\s*=\s*[\"']?(https?://[^\s\"'<>]{1,1000})", re.IGNORECASE)
INNER_PICTURE = re.compile(r"\bsrc\s*=\s*[\"']?cid:([^\s\"'<>]{1,200})", re.IGNORECASE)
ALT = re.compile(r"\balt\s*=\s*[\"']([^\"'<>]{1,8})[\"']", re.IGNORECASE)


def text_of_html(html: str) -> str:
    """The lines of text, in limited time.

    Those that an email program marks as quoted begin with DECLARED, other quotations with ">".
    """
    return parts_of_html(html)[0]


def parts_of_html(html: str) -> tuple[str, str | None]:
    """The lines as in text_of_html, and the text marked as a signature; None if there is none."""
    parser = _Lines()
    parser.feed(well_formed(_with_few_tags(html[:MAX_CHARACTERS])))
    parser.close()
    lines = re.sub(r"\n{3,}", "\n\n", "\n".join(parser.finished())).strip("\n")
    return lines, "\n".join(parser.signature) if parser.has_signature else None


def _with_few_tags(html: str) -> str:
    """Remove formatting tags and too deep nesting; URLs of links and pictures become text."""
    opened: list[str] = []
    link: tuple[re.Match[str] | None, int] = (None, 0)

    def look(found: re.Match[str]) -> str:
        nonlocal link
        closes, tag, attributes = bool(found[1]), found[2].lower(), found[3]
        if tag in FORMATTING:
            return ""
        if tag == "a":
            label = re.sub(r"<[^<>]*>", "", html[link[1] : found.start()]).strip() if closes else ""
            address, link = link[0], (None, 0) if closes else (HREF.search(attributes), found.end())
            if (
                closes
                and address
                and label
                and address[1].rstrip("/") not in {label.rstrip("/"), f"https://{label}".rstrip("/")}
            ):
                return f" &lt;{address[1]}&gt;"
            return ""
        if tag == "img":
            picture, alt = INNER_PICTURE.search(attributes), ALT.search(attributes)
            is_emoji = alt is not None and not any(sign.isascii() or sign.isalnum() for sign in alt[1])
            return f"[cid:{picture[1]}]" if picture else alt[1] if alt and is_emoji else ""
        if tag in VOID:
            return found[0]
        if closes:
            if opened and tag in opened[-8:]:
                opened.pop()
            return found[0]
        if len(opened) >= MAX_OPEN_TAGS:
            return ""
        if tag not in {"p", "li", "td", "tr", "th", "option"}:  # these are closed by the next of their kind
            opened.append(tag)
        return found[0]

    return TAG.sub(look, html)


class _Lines(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        self.prefix = ""
        self.stack: list[tuple[str, str]] = []
        self.has_quoted: list[bool] = []
        self.has_signature = False
        self.signature: list[str] = []

    def finished(self) -> list[str]:
        self._end_line()
        return self.lines

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        marks = {values.get("id", ""), *values.get("class", "").split()}
        if tag == "br":
            self._end_line(is_break=True)
            return
        if tag in BLOCKS or tag == "li":
            self._end_line()
            if tag in SPACED:
                self.lines.append("")
        role = ""
        if marks & SIGNATURES:
            role = "signature"
            self.has_signature = self.has_signature or "declared" not in self._roles()
        elif marks & QUOTES or (
            tag == "blockquote"
            and (values.get("type") == "cite" or marks & FRAMES or "frame" in self._roles())
        ):
            role = "declared"
        elif marks & FRAMES:
            role = "frame"
            self.has_quoted.append(False)
        elif tag == "blockquote":
            role = "quote"
        if tag not in VOID:
            self.stack.append((tag, role))
        if tag == "li":
            self._add("- ")

    def handle_endtag(self, tag: str) -> None:
        if not any(opened == tag for opened, _role in self.stack):
            return
        if tag in BLOCKS or tag == "li":
            self._end_line()
            if tag in SPACED:
                self.lines.append("")
        while self.stack:
            opened, role = self.stack.pop()
            if role == "frame":
                self.has_quoted.pop()
            elif role == "declared" and self.has_quoted:
                self.has_quoted[-1] = self.has_quoted[-1] or opened == "blockquote"
            if opened == tag:
                break

    def handle_data(self, data: str) -> None:
        # Line breaks in the source only matter in <pre>; those of <br> and blocks are added separately.
        if any(tag == "pre" for tag, _role in self.stack):
            for at, line in enumerate(data.split("\n")):
                if at:
                    self._end_line(is_break=True)
                self._add(line)
        else:
            self._add(re.sub(r"[ \t\r\n\f]+", " ", data))

    def _roles(self) -> list[str]:
        return [role for _tag, role in self.stack]

    def _add(self, words: str) -> None:
        roles = self._roles()
        if "signature" in roles:
            if "declared" not in roles:
                self.signature += [line for line in words.split("\n") if line.strip()]
            return
        if not self.line.strip():
            is_head = "frame" in roles and not any(self.has_quoted)
            self.prefix = DECLARED if "declared" in roles or is_head else "> " * roles.count("quote")
        self.line += words

    def _end_line(self, *, is_break: bool = False) -> None:
        words = (
            self.line.rstrip()
            if any(tag == "pre" for tag, _role in self.stack)
            else " ".join(self.line.split(" ")).strip()
        )
        words = re.sub(r" {2,}", " ", words) if not any(tag == "pre" for tag, _role in self.stack) else words
        if words or is_break:
            self.lines.append((self.prefix + words) if words else "")
        self.line, self.prefix = "", ""
