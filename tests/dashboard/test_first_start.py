"""From an empty site to its first host, without a shell: once, within an hour, in one browser."""

import json
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from core.models import SiteSettings
from dashboard.models import SetupLink
from moderation.models import RemovalReason
from posts.models import Post
from tests.factories import PASSWORD, make_host, make_member
from tests.transfer.blogs import plain
from transfer.models import ImportRun

pytestmark = pytest.mark.django_db

FILLED = {
    "site_name": "Harbour Notes",
    "display_name": "Nora Field",
    "username": "nora",
    "email": "Nora@example.org",
    "key": "password",
    "password": PASSWORD,
    "language": "en-gb",
    "time_zone": "Europe/Lisbon",
    "content": "empty",
}


def printed() -> str:
    out = StringIO()
    call_command("setup_link", stdout=out)
    return out.getvalue()


@pytest.fixture
def address() -> str:
    [line] = [line.strip() for line in printed().splitlines() if "/setup/" in line]
    return line.removeprefix("http://testserver")


def test_the_printed_address_makes_the_first_host_and_signs_them_in(client, address):
    page = client.get(address)
    assertContains(page, "Set up your site")
    assertContains(page, 'data-zone="guess"')
    assertRedirects(client.post(address, FILLED), "/admin/")
    host = User.objects.get()
    assert (host.username, host.get_display_name(), host.is_superuser, host.is_staff) == (
        "nora",
        "Nora Field",
        True,
        True,
    )
    assert EmailAddress.objects.filter(user=host, email="nora@example.org", verified=True).exists()
    assert host.check_password(PASSWORD)
    site = SiteSettings.current()
    assert (site.title, site.language, str(site.zone)) == ("Harbour Notes", "en-gb", "Europe/Lisbon")
    assertContains(client.get("/"), "Harbour Notes")


def test_removal_reasons_are_in_the_language_of_the_site(client, address):
    """A migration created them in English; those that a host has changed stay."""
    RemovalReason.objects.filter(title="Private").update(title="Secret")
    client.get(address)
    client.post(address, FILLED | {"language": "de"})
    assert [*RemovalReason.objects.values_list("title", flat=True)] == [
        "Werbung",
        "Unfreundlich",
        "Secret",
        "Gehört nicht zum Thema",
    ]


def test_it_works_once(client, address):
    client.get(address)
    client.post(address, FILLED)
    assert client.get(address).status_code == 404
    assert (
        client.post(address, FILLED | {"username": "second", "email": "second@example.org"}).status_code
        == 404
    )
    assert User.objects.count() == 1


def test_it_belongs_to_the_browser_that_opened_it_first(client, address):
    client.get(address)
    stranger = Client()
    assert [stranger.get(address).status_code, stranger.post(address, FILLED).status_code] == [404, 404]
    assert client.get(address).status_code == 200


def test_it_is_valid_for_an_hour(client, address):
    client.get(address)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert client.get(address).status_code == 404


def test_it_dies_as_soon_as_there_is_a_superuser(client, address):
    client.get(address)
    make_host()
    assert [client.get(address).status_code, client.post(address, FILLED).status_code] == [404, 404]


def test_a_member_who_signed_up_first_takes_nothing_away(client, address):
    make_member("alice")
    assert client.get(address).status_code == 200


def test_a_new_address_ends_the_one_before(client, address):
    printed()
    assert client.get(address).status_code == 404


def test_every_start_prints_one_while_there_is_no_host(settings):
    settings.DEBUG = True  # static files stay where they are
    out = StringIO()
    call_command("prepare", stdout=out)
    assert "http://testserver/setup/" in out.getvalue()
    make_host()
    out = StringIO()
    call_command("prepare", stdout=out)
    assert out.getvalue() == ""


def test_nothing_is_printed_where_there_is_a_host():
    make_host()
    assert printed() == ""
    assert not SetupLink.objects.exists()


def test_the_token_is_kept_as_a_hash_only(address):
    assert SetupLink.objects.get().token not in address


def test_with_a_passkey_the_next_page_asks_for_it(client, address):
    client.get(address)
    response = client.post(address, FILLED | {"key": "passkey", "password": ""})
    assertRedirects(response, "/accounts/2fa/webauthn/add/", fetch_redirect_response=False)
    assert not User.objects.get().has_usable_password()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"password": ""}, "password"),
        ({"password": "12345678"}, "password"),
        ({"username": "no spaces here"}, "username"),
        ({"email": "nobody"}, "email"),
        ({"site_name": " "}, "site_name"),
        ({"time_zone": "Moon/Base"}, "time_zone"),
        ({"content": "import"}, "file"),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(client, address, typed, field):
    client.get(address)
    response = client.post(address, FILLED | typed)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assertContains(response, "<title>Error: Set up your site", status_code=422)
    assert not User.objects.exists()


def test_a_blog_can_be_brought_along(client, address):
    client.get(address)
    export = SimpleUploadedFile("blog.xml", blog().encode(), content_type="text/xml")
    client.post(address, FILLED | {"content": "import", "file": export})
    assert list(Post.objects.values_list("title", "author__username")) == [("From the old blog", "nora")]
    assert list(ImportRun.objects.values_list("state", "label", "file")) == [("done", "WordPress", "")]


def test_a_blog_of_another_system_can_be_brought_along(client, address):
    client.get(address)
    posts = [{"id": "1", "title": "From elsewhere", "published_at": "2012-04-25"}]
    export = SimpleUploadedFile("blog.json", json.dumps(plain(*posts)).encode())
    client.post(address, FILLED | {"content": "import", "file": export})
    assert list(Post.objects.values_list("title", "author__username")) == [("From elsewhere", "nora")]


def test_a_file_that_is_no_export_is_said_before_the_site_is_set_up(client, address):
    client.get(address)
    response = client.post(
        address, FILLED | {"content": "import", "file": SimpleUploadedFile("a.txt", b"Hello.")}
    )
    assert "We can’t read this file." in response.context["form"].errors["file"][0]
    assert not User.objects.exists()


def blog() -> str:
    return """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Old</title><link>https://old.example</link><wp:wxr_version>1.2</wp:wxr_version>
<item><title>From the old blog</title><link>https://old.example/1</link><dc:creator>old</dc:creator>
<content:encoded><![CDATA[<p>Hello.</p>]]></content:encoded><wp:post_id>1</wp:post_id>
<wp:post_date>2012-04-25 12:00:00</wp:post_date><wp:post_date_gmt>2012-04-25 12:00:00</wp:post_date_gmt>
<wp:post_name>old</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>
</channel></rss>"""


def test_an_empty_site_says_what_to_do(client, signed_in):
    assertContains(client.get("/"), "This site isn’t set up yet")
    host = make_host()
    assertContains(client.get("/"), "No posts yet")
    assertContains(client.get("/"), "Check back soon.")
    browser = signed_in(host)
    assertContains(browser.get("/"), "Write the first post")
    assertNotContains(browser.get("/"), "Check back soon.")
    assertContains(browser.get("/admin/"), "No comments yet.")
    assertNotContains(browser.get("/admin/"), "Everyone who wrote has had a reply.")
    assertContains(browser.get("/admin/transfer/importrun/"), "No imports yet.")
    assertNotContains(browser.get("/admin/posts/post/"), 'class="actions"')


def test_members_are_not_told_that_they_need_no_account(client, member, signed_in):
    assertContains(client.get("/"), "No account needed. Unsubscribe with one click.")
    page = signed_in(member).get("/")
    assertContains(page, "Unsubscribe with one click.")
    assertNotContains(page, "No account needed")


def test_an_empty_site_begins_with_pages_to_adapt(client, address):
    client.post(address, FILLED)
    pages = {page.slug: page for page in Post.objects.all()}
    assert {slug: page.is_published for slug, page in pages.items()} == {
        "about": True,
        "privacy": True,
        "imprint": False,
    }
    assert {page.kind for page in pages.values()} == {"page"}
    visitor = Client()
    assertContains(visitor.get("/privacy/"), '<h1 id="post-h" dir="auto">Privacy</h1>', html=True)
    assertContains(visitor.get("/"), 'href="/privacy/"')
    for stored in (
        "If you subscribe to new posts by email",
        "is deleted after 7 days, with the name and address",
    ):
        assertContains(visitor.get("/privacy/"), stored)
    assertContains(
        visitor.get("/privacy/"),
        '<a href="/comments/guests/" rel="noopener">see, download and erase what is stored</a>',
    )
    assertContains(visitor.get("/about/"), "<p>Nora Field writes here.</p>", html=True)
    for page in ("/privacy/", "/about/"):
        assertNotContains(visitor.get(page), "Leave a comment")
    assert not Post.objects.filter(kind=Post.Kind.PAGE, comments_open=True).exists()
    assert visitor.get("/imprint/").status_code == 404
