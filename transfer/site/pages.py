"""What visitors can find, as plain HTML files: to be read offline, or put on any web server as they are."""

from pathlib import Path

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

STYLE = Path(__file__).with_name("pages.css")
BATCH = 100


def write_pages(folder: Path) -> None:
    """Write index.html, a file for each post, and a stylesheet. Pictures are looked for in ../media/."""
    (folder / "posts").mkdir(parents=True)
    (folder / "style.css").write_bytes(STYLE.read_bytes())
    site = SiteSettings.current()
    with override(site.language_code), timezone.override(site.zone):
        posts = Post.objects.published().discoverable_by(AnonymousUser())
        for post in posts.with_author().prefetch_related("tags").order_by("pk").iterator(BATCH):
            _write(
                folder / "posts" / f"{post.pk}.html",
                "transfer/archive/post.html",
                {
                    "site": site,
                    "post": post,
                    "body": _beside_the_files(post_for_feeds(post.body)),
                    "thread": (
                        (row, _beside_the_files(for_elsewhere(row.comment.html)))
                        for row in thread_of(post, Comment.Status.PUBLIC)
                    ),
                },
            )
        listed = posts.newest_first().only("pk", "title", "published_at", "kind", "comment_count")
        _write(folder / "index.html", "transfer/archive/index.html", {"site": site, "posts": listed})


def _beside_the_files(clean_html: str) -> SafeString:
    """Our own files are in the archive, two folders away from the page."""
    return trusted(clean_html.replace(f'"{absolute_url(settings.MEDIA_URL)}', '"../../media/'))


def _write(path: Path, template: str, context: dict[str, object]) -> None:
    path.write_text(render_to_string(template, context), encoding="utf-8")
