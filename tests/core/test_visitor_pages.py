"""Pages that are the same for all visitors contain nothing about the visitor, and set no cookies."""

import gzip
import re

import pytest
from django.contrib.messages import add_message, constants
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import Client, RequestFactory
from django.urls import reverse

from comments.models import Comment
from core.pagecache.placeholders import GapCollector
from tests.factories import make_member, put_comment

pytestmark = pytest.mark.django_db
KEPT = "public, max-age=0, s-maxage=1"
SEAL = re.compile(rb'name="seal" value="[^"]*"')


@pytest.fixture
def paths(post) -> list[str]:
    put_comment(post, author=make_member("nadine"))
    return [post.get_absolute_url(), f"{post.get_absolute_url()}?sort=newest", "/", "/posts/"]


def test_visitors_get_no_cookie_and_no_token_and_a_front_server_may_keep_the_page(client, paths):
    for path in paths:
        response = client.get(path)
        assert (path, response["Cache-Control"], dict(response.cookies)) == (path, KEPT, {})
        assert b"csrfmiddlewaretoken" not in response.content
        assert client.get(path, headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_every_visitor_gets_the_same_bytes(paths):
    """IP address, browser, language and foreign cookies of a request change nothing."""
    for path in paths:
        answers = {
            SEAL.sub(b"", Client(REMOTE_ADDR=f"192.0.2.{n}").get(path, headers=headers).content)
            for n, headers in enumerate(
                (
                    {},
                    {"User-Agent": "Mozilla/5.0 of somebody"},
                    {"Accept-Language": "de"},
                    {"Cookie": "analytics=4711"},
                    {"Referer": "https://example.org/from-here"},
                )
            )
        }
        assert len(answers) == 1


def test_members_pages_are_never_kept(signed_in, member, paths):
    for path in paths:
        response = signed_in(member).get(path)
        assert "no-store" in response["Cache-Control"]
        assert not response.has_header("ETag")


def test_a_visitor_with_a_session_or_a_message_has_pages_of_their_own(client, paths):
    session = client.session
    session["kept_words"] = {}
    session.save()
    messenger = Client()
    request = RequestFactory().get("/")
    storage = CookieStorage(request)
    add_message(type("", (), {"_messages": storage})(), constants.INFO, "For you alone.")
    messenger.cookies["messages"] = storage._encode(storage._queued_messages)
    for browser in (client, messenger):
        for path in paths:
            assert browser.get(path)["Cache-Control"] == "private, no-cache"


def test_other_pages_of_visitors_are_not_kept(client):
    for path in ("/accounts/login/", "/accounts/signup/", "/members/"):
        assert "public" not in client.get(path).headers.get("Cache-Control", "")


def test_the_theme_is_part_of_what_is_kept(client, paths):
    for path in paths:
        etags = set()
        for theme in ("", "light", "dark", "neon"):
            client.cookies.clear()
            if theme:
                client.cookies["theme"] = theme
            etags.add(client.get(path)["ETag"])
        assert len(etags) == 3


def test_the_page_that_is_kept_compressed_is_the_same_page(client, paths):
    plain = client.get(paths[0])
    packed = client.get(paths[0], headers={"Accept-Encoding": "gzip, br"})
    assert (packed["Content-Encoding"], packed["ETag"]) == ("gzip", plain["ETag"])
    assert "Accept-Encoding" in packed["Vary"]
    assert SEAL.sub(b"", gzip.decompress(packed.content)) == SEAL.sub(b"", plain.content)
    assert len(packed.content) < len(plain.content) / 2


@pytest.mark.parametrize("text", ["", "a", "ä" * 40_000, "x" * 0xFFFF])
def test_what_is_put_into_a_compressed_page_may_have_any_length(text):
    gaps = GapCollector()
    page = gaps.cut(f"<p>{gaps.mark('a', 1)}</p>{gaps.mark('b', 2)}").encoded()
    for _ in range(2):
        filled = page.fill_compressed(lambda kind, _facts: text if kind == "a" else b"end")
        assert gzip.decompress(filled).decode() == f"<p>{text}</p>end"


# --- accepted forms ----------------------------------------------------------------------


@pytest.fixture
def strict() -> Client:
    return Client(enforce_csrf_checks=True)


WORDS = {"body": "Hello from outside.", "name": "Vic", "email": "vic@example.org"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 302),
        ({"Origin": "http://testserver"}, 302),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}, 302),
        ({"Sec-Fetch-Site": "same-origin"}, 302),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_a_visitors_form_is_taken_from_here_only(strict, post, headers, status):
    url = reverse("comments:comment-create", args=[post.slug])
    assert strict.post(url, WORDS, headers=headers).status_code == status
    assert strict.post("/theme/", {"theme": "dark"}, headers=headers).status_code == status


def test_requests_with_a_session_need_the_token(strict, post, member):
    strict.force_login(member)
    url = reverse("comments:comment-create", args=[post.slug])
    headers = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert strict.post(url, {"body": "Forged."}, headers=headers).status_code == 403
    assert not Comment.objects.exists()


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/accounts/logout/"])
def test_signing_in_needs_the_token(strict, path):
    headers = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert strict.post(path, {"login": "a", "password": "b"}, headers=headers).status_code == 403


def test_a_visitor_who_wrote_in_one_tab_can_write_in_another(strict, post):
    """The first comment started a session; the page in the other tab was opened before and has no CSRF token."""
    url = reverse("comments:comment-create", args=[post.slug])
    headers = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert strict.post(url, WORDS, headers=headers).status_code == 302
    assert "sessionid" in strict.cookies
    again = WORDS | {"body": "And hello from the other tab."}
    assert strict.post(url, again, headers=headers).status_code == 302
    assert strict.post(url, again, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_every_button_on_a_visitors_page_works_without_a_token(strict, paths):
    """Those for members lead to sign-in, not to an error page about an expired form."""
    headers = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    pages = [strict.get(path).content.decode() for path in paths]
    buttons = re.compile(r'(?:formaction|hx-post|method="post" action)="([^"]+)"')
    addresses = {address for page in pages for address in buttons.findall(page)}
    assert len(addresses) == 5  # theme, comment, thanks, follow, subscribe
    answers = {address: strict.post(address, {}, headers=headers).status_code for address in addresses}
    assert set(answers.values()) == {302, 422}  # an empty form is refused with an error at its field
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert {strict.post(address, {}, headers=elsewhere).status_code for address in addresses} == {403}
