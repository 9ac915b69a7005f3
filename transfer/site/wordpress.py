"""The site as a WordPress export (WXR 1.2), for programs that read such files.

WXR has no specification; this is what WordPress 6 writes (wp-admin/includes/export.php), without features
that a site here does not have. Removed and deleted comments are left out, and replies to them are attached to
the next comment above.
"""

from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.db.models import Prefetch
from django.utils.xmlutils import SimplerXMLGenerator

from accounts.models import User
from comments.models import Comment
from core.markup.plain import for_elsewhere
from core.markup.posts import post_for_feeds
from core.models import SiteSettings
from core.utils.urls import absolute_url
from posts.models import Post, Tag
from transfer.site.threads import Row, thread_of

NAMESPACES = {
    "version": "2.0",
    "xmlns:excerpt": "http://wordpress.org/export/1.2/excerpt/",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:wp": "http://wordpress.org/export/1.2/",
}
BATCH = 100


def write_wxr(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        _Writer(SimplerXMLGenerator(file, "utf-8")).write()


def _without_controls(text: str) -> str:
    """Remove control characters, which XML 1.0 cannot contain even if escaped (section 2.2)."""
    return "".join(char for char in text if char in "\t\n\r" or (char >= " " and char not in "\ufffe\uffff"))


class _Writer:
    def __init__(self, xml: SimplerXMLGenerator) -> None:
        self.xml = xml

    def start(self, name: str, attributes: dict[str, str] | None = None) -> None:
        self.xml.startElement(name, AttributesImpl(attributes or {}))

    def element(self, name: str, text: object = "", **attributes: str) -> None:
        self.xml.addQuickElement(name, _without_controls(str(text)), attributes)
        self.xml.ignorableWhitespace("\n")

    def write(self) -> None:
        site = SiteSettings.current()
        self.xml.startDocument()
        self.start("rss", NAMESPACES)
        self.start("channel")
        self.element("title", site.title)
        self.element("link", settings.SITE_URL)
        self.element("description", site.subtitle)
        self.element("language", site.language_code)
        self.element("wp:wxr_version", "1.2")
        self.element("wp:base_site_url", settings.SITE_URL)
        self.element("wp:base_blog_url", settings.SITE_URL)
        for author in User.objects.filter(posts__isnull=False).distinct().order_by("pk"):
            self.author(author)
        for tag in Tag.objects.order_by("pk"):
            self.tag(tag)
        # Kinds with a page of a later app are in the archive's own tables; WordPress does not have them.
        kinds = [Post.Kind.POST, Post.Kind.PAGE]
        posts = Post.objects.filter(trashed_at=None, kind__in=kinds).select_related("author").order_by("pk")
        for post in posts.prefetch_related(Prefetch("tags", Tag.objects.order_by("pk"))).iterator(BATCH):
            self.post(post)
        self.xml.endElement("channel")
        self.xml.endElement("rss")
        self.xml.endDocument()

    def author(self, author: User) -> None:
        self.start("wp:author")
        self.element("wp:author_id", author.pk)
        self.element("wp:author_login", author.username)
        self.element("wp:author_email", author.email)
        self.element("wp:author_display_name", author.get_display_name())
        self.xml.endElement("wp:author")

    def tag(self, tag: Tag) -> None:
        self.start("wp:tag")
        self.element("wp:term_id", tag.pk)
        self.element("wp:tag_slug", tag.slug)
        self.element("wp:tag_name", tag.name)
        self.element("wp:tag_description", tag.description)
        self.xml.endElement("wp:tag")

    def post(self, post: Post) -> None:
        written_at = post.published_at or post.created_at
        self.start("item")
        self.element("title", post.title)
        self.element("link", absolute_url(post.get_absolute_url()))
        self.element("pubDate", format_datetime(written_at))
        self.element("dc:creator", post.author.username)
        self.element("guid", absolute_url(post.get_absolute_url()), isPermaLink="false")
        self.element("content:encoded", post_for_feeds(post.body))
        self.element("excerpt:encoded", post.summary)
        self.element("wp:post_id", post.pk)
        self.moment("wp:post_date", written_at)
        self.element("wp:comment_status", "open" if post.comments_open else "closed")
        self.element("wp:ping_status", "closed")
        self.element("wp:post_name", post.slug)
        self.element("wp:status", self.status(post))
        self.element("wp:post_parent", 0)
        self.element("wp:menu_order", post.nav_order)
        self.element("wp:post_type", "page" if post.is_page else "post")
        self.element("wp:post_password")
        self.element("wp:is_sticky", int(post.is_pinned))
        for tag in post.tags.all():
            self.element("category", tag.name, domain="post_tag", nicename=tag.slug)
        for row in thread_of(post, Comment.Status.PUBLIC, Comment.Status.HELD):
            self.comment(row)
        self.xml.endElement("item")

    def comment(self, row: Row) -> None:
        comment = row.comment
        author = comment.author
        self.start("wp:comment")
        self.element("wp:comment_id", comment.pk)
        self.element("wp:comment_author", comment.author_name)
        self.element("wp:comment_author_email", author.email if author else comment.guest_email)
        self.element(
            "wp:comment_author_url", absolute_url(author.get_absolute_url()) if author else comment.guest_link
        )
        self.moment("wp:comment_date", comment.created_at)
        self.element("wp:comment_content", for_elsewhere(comment.html))
        self.element("wp:comment_approved", int(comment.is_public))
        self.element("wp:comment_type", "comment")
        self.element("wp:comment_parent", row.parent or 0)
        self.element("wp:comment_user_id", author.pk if author else 0)
        self.xml.endElement("wp:comment")

    def moment(self, name: str, at: datetime) -> None:
        self.element(name, f"{at.astimezone(SiteSettings.current().zone):%Y-%m-%d %H:%M:%S}")
        self.element(f"{name}_gmt", f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}")

    @staticmethod
    def status(post: Post) -> str:
        """The post status.

        Members-only and unlisted posts are private: WordPress must not show more than we do.
        """
        if post.published_at is None:
            return "draft"
        if post.visibility != Post.Visibility.PUBLIC:
            return "private"
        return "publish" if post.is_published else "future"
