"""Health checks, colour schemes, media files, and error pages."""

import re
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.signals import request_finished
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.html import strip_tags

from core.models import Worker
from core.web import views
from core.web.views import is_own_path
from dashboard.services.health import schema
from posts.editor.uploads import AUDIO, FILES


class TestHealth:
    def test_alive_asks_nothing_of_the_database(self, client, django_assert_num_queries, db):
        with django_assert_num_queries(0):
            response = client.get("/healthz")
        assert (response.status_code, response.content, response["Cache-Control"]) == (
            200,
            b"ok\n",
            "no-store",
        )

    @pytest.mark.django_db
    def test_ready_when_database_and_cache_answer(self, client):
        response = client.get("/readyz")
        all_well = {"database": "ok", "cache": "ok", "migrations": "ok", "worker": "down"}
        assert (response.status_code, response.json()) == (200, all_well)
        Worker.objects.create(key="here")
        assert client.get("/readyz").json() == all_well | {"worker": "ok"}

    @pytest.mark.django_db
    def test_not_ready_before_the_database_is_brought_up_to_date(self, client):
        MigrationRecorder.Migration.objects.filter(app="accounts").last().delete()
        response = client.get("/readyz")
        said = {"database": "ok", "cache": "ok", "migrations": "pending", "worker": "down"}
        assert (response.status_code, response.json()) == (503, said)
        assert [finding.text for finding in schema()] == [
            "The database isn’t up to date: 1 migration is missing."
        ]

    def test_not_ready_when_the_database_is_away(self, client, monkeypatch):
        def away(*_args: object, **_kwargs: object) -> None:
            raise OperationalError("gone")

        monkeypatch.setattr(connection, "cursor", away)
        response = client.get("/readyz")
        assert (response.status_code, response.json()) == (503, {"database": "down", "cache": "ok"})

    @pytest.mark.django_db
    def test_not_ready_when_the_cache_is_away(self, client, monkeypatch):
        def away(*_args: object, **_kwargs: object) -> None:
            raise ConnectionError("gone")

        monkeypatch.setattr(cache, "get", away)
        response = client.get("/readyz")
        assert (response.status_code, response.json()) == (
            503,
            {"database": "ok", "cache": "down", "migrations": "ok", "worker": "down"},
        )

    @pytest.mark.django_db
    def test_the_health_check_answers_over_plain_http_too(self, client, settings):
        settings.SECURE_SSL_REDIRECT = True
        assert [client.get(path).status_code for path in ("/healthz", "/readyz", "/guidelines/")] == [
            200,
            200,
            301,
        ]


@pytest.mark.django_db
class TestTheme:
    def test_colours_are_kept_in_a_cookie_and_shown(self, client):
        response = client.post("/theme/", {"theme": "dark", "next": "/guidelines/"})
        assert (response.status_code, response["Location"]) == (302, "/guidelines/")
        cookie = response.cookies["theme"]
        assert (cookie.value, cookie["max-age"], cookie["samesite"]) == ("dark", 365 * 86_400, "Lax")
        assert 'data-theme="dark"' in client.get("/guidelines/").content.decode()

    @pytest.mark.parametrize("theme", ["", "auto", '"><script>', "purple"])
    def test_any_other_word_forgets_them(self, client, theme):
        client.cookies["theme"] = "dark"
        response = client.post("/theme/", {"theme": theme})
        assert response.cookies["theme"].value == ""

    def test_a_forged_cookie_is_not_shown(self, client):
        client.cookies["theme"] = '"><script>alert(1)</script>'
        assert "alert(1)" not in client.get("/guidelines/").content.decode()

    @pytest.mark.parametrize(
        "target",
        [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
            "///evil.example",
            " //evil.example",
            "https:evil.example",
            "http:///evil.example",
            "/\t/evil.example",
            "//[evil.example",
            "https://[evil.example/",
            "\x00//evil.example",
            "evil.example",
            "",
        ],
    )
    def test_it_leads_to_no_other_site(self, client, target):
        assert client.post("/theme/", {"theme": "dark", "next": target})["Location"] == "/"

    def test_reading_changes_nothing(self, client):
        assert client.get("/theme/").status_code == 405


@pytest.mark.parametrize("path", ["/", "/posts/a/?page=2#comment-3", "/members/%C3%A9/"])
def test_own_paths_are_known(path):
    assert is_own_path(path)


@pytest.fixture
def media(settings) -> Path:
    root = Path(settings.MEDIA_ROOT)
    (root / "avatars").mkdir(parents=True)
    (root / "avatars" / "a.webp").write_bytes(b"RIFF1234WEBP")
    (root / "avatars" / "a.html").write_text("<script>alert(1)</script>")
    (root / "avatars" / "a.svg").write_text("<svg onload='alert(1)'/>")
    (root.parent / "secret.png").write_bytes(b"secret")
    return root


@pytest.mark.django_db
class TestMedia:
    def test_a_picture_is_served_as_nothing_but_a_picture(self, client, media):
        response = client.get("/media/avatars/a.webp")
        assert response.getvalue() == b"RIFF1234WEBP"
        assert {
            name: response[name]
            for name in ("Content-Type", "X-Content-Type-Options", "Content-Security-Policy", "Cache-Control")
        } == {
            "Content-Type": "image/webp",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "public, max-age=31536000, immutable",
        }

    @pytest.mark.parametrize("extension", [*AUDIO, *FILES])
    def test_recordings_are_played_and_all_other_files_are_saved(self, client, media, extension):
        (media / "posts").mkdir()
        (media / "posts" / f"a.{extension}").write_bytes(b"said")
        response = client.get(f"/media/posts/a.{extension}")
        assert response.getvalue() == b"said"
        kind = response["Content-Type"].partition("/")[0]
        assert (kind, response["Content-Disposition"]) == (
            ("audio", "inline") if extension in AUDIO else ("application", "attachment")
        )
        assert (response["X-Content-Type-Options"], response["Content-Security-Policy"]) == (
            "nosniff",
            "default-src 'none'; sandbox",
        )

    @pytest.mark.parametrize(
        "path",
        [
            "avatars/a.html",
            "avatars/a.svg",
            "avatars/",
            "avatars",
            "",
            "nothing.webp",
            "avatars/a.webp/",
            "../secret.png",
            "avatars/../../secret.png",
            "%2e%2e/secret.png",
            "..%2fsecret.png",
            "/secret.png",
            "avatars//a.webp",
            "./avatars/a.webp",
            "..\\secret.png",
            f"{'a' * 300}.png",
            "avatars/a.webp/b.png",
        ],
    )
    def test_nothing_else_is_served(self, client, media, path):
        assert client.get(f"/media/{path}").status_code == 404

    def test_a_picture_is_not_sent_twice(self, client, media):
        first = client.get("/media/avatars/a.webp")
        first.close()
        assert (
            client.get(
                "/media/avatars/a.webp", headers={"If-Modified-Since": first["Last-Modified"]}
            ).status_code
            == 304
        )

    @pytest.mark.parametrize(
        ("asked", "status", "said", "content"),
        [
            ("bytes=0-3", 206, "bytes 0-3/12", b"RIFF"),
            ("bytes=4-", 206, "bytes 4-11/12", b"1234WEBP"),
            ("bytes=-4", 206, "bytes 8-11/12", b"WEBP"),
            ("bytes=-99", 206, "bytes 0-11/12", b"RIFF1234WEBP"),
            ("Bytes=8-999999999999999", 206, "bytes 8-11/12", b"WEBP"),
            ("bytes=12-", 416, "bytes */12", b""),
            ("bytes=-0", 416, "bytes */12", b""),
            ("bytes=12-15", 416, "bytes */12", b""),
            ("bytes=4-3", 200, None, b"RIFF1234WEBP"),
            ("bytes=-", 200, None, b"RIFF1234WEBP"),
            ("bytes=0-1,4-5", 200, None, b"RIFF1234WEBP"),
            ("bytes=" + "9" * 5000 + "-", 200, None, b"RIFF1234WEBP"),
            ("bytes=٣-", 200, None, b"RIFF1234WEBP"),
            ("pages=1-2", 200, None, b"RIFF1234WEBP"),
        ],
    )
    def test_a_part_is_sent_where_one_is_asked_for(self, client, media, asked, status, said, content):
        response = client.get("/media/avatars/a.webp", headers={"Range": asked})
        assert response.getvalue() == content
        assert (response.status_code, response.get("Content-Range")) == (status, said)
        assert response["Content-Length"] == str(len(content))
        assert (response["Accept-Ranges"], response["Content-Type"]) == ("bytes", "image/webp")
        assert ("immutable" in response.get("Cache-Control", "")) == (status != 416)

    def test_a_part_of_another_version_becomes_the_whole_file(self, client, media):
        whole = client.get("/media/avatars/a.webp")
        whole.close()
        answers = {
            version: client.get(
                "/media/avatars/a.webp", headers={"Range": "bytes=0-3", "If-Range": version}
            ).getvalue()
            for version in (whole["Last-Modified"], '"another"', "Thu, 01 Jan 1970 00:00:00 GMT")
        }
        assert [*answers.values()] == [b"RIFF", b"RIFF1234WEBP", b"RIFF1234WEBP"]

    def test_of_an_empty_file_no_part_is_named(self, client, media):
        (media / "avatars" / "empty.webp").write_bytes(b"")
        for asked in ("bytes=0-", "bytes=-5"):
            answer = client.get("/media/avatars/empty.webp", headers={"Range": asked})
            assert (answer.status_code, answer.getvalue()) == (200, b"")

    def test_a_request_for_a_part_is_over_once(self, client, media):
        """Its end may close the database connection, which must not happen while the response is built."""
        ends: list[object] = []

        def note(sender: object, **_kwargs: object) -> None:
            ends.append(sender)

        request_finished.connect(note)
        try:
            for asked in ("bytes=0-3", "bytes=12-"):
                client.get("/media/avatars/a.webp", headers={"Range": asked}).getvalue()
        finally:
            request_finished.disconnect(note)
        assert len(ends) == 2

    def test_its_head_is_that_of_the_whole_file(self, client, media):
        head = client.head("/media/avatars/a.webp", headers={"Range": "bytes=0-3"})
        head.close()
        assert (head.status_code, head["Content-Length"], head["Accept-Ranges"]) == (200, "12", "bytes")


# --- error pages -----------------------------------------------------------------------


def headings(response) -> list[str]:
    return [part.split("</h1>")[0] for part in response.content.decode().split("<h1>")[1:]]


def said_in(response) -> list[str]:
    """Return paragraphs, labels and boxes below the heading."""
    main = response.content.decode().split("</h1>")[1].split("</main>")[0]
    parts = re.findall(r"<(p|label|textarea)\b[^>]*>(.*?)</\1>", main, re.DOTALL)
    return [" ".join(strip_tags(text).split()) for _, text in parts]


@pytest.mark.django_db
class TestErrorPages:
    def test_nothing_here(self, client):
        response = client.get("/nowhere/at/all/")
        assert (response.status_code, headings(response)) == (404, ["Page not found"])
        assert "css/base.css" in response.content.decode()

    def test_text_that_came_too_late_is_there_to_copy(self, client):
        response = client.post("/posts/gone/comments/", {"body": "Warm bread."})
        assert (response.status_code, headings(response)) == (404, ["Nothing was saved"])
        assert said_in(response) == [
            "What you wrote about was deleted, or you don’t have access to it any more.",
            "Copy your text before you leave this page. Go to all posts or members.",
            "What you wrote, to copy",
            "Warm bread.",
        ]

    def test_what_was_only_pressed_too_late_is_a_page_that_is_not_there(self, client):
        response = client.post("/posts/gone/comments/", {"body": " ", "sort": "newest"})
        assert (response.status_code, headings(response)) == (404, ["Page not found"])

    @pytest.mark.parametrize(
        ("path", "back"),
        [
            ("/comments/5/thanks/", "/comments/5/"),
            ("/members/links/5/followed/", "/members/links/"),
            ("/theme/", None),
            ("/comments/pictures/", None),  # /comments/ is no page: the last route alone would match it
        ],
    )
    def test_an_address_for_forms_alone_leads_back_to_its_page(self, client, path, back):
        response = client.get(path)
        assert (response.status_code, headings(response)) == (405, ["Nothing was saved"])
        assert response["Allow"] == client.options(path)["Allow"] == "POST, OPTIONS"
        assert "Opened by itself, it does nothing." in " ".join(said_in(response))
        links = re.findall(r'<a class="btn line" href="([^"]+)">', response.content.decode())
        assert links == [*([back] if back else []), "/"]

    def test_programs_get_405_for_a_wrong_method(self, client):
        response = client.get("/api/v1/pictures", headers={"Accept": "application/json"})
        assert (response.status_code, b"<html" in response.content) == (405, False)

    def test_not_for_you(self, client, monkeypatch):
        request = RequestFactory().get("/")
        request.user = client.get("/guidelines/").wsgi_request.user
        response = views.permission_denied(request, PermissionDenied("Only the <host> may do this."))
        assert (response.status_code, headings(response)) == (403, ["You don’t have access to this page"])
        assert "Only the &lt;host&gt; may do this." in response.content.decode()

    def test_our_fault_needs_neither_database_nor_session(self, monkeypatch, django_assert_num_queries):
        def break_down(*_args: object, **_kwargs: object) -> None:
            raise RuntimeError("secret details")

        monkeypatch.setattr(views.HealthView, "get", break_down)
        client = Client(raise_request_exception=False)
        with django_assert_num_queries(0):
            response = client.get("/healthz")
        assert (response.status_code, headings(response)) == (500, ["Something went wrong on our side"])
        assert "secret details" not in response.content.decode()

    def test_a_database_that_is_away_is_said_to_come_back(self, monkeypatch):
        def break_down(*_args: object, **_kwargs: object) -> None:
            raise OperationalError("the connection was closed")

        monkeypatch.setattr(views.HealthView, "get", break_down)
        response = Client(raise_request_exception=False).get("/healthz")
        assert (response.status_code, response["Retry-After"]) == (503, "30")

    def test_an_error_page_that_fails_is_still_a_page(self, monkeypatch, client):
        def break_down(*_args: object, **_kwargs: object) -> None:
            raise OperationalError("the connection was closed")

        monkeypatch.setattr(views, "render", break_down)
        response = client.get("/nowhere/")
        assert (response.status_code, headings(response)) == (404, ["Something went wrong on our side"])

    def test_a_head_request_gets_the_same_status(self, client):
        assert client.head("/nowhere/").status_code == 404
        assert client.head("/guidelines/").content == b""


class TestExpiredKey:
    """The CSRF check failed: the typed text is not lost."""

    @pytest.fixture
    def strict(self, member) -> Client:
        client = Client(enforce_csrf_checks=True)
        client.force_login(member)
        return client

    def test_what_was_typed_comes_back_ready_to_be_sent(self, strict, post):
        url = reverse("comments:comment-create", args=[post.slug])
        response = strict.post(
            url,
            {"body": "Words & <tags>", "parent": "7", "csrfmiddlewaretoken": "old"},
            headers={"Origin": "http://testserver"},
        )
        page = response.content.decode()
        assert (response.status_code, headings(response)) == (403, ["This page has expired"])
        assert "Words &amp; &lt;tags&gt;</textarea>" in page
        assert '<input type="hidden" name="parent" value="7">' in page
        token = page.split("<main")[1].split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        again = strict.post(
            url,
            {"body": "Words & <tags>", "csrfmiddlewaretoken": token},
            headers={"Origin": "http://testserver"},
        )
        assert again.status_code == 302

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example", ""])
    def test_from_another_site_nothing_can_be_sent_on(self, strict, post, origin):
        url = reverse("comments:comment-create", args=[post.slug])
        response = strict.post(url, {"body": "Buy my pills"}, headers={"Origin": origin} if origin else {})
        page = response.content.decode().split("<main")[1].split("</main>")[0]
        assert response.status_code == 403
        assert "<form" not in page
        assert "Buy my pills" in page

    def test_passwords_and_codes_are_never_shown_again(self, strict):
        response = strict.post(
            "/accounts/login/",
            {"login": "ann", "password": "hunter2hunter2", "code": "123456"},
            headers={"Origin": "http://testserver"},
        )
        assert "hunter2hunter2" not in response.content.decode()
        assert "123456" not in response.content.decode()
        assert response["Cache-Control"]

    def test_it_is_kept_by_nobody(self, strict):
        assert "Cookie" in strict.post("/theme/", {"theme": "dark"})["Vary"]


# --- security headers on every kind of page ----------------------------------------------

EVERY_KIND = [
    "/",
    "/posts/",
    "/members/",
    "/accounts/login/",
    "/accounts/signup/",
    "/admin/login/",
    "/nowhere/",
    "/guidelines/",
    "/healthz",
    "/feed/",
]


def policy(response) -> dict[str, list[str]]:
    return {part.split()[0]: part.split()[1:] for part in response["Content-Security-Policy"].split(";")}


@pytest.mark.django_db
@pytest.mark.parametrize("path", EVERY_KIND)
def test_every_kind_of_page_carries_the_headers(client, path):
    response = client.get(path)
    csp = policy(response)
    assert [csp[name] for name in ("default-src", "object-src", "base-uri", "form-action", "frame-ancestors", "style-src")] == [
        ["'self'"], ["'none'"], ["'none'"], ["'self'"], ["'none'"], ["'self'"],
    ]  # fmt: skip
    assert [word for word in csp["script-src"] if not word.startswith("'nonce-")] == ["'self'"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "*" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Permissions-Policy"].startswith("camera=()")
    assert "charset=utf-8" in response.get("Content-Type", "charset=utf-8")


@pytest.mark.django_db
def test_the_admin_carries_them_too(host, signed_in):
    client = signed_in(host)
    for path in ("/admin/", "/admin/posts/post/", "/admin/posts/post/add/"):
        csp = policy(client.get(path))
        assert (csp["object-src"], csp["frame-ancestors"]) == (["'none'"], ["'none'"])
        assert "'unsafe-inline'" not in csp["script-src"]
        assert "'unsafe-eval'" not in csp["script-src"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/"])
def test_pages_load_nothing_from_elsewhere(client, path):
    page = client.get(path).content.decode()
    for attribute in ('src="http', 'src="//', "url(http", '<link rel="stylesheet" href="http'):
        assert attribute not in page
