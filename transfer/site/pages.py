"""The public pages as plain HTML files, to read offline or to put on any web server."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import override

from comments.models import Comment
from core.markup.plain import for_elsewhere
from core.markup.posts import post_for_feeds
from core.markup.safe import trusted
from core.models import SiteSettings
from core.utils.urls import absolute_url
from posts.models import Post
from transfer.site.threads import thread_of

STYLE = Path(settings.BASE_DIR) / "static" / "css" / "copy.css"
BATCH = 100
# The placeholder for the comments. No text can contain it, because the sanitiser removes HTML comments.
COMMENTS = "<!--comments-->"


def write_pages(folder: Path) -> None:
    """Write index.html, a file for each post, and a stylesheet. Pictures are expected in ../media/."""
    (folder / "posts").mkdir(parents=True)
    (folder / "style.css").write_bytes(STYLE.read_bytes())
    site = SiteSettings.current()
    with override(site.language_code), timezone.override(site.zone):
        posts = Post.objects.published().discoverable_by(AnonymousUser())
        for post in posts.with_author().order_by("pk").iterator(BATCH):
            with (folder / "posts" / f"{post.pk}.html").open("w", encoding="utf-8") as file:
                cover = f"../../media/{post.cover.name}" if post.cover else ""
                words = {"index": "../index.html", "style_url": "../style.css", "cover_url": cover}
                write_post(post, site, file, _to_archived_files, words)
        listed = posts.newest_first().only("pk", "title", "published_at", "kind", "comment_count")
        index = render_to_string("transfer/archive/index.html", {"site": site, "posts": listed})
        (folder / "index.html").write_text(index, encoding="utf-8")


def write_post(
    post: Post, site: SiteSettings, file: TextIO, place: Callable[[str], SafeString], words: dict[str, Any]
) -> None:
    """Write in chunks, so that memory does not depend on the number of comments.

    place: converts the URLs of our files for the location of the page. words: additional template context.
    """
    words = words | {"site": site, "post": post, "body": place(post_for_feeds(post.body))}
    before, _mark, after = render_to_string("transfer/archive/post.html", words).partition(COMMENTS)
    file.write(before)
    rows = thread_of(post, Comment.Status.PUBLIC)
    while some := list(islice(rows, BATCH)):
        thread = [(row, place(for_elsewhere(row.comment.html))) for row in some]
        file.write(render_to_string("transfer/archive/_comments.html", {"thread": thread}))
    file.write(after)


def _to_archived_files(clean_html: str) -> SafeString:
    """Point the URLs of our files to the archive, two folders above the page."""
    return trusted(clean_html.replace(f'"{absolute_url(settings.MEDIA_URL)}', '"../../media/'))
