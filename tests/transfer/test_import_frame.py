"""Behaviour common to all systems, tested with plain JSON (docs/import-format.md)."""

import gzip
import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from comments.models import Comment
from comments.tree.repair import find_faults
from core.utils import http_client
from notifications.models import Subscriber
from posts.models import OldAddress, Post, Tag
from posts.models.editing import Upload
from tests.accounts.web_servers import Web, page
from tests.factories import make_host, make_post
from tests.transfer.blogs import picture, plain, run, written, zipped
from tests.transfer.wxr import comment, post, wxr
from transfer.imports.json_stream import items

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

BREAD = {
    "id": "7",
    "title": "On bread",
    "body": "<p>Flour and <b>water</b>.</p><script>alert(1)</script>",
    "slug": "on-bread",
    "address": "/2012/04/on-bread.html",
    "published_at": "2012-04-25T12:00:00Z",
    "tags": ["Kitchen", "Slow food"],
    "comments": [
        {
            "id": "1",
            "name": "Per",
            "email": "Per@Example.org",
            "website": "https://per.example.org/",
            "body": "I bake too.",
            "written_at": "2012-04-26T08:00:00Z",
            "replies": [
                {
                    "id": "2",
                    "name": "Ida",
                    "body": "*What* do you bake?",
                    "written_at": "2012-04-26T09:00:00Z",
                }
            ],
        },
        {"id": "3", "parent": "2", "name": "Per", "body": "Rye.", "written_at": "2012-04-26T10:00:00Z"},
        {
            "id": "4",
            "name": "Spammer",
            "body": "Buy.",
            "status": "spam",
            "written_at": "2012-04-26T11:00:00Z",
        },
    ],
}


@pytest.fixture(autouse=True)
def host(db):
    return make_host("ida")


def outline() -> list[tuple[int, str, str]]:
    assert list(find_faults(Comment.objects.tree_rows())) == []
    return list(Comment.objects.in_reading_order().values_list("level", "guest_name", "body"))


def everything() -> list:
    return [
        list(model.objects.order_by("pk").values()) for model in (Post, Comment, Tag, Subscriber, OldAddress)
    ]


def test_posts_come_with_tags_threads_and_old_addresses(client, tmp_path):
    said = run(written(tmp_path / "blog.json", plain(BREAD)))

    post = Post.objects.get()
    assert (post.title, post.slug, post.body) == (
        "On bread",
        "on-bread",
        "<p>Flour and <strong>water</strong>.</p>",
    )
    assert post.published_at == datetime(2012, 4, 25, 12, tzinfo=UTC)
    assert [tag.name for tag in post.tags.all()] == ["Kitchen", "Slow food"]
    assert outline() == [(0, "Per", "I bake too."), (1, "Ida", "\\*What\\* do you bake?"), (2, "Per", "Rye.")]
    first = Comment.objects.get(body="I bake too.")
    assert (first.author, first.guest_email, first.guest_url) == (
        None,
        "per@example.org",
        "https://per.example.org/",
    )
    assert post.comment_count == 3
    assert said == [
        "Recognised as: Plain JSON.",
        "A script or style sheet is left out: “On bread”.",
        "Left out: comments marked as spam: 1.",
        "1 post and 3 comments by 3 guests imported.",
    ]
    moved = client.get("/2012/04/on-bread.html")
    assert (moved.status_code, moved["Location"]) == (301, "/posts/on-bread/")


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path):
    file = written(tmp_path / "blog.json", plain(BREAD))
    before = everything()

    said = run(file, dry_run=True)

    assert everything() == before
    assert said[-1] == "1 post and 3 comments by 3 guests would be imported."
    assert said[:-1] == run(file)[:-1]


def test_a_second_run_adds_only_what_is_new(tmp_path):
    run(written(tmp_path / "blog.json", plain(BREAD)))
    before = everything()
    assert run(tmp_path / "blog.json")[-1] == ("Nothing new: 1 post and 3 comments were already here.")
    assert everything() == before

    later = {"id": "5", "parent": "1", "name": "Eva", "body": "And I.", "written_at": "2013-01-01T00:00:00Z"}
    run(written(tmp_path / "blog.json", plain({**BREAD, "comments": [*BREAD["comments"], later]})))

    assert outline() == [
        (0, "Per", "I bake too."),
        (1, "Ida", "\\*What\\* do you bake?"),
        (2, "Per", "Rye."),
        (1, "Eva", "And I."),
    ]


def test_what_is_not_public_there_is_not_public_here(client, tmp_path):
    posts = [
        {"id": "1", "title": "Draft", "slug": "draft", "status": "draft"},
        {
            "id": "2",
            "title": "Inside",
            "slug": "inside",
            "visibility": "members",
            "published_at": "2012-04-25T12:00:00Z",
        },
        {"id": "3", "title": "Soon", "slug": "soon", "published_at": "2150-04-25T12:00:00Z"},
        {"id": "4", "title": "Undated", "slug": "undated"},
    ]
    said = run(written(tmp_path / "blog.json", plain(*posts)))

    assert [client.get(f"/posts/{post['slug']}/").status_code for post in posts] == [404, 302, 404, 404]
    assert said[1:] == [
        "A post without a date becomes a draft: “Undated”.",
        "4 posts imported, 2 of them as drafts.",
    ]


def test_pictures_come_out_of_the_zip(tmp_path):
    body = '<figure><img src="https://ida.example.org/img/loaf.jpg" alt="A loaf"></figure><p><img src="gone.jpg"></p>'
    files = {
        "blog.json": json.dumps(plain({**BREAD, "body": body, "cover": "img/cover.jpg", "comments": []}))
    }
    zipped(tmp_path / "blog.zip", files | {"img/loaf.jpg": picture(), "img/cover.jpg": picture("red")})

    said = run(tmp_path / "blog.zip")

    loaf, post = Upload.objects.get(alt="A loaf"), Post.objects.get()
    assert loaf.file.url in post.body
    assert "gone.jpg" in post.body
    assert (post.cover_size, bool(post.cover_thumb)) == ((600, 400), True)
    assert said[1:] == [
        "A file stays on the old site, and the text links to it there: “On bread”.",
        "1 post and 2 pictures imported.",
    ]


def test_pictures_of_the_old_site_are_fetched_if_wanted_and_never_from_inside(tmp_path, monkeypatch):
    web = Web(tmp_path)
    monkeypatch.setattr(http_client, "public_web", web.rules)
    web.answers["/loaf.jpg"] = page(picture(), kind="image/jpeg")
    web.addresses["inside.example"] = ["10.0.0.1"]
    inside = web.url("/secret.jpg").replace("ada.example", "inside.example")
    body = f'<p><img src="{web.url("/loaf.jpg")}" alt="A loaf"></p><p><img src="{inside}"></p>'
    file = written(tmp_path / "blog.json", plain({**BREAD, "body": body, "comments": []}))
    run(file, dry_run=True, fetch_pictures=True)
    assert not Upload.objects.exists()

    said = run(file, fetch_pictures=True)
    web.close()

    assert Upload.objects.get().source_url == web.url("/loaf.jpg")
    assert Upload.objects.get().file.url in Post.objects.get().body
    assert f'href="{inside}"' in Post.objects.get().body
    assert said[1:] == [
        "A picture could not be fetched from the old site: “On bread”.",
        "A picture on another site becomes a link: “On bread”.",
        "1 post and 1 picture imported.",
    ]


def test_subscribers_come_only_if_they_agreed(tmp_path):
    people = [{"email": "Per@example.org", "agreed_at": "2020-02-03T00:00:00Z"}, {"email": "no address"}]
    file = written(tmp_path / "blog.json", plain(BREAD, subscribers=people))
    assert "Left out: subscribers (you didn’t confirm that they agreed): 1." in run(file)
    assert not Subscriber.objects.exists()

    run(file, subscribers=True)

    one = Subscriber.objects.get()
    assert (one.email, one.confirmed_at, one.source) == (
        "per@example.org",
        datetime(2020, 2, 3, tzinfo=UTC),
        "import",
    )


def test_odd_details_are_repaired_and_said(tmp_path):
    comments = [
        {"id": "1", "name": "Per", "body": "First\x07.", "written_at": "2012-02-31T00:00:00Z"},
        {"id": "1", "name": "Eva", "body": "Same number.", "written_at": "2012-04-26T09:00:00Z"},
        {
            "id": "2",
            "parent": "99",
            "name": "",
            "email": "at home",
            "website": "javascript:alert(1)",
            "body": "Lost.",
        },
        {"id": "3", "parent": "3", "name": "Per", "body": "Itself.", "written_at": "2012-04-26T10:00:00Z"},
    ]
    raw = json.dumps(plain({**BREAD, "title": "Caf_", "body": "", "comments": comments})).encode()
    (tmp_path / "blog.json").write_bytes(raw.replace(b"Caf_", b"Caf\xe9"))

    said = run(tmp_path / "blog.json")

    assert Post.objects.get().title == "Café"
    assert {(level, name, body) for level, name, body in outline()} == {
        (0, "Per", "First."),
        (0, "Eva", "Same number."),
        (0, "A guest", "Lost."),
        (0, "Per", "Itself."),
    }
    assert said[1:] == [
        "A comment without a readable date is given the date of its post: “Café” and 1 more.",
        "A guest’s invalid email address is left out: “Café”.",
        "A guest’s link that is not a web address is left out: “Café”.",
        "An impossible date is left out: “Café”.",
        "It replied to a comment that is not in the file, and becomes a top-level comment: “Café”.",
        "It replied to itself in a loop, and becomes a top-level comment: “Café”.",
        "Its ID belongs to another; it is given a new one: “Café”.",
        "1 post and 4 comments by 3 guests imported.",
    ]


def test_half_of_a_character_is_left_out(tmp_path):
    raw = json.dumps(plain({**BREAD, "comments": [], "title": "TITLE"}))
    title = r"Bread \ud83c\udf5e and \ud83c, \\\\ud83c" + "x" * 65_300 + r"\ud83c\udf5e"
    (tmp_path / "blog.json").write_text(raw.replace("TITLE", title[:60]).replace("Flour", title))
    run(tmp_path / "blog.json")
    post = Post.objects.get()
    assert post.title.startswith("Bread 🍞 and \ufffd, \\\\ud83cx")
    assert "x🍞 and <strong>" in post.body


@pytest.mark.parametrize("size", [5, 12, 13, 64])
def test_texts_come_through_in_whatever_pieces_a_file_is_read(monkeypatch, size):
    monkeypatch.setattr("transfer.imports.json_stream.CHUNK_BYTES", size)
    texts = ['\\"' * 9, "\\\\u", "🍞" * 9, "\\ud83c" * 3, "[{" * 9, "é\n\t", "x🍞\\"]
    for text in (json.dumps(texts), json.dumps(texts, ensure_ascii=False)):
        assert list(items(io.BytesIO(text.encode()), "item")) == texts


def test_a_wordpress_export_is_recognised_too(tmp_path):
    wxr(tmp_path / "ida.xml", post(10, comment(101, "I bake.")))
    zipped(tmp_path / "ida.zip", {"ida.wordpress.2012.xml": (tmp_path / "ida.xml").read_text()})
    said = run(tmp_path / "ida.zip")
    assert (said[0], said[-1]) == (
        "Recognised as: WordPress.",
        "1 post and 1 comment by 1 guest imported.",
    )


def test_a_taken_web_address_gets_a_number(tmp_path):
    make_post(slug="on-bread")
    said = run(written(tmp_path / "blog.json", plain({**BREAD, "comments": []})))
    assert "The web address “on-bread” is taken or too long: “On bread” gets “on-bread-2”." in said
    assert Post.objects.filter(slug="on-bread-2").exists()


def test_a_packed_file_is_read_too(tmp_path):
    (tmp_path / "blog.json.gz").write_bytes(gzip.compress(json.dumps(plain(BREAD)).encode()))
    assert run(tmp_path / "blog.json.gz")[-1] == "1 post and 3 comments by 3 guests imported."


# --- refused files -------------------------------------------------------------


def refusal(path) -> str:
    with pytest.raises(CommandError) as refused:
        call_command("import_blog", str(path), verbosity=0)
    assert not Post.objects.exists()
    return str(refused.value).removeprefix(f"{path}: ").removesuffix(" Nothing was imported.")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (plain(version=2), "“version” must be 1, the only version so far."),
        (plain({"title": "No number"}), "Post 1 has no “id”."),
        (plain(BREAD, {"id": "8", "title": ["x"]}), "Post 2: “title” must be text."),
        (plain({"id": "8", "kind": "poem"}), "Post 1: “kind” must be one of: page, post."),
        (
            plain({"id": "8", "comments": [{"id": "1"}, "x"]}),
            "Post 1, comment 2 must be an object, in curly brackets.",
        ),
        (plain(), "There are no posts, comments or subscribers in it."),
    ],
)
def test_a_file_that_is_not_as_described_is_refused_with_a_message(tmp_path, value, words):
    assert refusal(written(tmp_path / "blog.json", value)) == words


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_json_is_read_in_the_encoding_that_its_beginning_names(tmp_path, encoding):
    whole = json.dumps(plain(BREAD | {"title": "Gårdsbröd"}), ensure_ascii=False)
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    (tmp_path / "blog.json").write_bytes(f"{mark}{whole}".encode(encoding))
    said = run(tmp_path / "blog.json")
    assert Post.objects.get().title == "Gårdsbröd"
    assert not [line for line in said if "UTF-8" in line]


def test_a_folder_of_pictures_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CommandError, match=r"No such file or directory: .*uplaods"):
        run(written(tmp_path / "blog.json", plain(BREAD)), uploads=str(tmp_path / "uplaods"))
    assert not Post.objects.exists()


def test_half_a_file_is_refused(tmp_path):
    whole = json.dumps(plain(BREAD, BREAD))
    (tmp_path / "blog.json").write_text(whole[:-200])
    assert refusal(tmp_path / "blog.json") == "The file is incomplete. Export it again."


def test_a_text_without_end_is_refused_without_filling_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("transfer.imports.json_stream.MAX_TEXT_BYTES", 200_000)
    text = 'x\\"' * 100_000  # escaped quotation marks do not end a string
    (tmp_path / "blog.json").write_text(json.dumps(plain(BREAD)).replace("Flour", text))
    assert refusal(tmp_path / "blog.json") == "There is a text longer than 0 MB in it."


def test_brackets_without_end_are_refused_before_they_fill_the_memory(tmp_path):
    (tmp_path / "blog.json").write_text(json.dumps(plain(BREAD))[:-1] + ', "more": ' + "[" * 100_000)
    assert (
        refusal(tmp_path / "blog.json")
        == "Its values are nested more than 1,000 deep, deeper than in any export."
    )


def test_brackets_in_a_text_are_text(tmp_path):
    run(written(tmp_path / "blog.json", plain({**BREAD, "title": 'A "[' + "[" * 2000, "comments": []})))
    assert Post.objects.exists()


def test_something_else_is_refused(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear Ida,")
    assert refusal(tmp_path / "letter.txt").startswith(
        "We can’t read this file. You can import from: Blogger, Commento or Comentario, Disqus, Ghost, Isso, Markdown files (Hugo, Jekyll), Medium, Plain JSON,"
    )


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "C:\\windows\\x", "a/../../b"])
def test_paths_out_of_the_zip_are_refused(tmp_path, name):
    zipped(tmp_path / "blog.zip", {"blog.json": json.dumps(plain(BREAD)), name: "x"})
    assert refusal(tmp_path / "blog.zip").startswith("A file in the zip has a path that leads out of it")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    zipped(tmp_path / "blog.zip", {"blog.json": json.dumps(plain(BREAD)), "bomb.txt": b"\0" * 5_000_000})
    assert refusal(tmp_path / "blog.zip") == (
        "bomb.txt in the zip would unpack to more than 200 times its size, which no export does."
    )


def test_a_gzip_bomb_is_refused(tmp_path):
    (tmp_path / "blog.json").write_bytes(
        gzip.compress(b'{"format": "long-table-import", "x": "' + b" " * 3_000_000)
    )
    assert refusal(tmp_path / "blog.json") == "blog.json unpacks to more than 1 MB."


def test_a_link_in_a_zip_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "blog.zip", "w") as archive:
        link = zipfile.ZipInfo("secret.jpg")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert refusal(tmp_path / "blog.zip").startswith("A file in the zip has a path that leads out of it")
