"""Other content of WordPress blogs: pages, images, galleries, files, featured images, footnotes, pingbacks."""

import gzip
import json
import re
from datetime import UTC, datetime

import pytest

from comments.models import Comment
from posts.models import Post, Tag
from posts.models.editing import Upload
from tests.factories import make_host
from tests.transfer.blogs import picture, zipped
from tests.transfer.blogs import run as run_frame
from tests.transfer.test_import_wordpress import run
from tests.transfer.wxr import HEAD, author, cdata, comment, post, wxr
from transfer.wordpress.blocks import to_post_html

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

OLD = "https://ida.example.org/wp-content/uploads/2012/04"
PDF = b"%PDF-1.4\n%%EOF\n"


def meta(key: str, value: object) -> str:
    return f"<wp:postmeta><wp:meta_key>{cdata(key)}</wp:meta_key><wp:meta_value>{cdata(value)}</wp:meta_value></wp:postmeta>"


def attachment(number: int, name: str, alt: str = "", caption: str = "", under: int = 0) -> str:
    return post(
        number,
        title=name,
        content="",
        excerpt=caption,
        status="inherit",
        post_type="attachment",
        post_name=name,
        post_parent=under,
        tags=f"<wp:attachment_url>{OLD}/{name}</wp:attachment_url>" + meta("_wp_attachment_image_alt", alt),
    )


@pytest.fixture
def brought(tmp_path):
    """Import a blog with an uploads folder; return the command's output."""

    def bring(*parts: str, files: dict[str, bytes] | None = None, **options: object) -> list[str]:
        uploads = tmp_path / "uploads"
        for name, content in (files or {}).items():
            path = uploads / "2012" / "04" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if files is not None:
            options["uploads"] = str(uploads)
        return run(wxr(tmp_path / "blog.xml", *parts), **options)

    return bring


def shape(body: str) -> str:
    """Return the HTML of a post, with images replaced by their widths, and files by their extensions."""
    body = re.sub(r'<img src="[^"]*"( alt="[^"]*")?[^>]*? width="(\d+)"[^>]*>', r"[\2\1]", body)
    return re.sub(r'"/media/posts/[^".]*(\.\w+)"', r'"\1"', body)


def test_pages_come_with_their_comments_and_old_addresses(client, brought):
    said = brought(
        post(1, title="On bread"),
        post(
            2,
            comment(5, "Nice page."),
            title="Who I am",
            post_type="page",
            post_name="who-i-am",
            link="https://ida.example.org/about/who-i-am/",
        ),
        post(3, title="Notes", post_type="page", post_name="members", status="draft"),
    )
    assert said[-1] == "1 post, 2 pages, 1 comment by 1 guest imported; 0 skipped."
    page = Post.objects.get(title="Who I am")
    assert (page.kind, page.get_absolute_url(), page.comment_count) == ("page", "/who-i-am/", 1)
    assert client.get("/about/who-i-am/").headers["Location"] == "/who-i-am/"
    assert Post.objects.get(title="Notes").slug == "members-2"  # /members/ is ours
    assert "The web address “members” is taken or too long: the page in line" in "\n".join(said)


def test_sticky_and_private_posts_and_described_tags(brought):
    terms = (
        "<wp:category><wp:category_nicename>kitchen</wp:category_nicename><wp:cat_name>Kitchen</wp:cat_name>"
        "<wp:category_description>What &lt;b&gt;we&lt;/b&gt; cook.</wp:category_description></wp:category>"
    )
    said = brought(
        author(),
        terms,
        post(
            1,
            is_sticky=1,
            tags='<category domain="category" nicename="kitchen">Kitchen</category>'
            + meta("_yoast_wpseo_metadesc", "Bread &amp; more."),
        ),
        post(2, status="private", title="Secret", post_name="secret"),
    )
    assert list(Post.objects.order_by("pk").values_list("is_pinned", "published_at")) == [
        (True, datetime(2012, 4, 25, 12, tzinfo=UTC)),
        (False, None),
    ]
    assert "A private post becomes a draft: post 2." in said
    assert Post.objects.get(slug="on-bread").meta_description == "Bread & more."
    assert Tag.objects.get().description == "What we cook."


def test_pictures_come_from_the_uploads_folder_whole_as_wide_as_they_were_shown_with_captions(brought):
    said = brought(
        attachment(7, "loaf.jpg", alt="A loaf"),
        post(
            1,
            content=f'[caption id="attachment_7" align="alignleft" width="300"]<a href="{OLD}/loaf.jpg">'
            f'<img class="wp-image-7 size-medium" src="{OLD}/loaf-300x200.jpg" width="300" height="200"></a> Fresh[/caption]\n\n'
            f'<img src="https://i0.wp.com/ida.example.org/wp-content/uploads/2012/04/loaf.jpg?resize=600%2C400&amp;ssl=1" alt="x">'
            f'\n\nThe <a href="{OLD}/recipe.pdf">recipe</a>.',
        ),
        files={"loaf.jpg": picture(), "loaf-300x200.jpg": picture("red"), "recipe.pdf": PDF},
    )
    assert shape(Post.objects.get().body) == (
        '<figure>[300 alt="A loaf"]<figcaption>Fresh</figcaption></figure><p>[600 alt="x"]</p>\n'
        '<p>The <a href=".pdf" rel="noopener">recipe</a>.</p>'
    )
    assert sorted(Upload.objects.values_list("kind", "title")) == [
        ("file", "recipe.pdf"),
        ("picture", "loaf.jpg"),
    ]
    assert said[-1] == "1 post, 0 comments, 1 picture imported; 0 skipped."


def test_a_picture_of_the_same_name_elsewhere_is_another(brought):
    said = brought(
        post(1, content='<img src="https://other.example/loaf.jpg" alt="x">'), files={"loaf.jpg": picture()}
    )
    assert Post.objects.get().body == '<p><a href="https://other.example/loaf.jpg" rel="noopener">x</a></p>'
    assert "A picture on another site becomes a link: post 1." in said


def test_block_pictures_keep_their_shape(brought):
    brought(
        post(
            1,
            content=f'<!-- wp:image {{"id":7,"align":"wide"}} --><figure class="wp-block-image alignwide size-large"><img src="{OLD}/a.jpg" '
            f'alt="A" class="wp-image-7" style="width:320px"/><figcaption class="wp-element-caption">Here</figcaption></figure><!-- /wp:image -->',
        ),
        files={"a.jpg": picture()},
    )
    assert (
        shape(Post.objects.get().body)
        == '<figure class="wide">[320 alt="A"]<figcaption>Here</figcaption></figure>'
    )


@pytest.mark.parametrize("form", ["shortcode", "of the post", "blocks", "old blocks"])
def test_galleries_come_whole_with_one_caption(brought, form):
    image = '<figure class="wp-block-image"><img class="wp-image-%d" src="%s/%s.jpg"/>%s</figure>'
    said = ["<figcaption>One</figcaption>", "<figcaption>Two</figcaption>"]
    inside = "".join(image % (n, OLD, name, c) for n, name, c in zip((7, 8), "ab", said, strict=True))
    content = {
        "shortcode": 'See:\n\n[gallery columns="2" ids="7,8"]',
        "of the post": "See:\n\n[gallery]",
        "blocks": f'<!-- wp:gallery --><p>See:</p><figure class="wp-block-gallery has-nested-images">{inside}</figure><!-- /wp:gallery -->',
        "old blocks": "<!-- wp:gallery --><p>See:</p><ul class='wp-block-gallery'>"
        + "".join(
            f'<li class="blocks-gallery-item">{one}</li>' for one in re.findall("<figure.*?</figure>", inside)
        )
        + "</ul><!-- /wp:gallery -->",
    }[form]
    brought(
        post(1, content=content),
        attachment(7, "a.jpg", alt="A", caption="One", under=1),
        attachment(8, "b.jpg", alt="B", caption="Two", under=1),
        files={"a.jpg": picture(), "b.jpg": picture("red")},
    )
    assert shape(Post.objects.get().body).replace("\n", "") == (
        '<p>See:</p><figure class="gallery">[600 alt="A"][600 alt="B"]<figcaption>One · Two</figcaption></figure>'
    )


def test_a_gallery_whose_pictures_stay_there_becomes_links(brought):
    said = brought(post(1, content='[gallery ids="7"]'), attachment(7, "a.jpg", alt="A"))
    assert Post.objects.get().body == f'<p><a href="{OLD}/a.jpg" rel="noopener">A</a></p>'
    assert "A picture on another site becomes a link: post 1." in said


def test_the_featured_picture_is_the_cover(brought):
    said = brought(
        attachment(7, "a.jpg", alt="A"),
        post(1, tags=meta("_thumbnail_id", 7)),
        post(2, post_name="two", tags=meta("_thumbnail_id", 8)),
        files={"a.jpg": picture()},
    )
    one, two = Post.objects.order_by("pk")
    assert (bool(one.cover), bool(one.cover_thumb), one.cover_alt, bool(two.cover)) == (
        True,
        True,
        "A",
        False,
    )
    assert "A featured picture is left out: it’s neither in the export nor fetched: post 2." in said


def test_recordings_code_videos_and_notes_come(brought):
    notes = json.dumps([{"id": "ab-1", "content": "Or <em>rye</em>."}])
    brought(
        post(
            1,
            tags=meta("footnotes", notes),
            content="<!-- wp:paragraph --><p>Flour"
            '<sup data-fn="ab-1" class="fn"><a href="#ab-1" id="ab-1-link">1</a></sup></p><!-- /wp:paragraph -->'
            f'<!-- wp:audio --><figure class="wp-block-audio"><audio controls src="{OLD}/song.mp3"></audio><figcaption>Song</figcaption></figure>'
            '<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\nhttps://www.youtube.com/watch?v=dQw4w9WgXcQ\n</div></figure>'
            '<figure class="wp-block-pullquote"><blockquote><p>Knead.</p></blockquote></figure><!-- wp:footnotes /-->',
        ),
        post(
            2,
            post_name="two",
            content='[sourcecode language="css"]\na > b {}\n[/sourcecode]\n\n[youtube dQw4w9WgXcQ]\n\nA\n\n<!--more Read on-->\n\nB',
        ),
        files={"song.mp3": b"ID3\x04" + bytes(100)},
    )
    first, second = (shape(body) for body in Post.objects.order_by("pk").values_list("body", flat=True))
    assert '<sup class="fnref" id="fnref-1"><a href="#fn-1" rel="noopener">1</a></sup>' in first
    assert '<li id="fn-1">Or <em>rye</em>. <a href="#fnref-1" rel="noopener">↩</a></li>' in first
    assert (
        '<figure class="audio"><audio src=".mp3" controls="" preload="none"></audio><figcaption>Song</figcaption></figure>'
        in first
    )
    assert '<blockquote class="pull"><p>Knead.</p>' in first
    assert first.count('class="video"') == second.count('class="video"') == 1
    assert '<pre><code class="language-css">a &gt; b {}</code></pre>' in second
    assert second.count('<hr class="more">') == 1


def test_links_to_other_posts_of_the_blog_lead_on_here(client, brought):
    brought(
        post(
            1,
            content='<a href="http://www.ida.example.org/2012/rye/#flour">rye</a> <a href="https://ida.example.org/x/">x</a>',
        ),
        post(2, title="Rye", post_name="rye", link="https://ida.example.org/2012/rye/"),
    )
    body = Post.objects.get(slug="on-bread").body
    assert (
        '<a href="/2012/rye/#flour" rel="noopener">rye</a> <a href="https://ida.example.org/x/" rel="noopener">x</a>'
        in body
    )
    assert client.get("/2012/rye/").headers["Location"] == "/posts/rye/"


@pytest.mark.parametrize(("wanted", "count", "left"), [(False, 1, 2), (True, 3, 0)])
def test_pingbacks_come_by_choice_and_webmentions_always(brought, wanted, count, left):
    ping = {"comment_author": "Another blog", "comment_author_url": "https://other.example.org/x"}
    said = brought(
        post(
            1,
            comment(1, "[…] as Ida says […]", comment_type="pingback", **ping),
            comment(2, "Seen.", comment_type="trackback", **ping),
            comment(3, "Liked it.", comment_type="webmention", **ping),
        ),
        pingbacks=wanted,
    )
    assert Comment.objects.count() == count
    assert said[-1].endswith(f"{left} skipped.")
    assert set(Comment.objects.values_list("guest_url", flat=True)) == {"https://other.example.org/x"}


def test_a_zip_with_several_files_and_its_uploads_is_one_blog(tmp_path):
    make_host("nora")
    first, second = tmp_path / "a.xml", tmp_path / "b.xml"
    wxr(first, post(1, content='[gallery ids="7,8"]'), post(2, post_name="two", title="Two"))
    wxr(second, attachment(7, "a.jpg"), attachment(8, "b.jpg"), post(3, post_name="three", content='<a href="https://ida.example.org/?p=1">1</a>'))  # fmt: skip
    files = {f"export/{path.name}": path.read_bytes() for path in (first, second)}
    files |= {"uploads/2012/04/a.jpg": picture(), "uploads/2012/04/b.jpg": picture("red")}
    said = run_frame(zipped(tmp_path / "blog.zip", files))
    assert said[-1] == "3 posts and 2 pictures imported."
    assert Post.objects.get(slug="on-bread").body.count("<img") == 2
    assert 'href="/?p=1"' in Post.objects.get(slug="three").body
    assert run_frame(tmp_path / "blog.zip")[-1] == "Nothing new: 3 posts were already here."


def test_a_broken_second_file_leaves_nothing_of_the_first(tmp_path):
    make_host("nora")
    good = HEAD + author() + post(1)
    files = {"a.xml": good + "</channel></rss>", "b.xml": good[:-20]}
    with pytest.raises(Exception, match="The file is incomplete"):
        run_frame(zipped(tmp_path / "blog.zip", files))
    assert not Post.objects.exists()


def test_a_packed_file_and_a_dry_run(tmp_path):
    path = wxr(tmp_path / "blog.xml", post(1, content=f'<img src="{OLD}/a.jpg">'))
    (tmp_path / "blog.xml.gz").write_bytes(gzip.compress(path.read_bytes()))
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / "a.jpg").write_bytes(picture())
    said = run(tmp_path / "blog.xml.gz", uploads=str(tmp_path / "up"), dry_run=True)
    assert said[-1] == "1 post, 0 comments, 1 picture would be imported; 0 skipped."
    assert not Post.objects.exists()
    assert not Upload.objects.exists()


@pytest.mark.parametrize("piece", ["[gallery ", "[sourcecode]", "[audio ", "[youtube=", '<figure class="gallery">', "[embed x]",
                                   '<figure class="wp-block-embed">', '<sup data-fn="a">'])  # fmt: skip
def test_heavy_texts_end_soon(piece):
    to_post_html(piece * 20_000, notes='[{"id": "a", "content": "b"}]')
