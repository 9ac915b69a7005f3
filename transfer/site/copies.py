"""A post with all its comments as one file: Markdown, HTML with embedded pictures, or a page to print."""

import base64
import html
import json
import re
from collections.abc import Callable
from typing import TextIO

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from comments.models import Comment
from core.markup.plain import for_elsewhere
from core.markup.posts import post_for_feeds
from core.markup.safe import trusted
from core.models import SiteSettings
from core.utils.urls import absolute_url
from posts.models import Post
from transfer.site.markdown import markdown_of
from transfer.site.pages import STYLE, write_post
from transfer.site.threads import thread_of

# Pictures beyond this total are not embedded, so that the file can still be opened.
MAX_PICTURE_BYTES = 60 * 1024 * 1024
KINDS = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
}


def write_markdown(post: Post, file: TextIO) -> None:
    """Write Markdown with front matter for static site generators and our own importer.

    Comments are block quotes below the text.
    """
    facts = {
        "title": post.title,
        "slug": post.slug,
        "date": post.published_at.isoformat() if post.published_at else None,
        "draft": None if post.published_at else True,
        "type": "page" if post.is_page else None,
        "visibility": post.visibility if post.visibility != Post.Visibility.PUBLIC else None,
        "author": post.author.get_display_name(),
        "summary": post.summary or None,
        "tags": [tag.name for tag in post.tags.all()] or None,
    }
    lines = [
        f"{name}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in facts.items()
        if value is not None
    ]
    file.write("---\n" + "\n".join(lines) + "\n---\n\n")
    file.write(markdown_of(post_for_feeds(post.body)) + "\n")
    for row in thread_of(post, Comment.Status.PUBLIC):
        comment = row.comment
        when = date_format(timezone.localtime(comment.created_at), "DATETIME_FORMAT")
        name = re.sub(r"[\\`*_\[\]<>]", r"\\\g<0>", comment.author_name)
        text = f"**{name}**, {when}\n\n{markdown_of(for_elsewhere(comment.html))}"
        prefix = "> " * (row.depth + 1)
        file.write("\n" + "\n".join(f"{prefix}{line}".rstrip() for line in text.split("\n")) + "\n")


def write_html(post: Post, file: TextIO) -> None:
    """Write one self-contained HTML file."""
    inside = PicturesInside()
    style = f"data:text/css;base64,{base64.b64encode(STYLE.read_bytes()).decode()}"
    words = {"style_url": style, "cover_url": inside.cover(post)}
    write_post(post, SiteSettings.current(), file, inside.place, words)


def write_print(post: Post, file: TextIO) -> None:
    """Write a page of the site for printing or saving as PDF."""
    words = {"cover_url": post.cover.url if post.cover else ""}
    write_post(post, SiteSettings.current(), file, trusted, words)


class PicturesInside:
    """Embeds our pictures as data URLs."""

    def __init__(self) -> None:
        self.left = MAX_PICTURE_BYTES
        self.own = absolute_url(settings.MEDIA_URL)
        self.pattern = re.compile(rf'"{re.escape(self.own)}([^"]*)"')

    def place(self, clean_html: str) -> SafeString:
        without_widths = re.sub(r'\s(?:srcset|sizes)="[^"]*"', "", clean_html)
        return trusted(
            re.sub(r"<img\b[^>]*>", lambda tag: self.pattern.sub(self._data, tag[0]), without_widths)
        )

    def cover(self, post: Post) -> str:
        return self._data_of(str(post.cover.name)) if post.cover else ""

    def _data(self, found: re.Match[str]) -> str:
        return f'"{self._data_of(html.unescape(found[1])) or html.escape(self.own + found[1])}"'

    def _data_of(self, name: str) -> str:
        kind = KINDS.get(f".{name.rpartition('.')[2].lower()}", "")
        try:
            if not kind or default_storage.size(name) > self.left:
                return ""
            with default_storage.open(name) as file:
                content = file.read()
        except OSError:
            return ""
        self.left -= len(content)
        return f"data:{kind};base64,{base64.b64encode(content).decode()}"


# The kinds of copies: the writer, and the extension of the file ("" for a page).
COPIES: dict[str, tuple[Callable[[Post, TextIO], None], str]] = {
    "markdown": (write_markdown, "md"),
    "html": (write_html, "html"),
    "print": (write_print, ""),
}
