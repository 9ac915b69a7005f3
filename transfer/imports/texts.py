"""Converts texts of other systems: posts to our HTML, comments to Markdown."""

import html
import re
from collections.abc import Callable

from core.markup.plain import READ_MORE
from core.markup.posts import clean_post_html, host_markdown
from core.markup.videos import video_at
from transfer.imports.footnotes import with_notes
from transfer.wordpress.markdown import to_markdown
from transfer.wordpress.post_html import HOLD_WORDS_THEMSELVES, PostHtml
from transfer.wordpress.tags import Words, web_address

# Takes the URL and the alt text of a picture; returns our <img>, or "".
FindPicture = Callable[[str, str], str]
LANGUAGE = re.compile(
    r"(?:^|\s)(?:language|lang|highlight)-([a-z0-9+#.-]{1,30})(?:\s|$)", re.ASCII | re.IGNORECASE
)
# Newsletter forms and buttons in a text: "Subscribe", "Share".
FORMS = re.compile(
    r"(?:^|\s)(?:blogger-post-footer|subscription-widget(?:-wrap)?|subscribe-widget|kg-signup-card|captioned-button-wrap|paywall-jump)(?:\s|$|-)"
)
# Markup of Ghost and Substack around recordings, files and link cards: players, icons, counts.
FURNITURE = re.compile(
    r"(?:^|\s)(?:tweet-(?:header-avatar|footer)|file-embed-thumbnail(?:-default)?|hide-text|pencraft|image-link-expand)(?:\s|$)|"
    r"(?:^|\s)kg-(?:audio-(?:thumbnail|player)|video-(?:overlay|player-container)|file-card-(?:icon|metadata)"
    r"|toggle-card-icon|bookmark-(?:icon|metadata|thumbnail)|product-card-(?:rating|image))(?:\s|$)"
)
# Substack's own buttons. Others link to something that the author chose.
BUTTONS = re.compile(
    r"%%(?:share|checkout|half_magic)|/subscribe\?|action=share|/leave_comment|/comments&quot;|/comments\"|utm_content=share"
)
NOTE_LINK = re.compile(r"#fn(?:ref)?-[1-9][0-9]{0,3}", re.ASCII)
# A link to another page of a site with an unknown URL. Old URLs redirect, but files are not here.
WITHIN_SITE = re.compile(r"/(?!/|content/|\\)")
POST_HERE = re.compile(r"/posts/[^/?#\\]{1,200}/")
# What other Markdown renders and that of comments does not: HTML tags and pictures. Code does not change.
MORE_THAN_MARKDOWN = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|br|cite|code|dd|del|div|dl|dt|em|h[1-6]|hr|i|img|ins|kbd|li|ol|p|pre|q|s|small|span|strike|strong"
    r"|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul)(?:\s[^<>]*|\s*/)?>|!\[[^\]\n]{0,500}\]\(",
    re.IGNORECASE,
)
CODE_IN_COMMENT = re.compile(
    r"^(`{3,20}|~{3,20})[^\n]*\n.*?(?:^\1[ \t]*$|\Z)|`[^`\n]{1,500}`", re.DOTALL | re.MULTILINE
)
BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")


class ForeignHtml(PostHtml):
    """HTML that is complete: no shortcodes, and blank lines do not make paragraphs."""

    def __init__(self, base: str, find_picture: FindPicture) -> None:
        super().__init__(base, has_blocks=True)
        self.find_picture = find_picture
        self.is_in_code = False
        # How many elements of the same name are open, counting from a skipped form.
        self.skipped, self.skipped_tag = 0, ""

    def text(self, words: str) -> None:
        if not self.skipped:
            super().text(words)

    def commented(self, comment: str) -> None:
        """The marker for the end of the excerpt in Hugo, Jekyll and WordPress."""
        if comment.strip().lower() == "more" and not self.boxes:
            self._end_paragraph()
            self.out.append(READ_MORE)

    def _without_shortcode(self, match: re.Match[str]) -> str:
        return match[0]

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == self.skipped_tag == "p":
            self.skipped = 0  # a paragraph ends where the next one starts
        if self.skipped:
            self.skipped += tag == self.skipped_tag
        elif _is_form(tag, attributes):
            self.skipped, self.skipped_tag = int(tag != "img"), tag
        elif tag == "code" and "pre" in self.boxes:
            language = LANGUAGE.search(attributes.get("class", ""))
            if language and not self.is_in_code:
                self.is_in_code = True
                self.out.append(f'<code class="language-{language[1].lower()}">')
        elif tag == "section" and attributes.get("class") == "footnotes" and not self.boxes:
            self._end_paragraph()
            self.boxes.append("section")
            self.out.append('<section class="footnotes">')
        else:
            super().opened(tag, attributes)

    def muted(self, tag: str, attributes: dict[str, str], inside: str) -> None:
        if not self.skipped:
            super().muted(tag, attributes, inside)

    def closed(self, tag: str) -> None:
        if self.skipped:
            self.skipped -= tag == self.skipped_tag
            return
        if self.is_in_code and tag in {"code", "pre"}:
            self.is_in_code = False
            self.out.append("</code>")
        if tag == "section" and "section" in self.boxes:
            self._end_paragraph()
            self._end_box("section")
        elif not (tag == "code" and "pre" in self.boxes):
            super().closed(tag)

    def _open_mark(self, tag: str, attributes: dict[str, str]) -> None:
        href, name = attributes.get("href", ""), attributes.get("id", "")
        if tag == "a" and NOTE_LINK.fullmatch(href):
            self._close_mark("a")
            self.marks.append(("a", f'<a href="{href}">'))
        elif tag == "sup" and attributes.get("class") == "fnref" and NOTE_LINK.fullmatch(f"#{name}"):
            self.marks.append(("sup", f'<sup class="fnref" id="{name}">'))
        elif tag == "a" and href.startswith("#"):
            return  # within the page: to a heading, whose id is not kept
        elif tag == "a" and (POST_HERE.fullmatch(href) or (not self.base and WITHIN_SITE.match(href))):
            self._close_mark("a")
            self.marks.append(("a", f'<a href="{html.escape(href)}">'))
        else:
            super()._open_mark(tag, attributes)

    def _open_box(self, tag: str, attributes: dict[str, str]) -> None:
        super()._open_box(tag, attributes)
        name = attributes.get("id", "")
        if tag == "li" and NOTE_LINK.fullmatch(f"#{name}") and self.out[-1] == "<li>":
            self.out[-1] = f'<li id="{name}">'

    def _link(self, address: str, label: str) -> None:
        """An embed, or a URL alone on its line. A video becomes a card that plays on a click."""
        holds = bool(self.boxes) and self.boxes[-1] in HOLD_WORDS_THEMSELVES - {"figure"}
        if label == address and not holds and video_at(address):
            self.losses.discard("an embed becomes a link")
            self._end_paragraph()
            self.out.append(f'<a class="video" href="{html.escape(address)}">{html.escape(address)}</a>\n')
        else:
            super()._link(address, label)

    def _picture(self, attributes: dict[str, str]) -> None:
        address = attributes.get("src") or attributes.get("data-src") or ""
        own = self.find_picture(address, attributes.get("alt", "").strip()) if address else ""
        if own:
            self._inline(own)
        else:
            # "/media/a.jpg" of the other site is not one of our files.
            whole = absolute(address, self.base) or address
            super()._picture(attributes | {"src": whole, "written": address})


def _is_form(tag: str, attributes: dict[str, str]) -> bool:
    look = attributes.get("class", "")
    if tag == "p" and "button-wrapper" in look.split():
        return bool(BUTTONS.search(attributes.get("data-attrs", "")))
    if tag in {"div", "button", "span", "img", "image", "label"} and FURNITURE.search(look):
        return True
    return tag == "div" and bool(FORMS.search(look))


def post_html(body: str, body_format: str, base: str, find_picture: FindPicture) -> Words:
    """The text of a post as our sanitised HTML, and the losses."""
    if body_format == "text":
        body = paragraphs(body)
    elif body_format == "markdown":
        body = host_markdown(body)
    else:
        body = with_notes(body)
    writer = ForeignHtml(base, find_picture)
    writer.read(body)
    return Words(clean_post_html(writer.result()), writer.losses)


def comment_markdown(body: str, body_format: str, base: str) -> Words:
    """The text of a comment as Markdown, and the losses."""
    if body_format == "markdown":
        body = body.replace("\r\n", "\n").strip()
        if not MORE_THAN_MARKDOWN.search(CODE_IN_COMMENT.sub("", body)):
            return Words(body, set())
        body = host_markdown(body)
    return to_markdown(html.escape(body) if body_format == "text" else body, base)


def paragraphs(text: str) -> str:
    """Plain text as HTML. Blank lines separate paragraphs; line breaks are kept."""
    parts = (part.strip("\n") for part in BLANK_LINES.split(text.replace("\r\n", "\n").strip()))
    return "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in parts if part)


def absolute(address: str, base: str) -> str:
    """An absolute web URL, or ""."""
    return web_address(address, base)
