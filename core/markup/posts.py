"""Sanitises the HTML of posts from the editor."""

import html
import re

import nh3
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt

from core.markup.allowlists import (
    HOST_ATTRIBUTES,
    HOST_TAGS,
    MEMBER_LINK_REL,
    SELF_DIRECTED_TAGS,
    _absolute_urls,
    _allowed_post_attributes,
)
from core.markup.direction import reads_right_to_left_somewhere
from core.markup.links import tidy_address
from core.markup.plain import READ_MORE, plain_text
from core.markup.post_pictures import with_widths
from core.markup.videos import video_at

_markdown = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable(["table", "strikethrough"])
NOTE = re.compile(r"^\[\^([\w-]{1,30})\]:[ \t]*(.{1,2000})$", re.MULTILINE)
HEADING = re.compile(r"<(/?)h([156])\b", re.IGNORECASE)
NOTE_MARK = re.compile(r"\[\^([\w-]{1,30})\]")
AUDIO = re.compile(r'<audio\b[^>]*?(\ssrc="[^"]*")[^>]*>')
PICTURE = re.compile(r"<img\b[^>]*>")
VIDEO = re.compile(r'<a\b(?=[^>]*\sclass="video")(?=[^>]*\shref="([^"]*)")([^>]*)>(.*?)</a>', re.DOTALL)


def clean_post_html(raw: str, *, by_member: bool = False) -> str:
    """Reduce the editor's HTML to what a post may contain. Pictures must be from our own media.

    by_member: mark links as a member's for search engines, as in comments.

    Then the widths of pictures and the parts of video cards are added. Cleaning the result again changes
    nothing.
    """
    clean = nh3.clean(
        raw,
        tags=HOST_TAGS,
        attributes=HOST_ATTRIBUTES,
        attribute_filter=_allowed_post_attributes,
        set_tag_attribute_values={tag: {"dir": "auto"} for tag in SELF_DIRECTED_TAGS}
        if reads_right_to_left_somewhere(raw)
        else {},
        url_schemes={"http", "https", "mailto"},
        link_rel=MEMBER_LINK_REL if by_member else "noopener",
    )
    clean = re.sub(r"<(?:img|audio)(?![^>]*\ssrc=)[^>]*>(?:</audio>)?|<p></p>", "", clean).strip()
    clean = AUDIO.sub(r'<audio\1 controls="" preload="none">', clean)
    return with_widths(VIDEO.sub(_video_card, clean))


def post_for_feeds(clean_html: str) -> str:
    """A stored post for feed readers: absolute URLs, plain links in place of cards, none of our styles."""
    return nh3.clean(
        clean_html.replace(READ_MORE, ""),
        tags=HOST_TAGS,
        attributes={
            tag: names - {"class", "data-start", "data-video"} for tag, names in HOST_ATTRIBUTES.items()
        },
        attribute_filter=_absolute_urls,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
    )


def host_markdown(text: str) -> str:
    """A host's Markdown as HTML that must still be cleaned (clean_post_html), including any HTML in it.

    Footnotes are written as in many programs: [^1] in the text, and a line "[^1]: The note." anywhere.
    """
    if not text.strip():
        return ""
    notes = {found[1]: found[2] for found in NOTE.finditer(text)}
    order: list[str] = []

    def refer(found: re.Match[str]) -> str:
        if found[1] not in notes or found[1] in order:
            return found[0]
        order.append(found[1])
        return f'<sup class="fnref" id="fnref-{len(order)}"><a href="#fn-{len(order)}">{len(order)}</a></sup>'

    # The title of the post is the first-level heading.
    body = HEADING.sub(
        lambda found: f"<{found[1]}h{2 if found[2] == '1' else 4}",
        _markdown.render(NOTE_MARK.sub(refer, NOTE.sub("", text))),
    )
    items = [
        f'<li id="fn-{number}">{_markdown.renderInline(notes[name])} <a href="#fnref-{number}">↩</a></li>'
        for number, name in enumerate(order, 1)
    ]
    return f'{body}<section class="footnotes"><ol>{"".join(items)}</ol></section>' if items else str(body)


def _video_card(link: re.Match[str]) -> str:
    """A link to a video as a card that static/js/videos.js plays on a click; any other link as it was."""
    href, attributes, label = html.unescape(link[1]), link[2], plain_text(link[3])
    video = video_at(href)
    if video is None:
        return link[0].replace(' class="video"', "", 1)
    if "data-video=" in attributes:  # cleaned before, when the sanitiser removed its parts
        label = label.removesuffix(video.site_name).strip()
    start = format_html(' data-start="{}"', video.start) if video.start else ""
    picture = PICTURE.search(link[3])
    return format_html(
        '<a class="video" href="{}" rel="noopener" data-video="{}"{}>{}<span><span class="go"></span><b>{}</b> {}</span></a>',
        href,
        video.player_key,
        start,
        mark_safe(picture[0] if picture else ""),  # noqa: S308 - it was cleaned before
        tidy_address(href) if label in {"", href} else label,
        video.site_name,
    )
