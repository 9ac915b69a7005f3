"""The post editor's requests: uploads, the library, images and cards from other sites, autosave."""

import html
import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core.utils import http_client
from posts.editor.autosave import content_version
from posts.models import Autosave, Post, Tag, Upload
from posts.services.publishing import publish_post, withdraw_post
from posts.services.trash import trash_post
from tests.accounts.web_servers import Web, page
from tests.factories import make_host, make_member, make_picture, make_post
from tests.posts.test_admin import ADD, change_url, data_of, form_data

pytestmark = pytest.mark.django_db

EDITOR = "/admin/posts/post/editor/"
UPLOADS, FETCH, CARD, MARKDOWN, AUTOSAVE = (
    f"{EDITOR}{name}/" for name in ("uploads", "fetch", "card", "markdown", "autosave")
)


@pytest.fixture
def host_client(signed_in, host):
    return signed_in(host)


@pytest.fixture
def web(tmp_path, monkeypatch):
    web = Web(tmp_path)
    monkeypatch.setattr(http_client, "public_web", web.rules)
    yield web
    web.close()


def send(host_client, file, **data: Any) -> tuple[int, dict[str, Any]]:
    response = host_client.post(UPLOADS, {"file": file, **data})
    return response.status_code, response.json()


def stored(settings) -> list[str]:
    folder = Path(settings.MEDIA_ROOT) / "posts"
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


# --- uploads ------------------------------------------------------------------


def test_a_picture_is_stored_in_several_widths_without_what_the_camera_wrote(host_client, settings):
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    status, upload = send(
        host_client, make_picture((3000, 2000), name="ferry.jpg", exif=exif), alt="A  ferry"
    )
    assert status == 201
    name = re.fullmatch(r"/media/posts/([0-9a-f]{32})_480_960_1600_2400\.jpg", upload["src"])[1]
    assert {key: upload[key] for key in ("kind", "title", "alt", "width", "height")} == {
        "kind": "picture",
        "title": "ferry.jpg",
        "alt": "A ferry",
        "width": 2400,
        "height": 1600,
    }
    assert upload["thumbnail"] == f"/media/posts/{name}_480.webp"
    webp = [f"{name}_{width}.webp" for width in (480, 960, 1600, 2400)]
    assert stored(settings) == sorted([f"{name}_480_960_1600_2400.jpg", *webp])
    for file in stored(settings):
        with Image.open(Path(settings.MEDIA_ROOT) / "posts" / file) as picture:
            assert not picture.getexif()


def test_the_same_picture_again_is_the_same_upload(host_client, settings):
    first, second = (send(host_client, make_picture(name=name))[1] for name in ("a.jpg", "b.jpg"))
    assert first == second
    assert Upload.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("broken.jpg", b"\xff\xd8\xff\xe0 broken", "This isn’t a picture we can read."),
        ("x.svg", b"<svg onload='alert(1)'/>", "This isn’t a picture we can read."),
        ("x.html", b"<script>alert(1)</script>", "This isn’t a picture we can read."),
        ("phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1", "This is a HEIC or AVIF picture"),
        ("phone.jpg", b"\0\0\0\x18ftypmif1\0\0\0\0mif1", "This is a HEIC or AVIF picture"),
        ("paper.pdf", b"<html>", "This file isn’t what its name says (.pdf)."),
        ("words.txt", b"<SCRIPT>alert(1)</SCRIPT>", "This file isn’t what its name says (.txt)."),
        ("song.mp3", b"MZ\x90", "This file isn’t what its name says (.mp3)."),
    ],
)
def test_what_a_post_cannot_hold_is_refused_with_a_reason(host_client, settings, name, content, said):
    status, answer = send(host_client, SimpleUploadedFile(name, content))
    assert (status, answer["error"][: len(said)]) == (422, said)
    assert (Upload.objects.count(), stored(settings)) == (0, [])


def test_a_picture_of_30_mb_is_refused_with_its_size_and_the_limit(host_client):
    status, answer = send(host_client, SimpleUploadedFile("x.png", b"\x89PNG\r\n\x1a\n" + bytes(31 * 2**20)))
    assert status == 422
    assert answer["error"].startswith("The picture is 32 MB.")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("paper.pdf", b"%PDF-1.7 ...", "file"),
        ("sums.xlsx", b"PK\x03\x04...", "file"),
        ("list.csv", "Tea,Kaffee für zwei\n".encode(), "file"),
        ("song.mp3", b"ID3\x04...", "audio"),
        ("talk.m4a", b"\0\0\0\x20ftypM4A ", "audio"),
    ],
)
def test_files_and_recordings_are_kept_as_they_are(host_client, settings, name, content, kind):
    status, upload = send(host_client, SimpleUploadedFile(name, content))
    assert (status, upload["kind"], upload["title"], upload["size"]) == (201, kind, name, len(content))
    [file] = stored(settings)
    assert (Path(settings.MEDIA_ROOT) / "posts" / file).read_bytes() == content
    assert f"/media/posts/{file}" == upload["src"]


def test_no_file_at_all_is_said(host_client):
    response = host_client.post(UPLOADS)
    assert (response.status_code, response.json()) == (422, {"error": "Choose a file."})


def test_the_library_shows_what_was_uploaded_and_finds_it(host_client, django_assert_max_num_queries):
    for number in range(26):
        send(
            host_client,
            make_picture((40 + number, 40), name=f"ship{number}.jpg"),
            alt="A red ferry" if number == 3 else "",
        )
    with django_assert_max_num_queries(6):
        first = host_client.get(UPLOADS).json()
    assert ([row["title"] for row in first["uploads"]][:2], len(first["uploads"]), first["more"]) == (
        ["ship25.jpg", "ship24.jpg"],
        24,
        True,
    )
    second = host_client.get(UPLOADS, {"page": 2}).json()
    assert ([row["title"] for row in second["uploads"]], second["more"]) == (
        ["ship1.jpg", "ship0.jpg"],
        False,
    )
    assert [row["title"] for row in host_client.get(UPLOADS, {"q": "red ferry"}).json()["uploads"]] == [
        "ship3.jpg"
    ]
    assert host_client.get(UPLOADS, {"page": "x", "kind": "audio"}).json() == {"uploads": [], "more": False}


def test_the_library_in_the_admin_gives_the_line_for_a_post_without_scripts(host_client):
    upload = send(host_client, make_picture(name="a.jpg"), alt="A\x00 table")[1]
    shown = host_client.get(f"/admin/posts/upload/{upload['id']}/change/").content.decode()
    assert f"<code>![A table]({upload['src']})</code>" in shown
    assert host_client.get("/admin/posts/upload/").status_code == 200


def test_without_scripts_a_file_is_added_on_a_page_of_the_admin(host_client):
    host_client.post("/admin/posts/upload/add/", {"file": make_picture(name="a.jpg"), "alt": "A table"})
    upload = Upload.objects.get()
    assert (upload.alt, upload.title, upload.uploaded_by.username) == ("A table", "a.jpg", "nora")
    refused = host_client.post(
        "/admin/posts/upload/add/", {"file": SimpleUploadedFile("a.jpg", b"no"), "alt": ""}
    )
    assert list(refused.context["adminform"].form.errors) == ["file"]
    host_client.post(
        f"/admin/posts/upload/{upload.pk}/change/", {"title": "table.jpg", "alt": "A long table"}
    )
    upload.refresh_from_db()
    assert (upload.alt, upload.title) == ("A long table", "table.jpg")


def test_feeds_have_whole_addresses_and_no_looks_of_ours(client, host):
    body = (
        '<figure class="wide"><img src="/media/posts/0123456789abcdef0123456789abcdef_480.jpg" alt="A"></figure>'
        '<hr class="more"><p>B<sup class="fnref" id="fnref-1"><a href="#fn-1">1</a></sup></p>'
        '<p><a class="video" href="https://youtu.be/dQw4w9WgXcQ">C</a></p>'
    )
    make_post(host, body=body)
    feed = client.get("/feed/").content.decode()
    assert html.unescape(re.search(r"<content[^>]*>(.*?)</content>", feed, re.DOTALL)[1]) == (
        '<figure><img src="http://testserver/media/posts/0123456789abcdef0123456789abcdef_480.jpg" alt="A"></figure>'
        '<p>B<sup id="fnref-1"><a href="#fn-1" rel="noopener">1</a></sup></p>'
        '<p><a href="https://youtu.be/dQw4w9WgXcQ" rel="noopener">C YouTube</a></p>'
    )


# --- permissions --------------------------------------------------------------


@pytest.mark.parametrize("path", [UPLOADS, FETCH, CARD, MARKDOWN, AUTOSAVE, f"{EDITOR}discard/"])
@pytest.mark.parametrize("role", ["guest", "member", "moderator", "staff"])
def test_the_editor_answers_nobody_but_those_who_write_posts(client, signed_in, request, path, role):
    staff = make_member("stan", is_staff=True)
    reader = {"guest": client}.get(role) or signed_in(
        staff if role == "staff" else request.getfixturevalue(role)
    )
    assert reader.post(path, {"url": "https://ada.example/"}).status_code in {302, 403}
    assert (Upload.objects.count(), Autosave.objects.count()) == (0, 0)


def test_who_may_only_add_posts_autosaves_none_that_is_there(signed_in, post):
    writer = make_member("wilma", is_staff=True)
    writer.user_permissions.add(Permission.objects.get(codename="add_post"))
    client = signed_in(writer)
    assert keep(client, post)[0] == 403
    assert keep(client, None, key="k")[0] == 200


def test_a_contributor_reads_and_keeps_nothing_of_a_post_that_is_not_theirs_to_change(signed_in, host):
    """Even with a wrong version, whose response contains the current text."""
    writer = make_member("wilma", is_staff=True)
    names = ["add_post", "change_post"]
    writer.user_permissions.set(
        Permission.objects.filter(content_type__app_label="posts", codename__in=names)
    )
    own, live = make_post(writer, published_at=None), make_post(writer)
    secret = make_post(host, published_at=None, body="<p>Secret.</p>")
    client = signed_in(writer)
    assert [keep(client, one, saved="wrong")[0] for one in (secret, live)] == [403, 403]
    assert client.post(f"{EDITOR}discard/{secret.pk}/").status_code == 403
    assert keep(client, own)[0] == 200


def test_nothing_is_kept_beside_a_post_in_the_trash(host_client, host, post):
    trash_post(post, by=host)
    assert (keep(host_client, post)[0], Autosave.objects.count()) == (404, 0)


# --- from other sites ------------------------------------------------------------


def picture_bytes(size=(300, 200)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (10, 90, 120)).save(out, "PNG")
    return out.getvalue()


def test_a_pasted_picture_is_fetched_and_stored_here(host_client, web):
    web.answers["/rose.png"] = page(picture_bytes(), kind="image/png")
    response = host_client.post(FETCH, {"url": web.url("/rose.png")})
    assert response.status_code == 201
    assert response.json()["src"].startswith("/media/posts/")
    upload = Upload.objects.get()
    assert (upload.title, upload.source_url, upload.width) == ("rose.png", web.url("/rose.png"), 300)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/missing.png", "The site responded with error 404."),
        ("/page", "This isn’t a picture we can read. Choose a JPEG, PNG, GIF or WebP file."),
    ],
)
def test_a_picture_that_cannot_be_fetched_is_refused_with_a_message(host_client, web, path, said):
    web.answers["/page"] = page("<p>No picture</p>")
    response = host_client.post(FETCH, {"url": web.url(path)})
    assert response.status_code == 422
    assert response.json()["error"].startswith("Couldn’t fetch ada.example")
    assert response.json()["error"].endswith(said)


@pytest.mark.parametrize("url", ["", "file:///C:/a.png", "javascript:alert(1)", "ftp://ada.example/a.png"])
def test_what_is_no_web_address_is_refused(host_client, url):
    response = host_client.post(FETCH, {"url": url})
    assert (response.status_code, response.json()) == (
        422,
        {"error": "Enter a web address that begins with https://."},
    )


def test_pictures_of_the_inside_are_out_of_reach(host_client, web):
    web.addresses["ada.example"] = ["127.0.0.2"]
    response = host_client.post(FETCH, {"url": web.url("/rose.png")})
    assert response.json()["error"].endswith("It isn’t on the public web.")
    assert web.connections == 0


def test_a_card_says_what_the_page_says_with_its_picture_kept_here(host_client, web):
    web.answers["/p.png"] = page(picture_bytes(), kind="image/png")
    web.answers["/a"] = page(
        "<title>Plain</title><meta property='og:title' content='Ropes &amp; waves'>"
        '<meta name="description" content="How to wait."><meta property=og:site_name content=Harbour>'
        "<meta property='og:image' content='/p.png'>"
    )
    card = host_client.post(CARD, {"url": web.url("/a")}).json()
    picture = card.pop("picture")
    assert card == {
        "url": web.url("/a"),
        "title": "Ropes & waves",
        "description": "How to wait.",
        "site": "Harbour",
        "video": "",
    }
    assert picture["src"].startswith("/media/posts/")
    assert host_client.get(UPLOADS).json()["uploads"] == []  # the library contains what the host added


def test_a_page_that_says_nothing_still_has_a_card(host_client, web):
    web.answers["/a"] = page(
        b"\xff\xfe<meta content=x><meta property=og:title>", kind="text/html; charset=nonsense"
    )
    card = host_client.post(CARD, {"url": web.url("/a")}).json()
    assert (card["description"], card["site"], card["picture"]) == ("", "ada.example", None)
    assert card["title"].startswith("ada.example")


def test_pasted_markdown_becomes_the_html_of_a_post(host_client):
    text = "# Tea\r\n\n- **one**\n- [two](https://example.org/)\n\n<script>alert(1)</script>\n\nA note.[^1]\n\n[^1]: Here."
    assert host_client.post(MARKDOWN, {"text": text}).json() == {
        "html": '<h2>Tea</h2>\n<ul>\n<li><strong>one</strong></li>\n<li><a href="https://example.org/" rel="noopener">two</a></li>\n</ul>\n'
        '\n<p>A note.<sup class="fnref" id="fnref-1"><a href="#fn-1" rel="noopener">1</a></sup></p>\n'
        '<section class="footnotes"><ol><li id="fn-1">Here. <a href="#fnref-1" rel="noopener">↩</a></li></ol></section>'
    }
    refused = host_client.post(MARKDOWN, {"text": "x" * 200_001})
    assert (refused.status_code, list(refused.json())) == (422, ["error"])


def test_the_picture_of_a_video_is_fetched_once_and_kept_here(host_client, web, monkeypatch):
    """Video URLs have no port, so this host cannot be on the tests' own web."""
    url, real = "https://youtu.be/dQw4w9WgXcQ", http_client.fetch
    picture = web.url("/p.png")
    web.answers["/p.png"] = page(picture_bytes(), kind="image/png")
    web.answers["/watch"] = page(
        f"<meta property='og:title' content='The crossing'><meta property='og:image' content='{picture}'>"
    )
    monkeypatch.setattr(
        http_client, "fetch", lambda asked, rules: real(web.url("/watch") if asked == url else asked, rules)
    )
    cards = [host_client.post(CARD, {"url": url}).json() for _ in range(2)]
    assert (cards[0]["video"], cards[0]["title"]) == ("YouTube", "The crossing")
    assert cards[0]["picture"]["src"].startswith("/media/posts/")
    assert cards[1] == cards[0]
    assert Upload.objects.get().kind == Upload.Kind.CARD


def test_a_video_has_a_card_even_while_its_site_cannot_be_reached(host_client, web):
    web.addresses["youtu.be"] = ["127.0.0.2"]
    url = "https://youtu.be/dQw4w9WgXcQ"
    assert host_client.post(CARD, {"url": url}).json() == {"url": url, "title": "", "video": "YouTube"}


# --- autosave -----------------------------------------------------------------------


def keep(host_client, post: Post | None, **sent: Any) -> tuple[int, dict[str, Any]]:
    data = {
        "key": "k",
        "window": "one",
        "revision": 0,
        "saved": content_version(post),
        "title": "Tea",
        "summary": "",
        "body": "<p>Half a</p>",
    } | sent
    path = f"{AUTOSAVE}{post.pk}/" if post else AUTOSAVE
    response = host_client.post(path, json.dumps(data), content_type="application/json")
    return response.status_code, response.json() if response["Content-Type"] == "application/json" else {}


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_a_published_post_keeps_its_public_text_until_it_is_saved(
    host_client, host, client, django_capture_on_commit_callbacks
):
    post = make_post(host, body="<p>Public.</p>")
    assert keep(host_client, post, body="<p>Half a sentence</p>") == (200, {"revision": 1})
    assert "Public." in client.get(post.get_absolute_url()).content.decode()
    form = host_client.get(change_url(post)).context["adminform"].form
    assert (form.initial["body"], form.initial["title"]) == ("<p>Half a sentence</p>", "Tea")
    with django_capture_on_commit_callbacks(execute=True):
        host_client.post(change_url(post), data_of(post, body="<p>A whole sentence.</p>"))
    post.refresh_from_db()
    assert post.body == "<p>A whole sentence.</p>"
    assert Autosave.objects.count() == 0


def test_the_next_text_of_a_window_takes_the_place_of_the_one_before(host_client, post):
    assert keep(host_client, post) == (200, {"revision": 1})
    assert keep(host_client, post, revision=1, body="<p>Half a sentence</p>") == (200, {"revision": 2})
    assert keep(host_client, post, revision=1, body="<p>The answer was lost</p>") == (200, {"revision": 3})
    assert [row.body for row in Autosave.objects.all()] == ["<p>The answer was lost</p>"]


@pytest.mark.sql
@pytest.mark.django_db(transaction=True)
def test_a_post_that_is_deleted_at_the_same_moment_is_said_to_be_gone(host_client, post, monkeypatch):
    """After it was looked up to store the autosaved text."""

    def deleted(sought: Post | None) -> str:
        Post.objects.filter(pk=post.pk).delete()
        return version

    version = content_version(post)
    monkeypatch.setattr("posts.editor.autosave.content_version", deleted)
    assert keep(host_client, post, saved=version)[0] == 404
    assert Autosave.objects.count() == 0


def test_a_second_window_is_warned_and_given_the_other_text(host_client, host, post):
    keep(host_client, post, body="<p>Mine</p>")
    status, theirs = keep(host_client, post, window="two", body="<p>Other</p>")
    assert (status, theirs["body"], theirs["revision"], theirs["who"]) == (
        409,
        "<p>Mine</p>",
        1,
        host.get_display_name(),
    )
    assert keep(host_client, post, window="two", revision=1, body="<p>Other</p>") == (200, {"revision": 2})
    assert keep(host_client, post, window="one", revision=1)[0] == 409
    assert Autosave.objects.get().body == "<p>Other</p>"


def test_a_window_is_warned_when_the_post_was_saved_in_another(host_client, post):
    began_with = content_version(post)
    Post.objects.filter(pk=post.pk).update(body="<p>Saved elsewhere.</p>")
    status, theirs = keep(host_client, post, saved=began_with)
    assert (status, theirs["body"], theirs["who"]) == (409, "<p>Saved elsewhere.</p>", "")
    post.refresh_from_db()
    assert theirs["saved"] == content_version(post)


def test_the_form_is_not_saved_over_what_another_window_saved(host_client, host):
    post = make_post(host)
    form = data_of(post, content_version=content_version(post), body="<p>Mine.</p>")
    Post.objects.filter(pk=post.pk).update(body="<p>Theirs.</p>")
    response = host_client.post(change_url(post), form)
    page = response.content.decode()
    assert "This post was changed and saved in another window after you opened it." in page
    assert "&lt;p&gt;Mine.&lt;/p&gt;" in page
    post.refresh_from_db()
    assert post.body == "<p>Theirs.</p>"
    again = re.search(r'name="content_version" value="(\w+)"', page)[1]
    host_client.post(change_url(post), form | {"content_version": again})
    post.refresh_from_db()
    assert post.body == "<p>Mine.</p>"


def opened(host_client, post: Post) -> dict[str, str]:
    """Return the hidden fields of the form, as a browser sends them."""
    return hidden_fields(host_client.get(change_url(post)).content.decode())


def hidden_fields(page: str) -> dict[str, str]:
    found = re.findall(
        r'<input type="hidden" name="((?:content|settings|autosave)_\w+)" value="([^"]*)">', page
    )
    return {name: html.unescape(value) for name, value in found}


def test_a_form_that_was_opened_as_a_draft_does_not_unpublish_what_was_published_since(host_client, host):
    post = make_post(host, published_at=None)
    began = opened(host_client, post)
    publish_post(post)
    page = host_client.post(change_url(post), data_of(post, published_at=None, body="<p>More.</p>") | began)
    said = text_of(page)
    assert "This post was changed after you opened it." in said
    assert "It has since been published." in said
    assert "&lt;p&gt;More.&lt;/p&gt;" in said
    post.refresh_from_db()
    assert (post.is_published, post.body) == (True, "<p>Where do you go to talk?</p>")
    shown = page.context["adminform"].form.data
    sent = data_of(post, body="<p>More.</p>") | hidden_fields(page.content.decode())
    sent |= {name: shown[name] for name in ("published_at_0", "published_at_1")}
    host_client.post(change_url(post), sent)
    post.refresh_from_db()
    assert (post.is_published, post.body) == (True, "<p>More.</p>")


def test_an_older_form_does_not_revert_settings_that_it_never_had(host_client, host):
    post = make_post(host)
    began = opened(host_client, post)
    Post.objects.filter(pk=post.pk).update(visibility="members")
    post.tags.add(Tag.objects.create(name="tea", slug="tea"))
    older = data_of(post, visibility="public", body="<p>More.</p>") | began
    page = host_client.post(change_url(post), older)
    assert "Changed: Who can read it, Tags." in text_of(page)
    post.refresh_from_db()
    assert (post.visibility, post.body) == ("members", "<p>Where do you go to talk?</p>")
    host_client.post(change_url(post), older | hidden_fields(page.content.decode()))
    post.refresh_from_db()
    assert (post.visibility, post.body) == ("public", "<p>More.</p>")


@pytest.mark.parametrize(
    "garbage",
    ["", "[]", "{", '{"visibility": 3}', '{"cover_size": "", "delete": "", "note": ""}', "[" * 100_000],
)
def test_what_a_form_says_it_was_opened_with_may_be_anything(host_client, host, garbage):
    post = make_post(host)
    host_client.post(change_url(post), data_of(post, body="<p>More.</p>", settings_version=garbage))
    post.refresh_from_db()
    assert post.body == "<p>More.</p>"


def test_unsaved_text_that_a_window_never_saw_outlives_its_save(
    host_client, host, django_capture_on_commit_callbacks
):
    post = make_post(host)
    began = opened(host_client, post)
    keep(host_client, post, window="two", body="<p>Three hours of work.</p>")
    with django_capture_on_commit_callbacks(execute=True):
        answer = host_client.post(change_url(post), data_of(post, visibility="members") | began, follow=True)
    post.refresh_from_db()
    assert post.visibility == "members"
    assert "Another window has unsaved text for this post" in text_of(answer)
    assert answer.context["adminform"].form.initial["body"] == "<p>Three hours of work.</p>"
    with django_capture_on_commit_callbacks(execute=True):
        host_client.post(
            change_url(post),
            data_of(post, body="<p>Three hours of work.</p>") | hidden_fields(answer.content.decode()),
        )
    assert Autosave.objects.count() == 0


def test_a_refusal_shows_a_window_no_unsaved_text_of_another(
    host_client, host, django_capture_on_commit_callbacks
):
    post = make_post(host)
    began = opened(host_client, post)
    keep(host_client, post, window="two", body="<p>Three hours of work.</p>")
    refused = host_client.post(change_url(post), data_of(post, title="") | began).content.decode()
    again = data_of(post, body="<p>Mine.</p>") | hidden_fields(refused) | {"autosave_window": "one"}
    with django_capture_on_commit_callbacks(execute=True):
        answer = host_client.post(change_url(post), again, follow=True)
    assert "Another window has unsaved text for this post" in text_of(answer)
    assert [row.body for row in Autosave.objects.all()] == ["<p>Three hours of work.</p>"]


def test_a_time_that_was_typed_stays_on_its_own_clocks(host_client, host):
    post = make_post(host, published_at=None)
    began = opened(host_client, post)
    publish_post(post)
    typed = {
        "published_at_0": "2099-07-01",
        "published_at_1": "07:30",
        "zone": "America/New_York",
        "when": "at",
    }
    page = host_client.post(change_url(post), data_of(post) | began | typed)
    shown = page.context["adminform"].form.data
    assert {name: shown[name] for name in typed} == typed


def test_a_form_whose_post_was_unpublished_since_can_be_saved_again(host_client, host):
    post = make_post(host)
    began, form = opened(host_client, post), data_of(post, body="<p>More.</p>")
    withdraw_post(post)
    page = host_client.post(change_url(post), form | began)
    assert "It has since been unpublished." in text_of(page)
    shown = page.context["adminform"].form.data
    times = {name: shown[name] for name in ("when", "published_at_0", "published_at_1")}
    host_client.post(change_url(post), form | times | hidden_fields(page.content.decode()))
    post.refresh_from_db()
    assert (post.published_at, post.body) == (None, "<p>More.</p>")


def test_what_a_window_kept_itself_goes_with_its_save(host_client, host, django_capture_on_commit_callbacks):
    """Also its last autosave, whose response it never received."""
    post = make_post(host)
    began = opened(host_client, post)
    keep(host_client, post, window="one", body="<p>More.</p>")
    with django_capture_on_commit_callbacks(execute=True):
        host_client.post(
            change_url(post), data_of(post, body="<p>More!</p>") | began | {"autosave_window": "one"}
        )
    assert Autosave.objects.count() == 0


def test_a_form_with_a_mistake_comes_back_with_the_version_it_began_with(host_client, host):
    post = make_post(host)
    version = content_version(post)
    page = host_client.post(
        change_url(post), data_of(post, title="", body="<p>Mine.</p>", content_version=version)
    )
    assert re.search(r'name="content_version" value="(\w+)"', page.content.decode())[1] == version
    host_client.post(change_url(post), data_of(post, body="<p>Mine.</p>", content_version=version))
    post.refresh_from_db()
    assert post.body == "<p>Mine.</p>"


def test_a_post_that_was_never_saved_can_be_continued(host_client, host, django_capture_on_commit_callbacks):
    keep(host_client, None, key="abc")
    assert re.search(
        r"“Tea” from [^<]+ isn’t saved yet\. <a href=\"/admin/posts/post/add/\?draft=abc\">Continue writing</a>",
        text_of(host_client.get("/admin/posts/post/")),
    )
    form = host_client.get(f"{ADD}?draft=abc").context["adminform"].form
    assert (form.initial["title"], form.initial["body"]) == ("Tea", "<p>Half a</p>")
    with django_capture_on_commit_callbacks(execute=True):
        host_client.post(ADD, form_data(host, autosave_key="abc"))
    assert (Post.objects.count(), Autosave.objects.count()) == (1, 0)


def test_unsaved_text_of_a_new_post_is_its_writers_own(host_client, signed_in):
    keep(host_client, None, key="abc")
    other = signed_in(make_host("piet"))
    form = other.get(f"{ADD}?draft=abc").context["adminform"].form
    assert form.initial.get("body") is None
    assert "isn’t saved yet" not in other.get("/admin/posts/post/").content.decode()
    assert keep(other, None, key="abc", body="<p>Piet</p>") == (200, {"revision": 1})
    other.post(f"{EDITOR}discard/", {"key": "abc"})
    assert [row.body for row in Autosave.objects.all()] == ["<p>Half a</p>"]


def test_several_texts_that_were_never_saved_are_one_line_that_opens(host_client):
    for number in range(7):
        keep(host_client, None, key=f"k{number}", title=f"Tea {number}")
    listed = text_of(host_client.get("/admin/posts/post/"))
    [(said, inside)] = re.findall(
        r"<details class=\"unfinished\"> <summary> (.*?) </summary>(.*?)</details>", listed
    )
    assert said == "Unsaved changes (7)"
    assert re.findall(r'<a href="([^"]+)">([^<]+)</a>', inside) == [
        (f"{ADD}?draft=k{number}", f"Tea {number}") for number in reversed(range(7))
    ]
    config = host_client.get(ADD).context["adminform"].form.fields["body"].widget.config
    assert [one["title"] for one in config["unfinished"]] == [
        f"Tea {number}" for number in reversed(range(7))
    ]


def test_a_page_that_was_never_saved_is_continued_as_a_page(host_client):
    keep(host_client, None, key="abc", kind="page", title="About")
    assert "isn’t saved yet" not in text_of(host_client.get("/admin/posts/post/"))
    add = "/admin/posts/page/add/"
    assert "“About” from" in (listed := text_of(host_client.get("/admin/posts/page/")))
    assert f'<a href="{add}?draft=abc">Continue writing</a>' in listed
    form = host_client.get(f"{add}?draft=abc").context["adminform"].form
    assert form.initial["title"] == "About"
    about = form.fields["body"].widget.config
    assert (about["urls"]["add"], about["kind"]) == (add, "page")


def test_unsaved_text_can_be_thrown_away(host_client, post):
    keep(host_client, post)
    assert host_client.post(f"{EDITOR}discard/{post.pk}/").status_code == 200
    assert Autosave.objects.count() == 0
    assert host_client.get(change_url(post)).context["adminform"].form.initial["body"] == post.body


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"key": 1}',
        b"\xff",
        b'{"key":"a","window":"","revision":-1,"saved":"","title":"","summary":"","body":""}',
    ],
)
def test_nonsense_is_refused(host_client, sent):
    response = host_client.post(AUTOSAVE, sent, content_type="application/json")
    assert (response.status_code, response.json()) == (
        400,
        {"error": "This page is out of date. Copy your text and reload it."},
    )


def test_what_no_database_stores_is_left_out(host_client, post):
    assert keep(host_client, post, title="a\0b", body="<p>\ud800c</p>") == (200, {"revision": 1})
    assert Autosave.objects.values_list("title", "body").get() == ("ab", "<p>?c</p>")


def test_a_text_that_is_too_long_is_refused_with_a_message_and_not_truncated(host_client, host, post):
    body = f"<p>{'a' * 3_000_001}</p>"
    assert keep(host_client, post, body=body) == (
        422,
        {"error": "The text is too long to be saved. Shorten it, or split it into two posts."},
    )
    response = host_client.post(ADD, form_data(host, body=body))
    assert list(response.context["adminform"].form.errors) == ["body"]


def test_two_megabytes_of_text_are_kept(host_client, host, post):
    body = f"<p>{'Word. ' * 350_000}</p>".replace(" </p>", "</p>")
    assert keep(host_client, post, body=body)[0] == 200
    host_client.post(ADD, form_data(host, body=body))
    assert Post.objects.get(slug="tea").body == body


# --- without scripts ---------------------------------------------------------------------


def test_a_post_can_be_written_in_markdown(host_client, host):
    body = "Tea & *time*.\r\n\r\n## Roses\r\n\r\n| a | b |\r\n|---|---|\r\n| 1 | 2 |\r\n\r\n<script>alert(1)</script>\r\n"
    host_client.post(ADD, form_data(host, body=body))
    assert Post.objects.get().body == (
        "<p>Tea &amp; <em>time</em>.</p>\n<h2>Roses</h2>\n<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n"
        "<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>"
    )


def test_what_is_stored_stays_byte_for_byte_until_it_is_edited(host_client, host):
    post = make_post(host)
    old = "Hello<br>\n<p class='x'>not as we would write it</p><img src=\"/media/posts/a.webp\">\n"
    Post.objects.filter(pk=post.pk).update(body=old)
    post = Post.objects.get(pk=post.pk)
    host_client.post(change_url(post), data_of(post, title="Other", body=old.replace("\n", "\r\n")))
    post = Post.objects.get(pk=post.pk)
    assert (post.title, post.body) == ("Other", old)
    post.save()
    assert Post.objects.get(pk=post.pk).body == old
    host_client.post(change_url(post), data_of(post, body="<p>New.</p>"))
    assert Post.objects.get(pk=post.pk).body == "<p>New.</p>"
