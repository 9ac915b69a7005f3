"""A post from an empty editor to all readers: scheduled, previewed, moved, restored, emailed, compared."""

import re
from html import unescape

import pytest
from django.test import Client
from playwright.sync_api import expect

from notifications.models import Subscriber
from posts.models import Post
from tests.browser.pointer_and_keyboard import Keys, Pointer
from tests.browser.test_illustrated_post import WRITTEN, without_files
from tests.factories import make_host
from tests.notifications.people import later
from tests.notifications.smtp_server import MailServer
from tests.notifications.subscribers import work_off

pytestmark = pytest.mark.django_db(transaction=True)


# The width of the window, and how the host operates it. Each variant takes thirteen seconds of processor
# time; test_illustrated_post.py also covers how the editor differs on a phone.
WAYS = {"at a desk": (1280, Pointer), "on a phone": (360, Pointer), "by keyboard alone": (1280, Keys)}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def way(request):
    return request.param


@pytest.fixture
def host(way, visit, site):
    make_host("nora")
    width, _ = way
    host = visit(width=width, touch=width < 700)
    host.sign_in("nora")
    return host


@pytest.fixture
def hand(way, host):
    _, kind = way
    return kind(host.page)


@pytest.fixture
def mail_server(settings):
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        yield server


def said(html: str) -> str:
    """Return the text of the HTML without additions of each place: footnote marks, names of players."""
    words = re.sub(r"<[^>]+>", " ", re.sub(r"<sup.*?</sup>|↩|YouTube", "", html, flags=re.DOTALL))
    return " ".join(unescape(words).split())


def test_every_reader_gets_what_was_written(host, hand, site, tmp_path, mail_server):
    page = host.open("/admin/posts/post/add/")
    hand.write(tmp_path)
    expect(page.locator(".statusline .state")).to_have_text("Saved")

    hand.choose("when", "at")
    hand.fill("#id_published_at_0", "2099-07-01")
    hand.fill("#id_published_at_1", "07:30")
    hand.press("button", "Schedule for 2099-07-01 07:30")
    expect(page.locator(".messagelist .success")).to_contain_text("Scheduled for")
    post = Post.objects.get()
    first_address, reader = post.get_absolute_url(), Client()
    assert reader.get(first_address).status_code == 404
    hand.press("link", "Preview")
    expect(page.get_by_role("heading", level=1)).to_have_text(post.title)
    assert page.locator(".post .words img").count() == 5

    page = host.open(f"/admin/posts/post/{post.pk}/change/")
    hand.choose("when", "now")
    hand.press("button", "Publish now")
    expect(page.locator(".messagelist .success")).to_contain_text("It’s live: see it.")
    written = Post.objects.get().body
    assert without_files(written) == WRITTEN

    hand.add_line("A mistake.")
    hand.fill("#id_slug", "the-ferry")
    hand.press("button", "Update")
    expect(page.locator(".messagelist .success")).to_contain_text("Saved: see it.")
    post.refresh_from_db()
    assert "A mistake." in post.body
    moved = reader.get(first_address)
    assert (moved.status_code, moved["Location"]) == (301, "/posts/the-ferry/")

    hand.press("link", "Versions")
    hand.press("button", re.compile("^Restore"))
    expect(page.locator(".messagelist")).to_contain_text("is restored")
    post.refresh_from_db()
    assert post.body == written

    Subscriber.objects.create(email="ada@example.org")
    page = host.open(f"/admin/posts/post/{post.pk}/change/")
    search = [page.locator(f"[data-preview={name}]").first.inner_text() for name in ("title", "description")]
    hand.press("link", "Send by email")
    hand.press("button", "Send to all subscribers")
    expect(page.locator(".messagelist .success")).to_contain_text("will be sent")
    with later(minutes=3):
        work_off()
    [letter] = [one.message for one in mail_server.received if one.to == "ada@example.org"]

    shown = reader.get("/posts/the-ferry/").content.decode()
    feed = unescape(
        re.search(r"<content[^>]*>(.*?)</content>", reader.get("/feed/").content.decode(), re.DOTALL)[1]
    )
    mailed = letter.get_body(("html",)).get_content()
    assert said(shown.partition('<div class="words">')[2].partition('<footer class="postfoot">')[0]) == said(
        written
    )
    assert said(feed) == said(written)
    assert "The 22:10, waiting" in said(mailed)
    assert "Monday" in letter.get_body(("plain",)).get_content()
    for place in (feed, mailed):
        pictures = re.findall(r'<img[^>]* src="([^"]+)"', place)
        assert [one.startswith(f"{site}/media/posts/") for one in pictures] == [True] * 5
    about = dict(re.findall(r'<meta (?:name|property)="([\w:]+)" content="([^"]*)"', shown))
    assert search == [unescape(about["og:title"]), unescape(about["description"])]
    assert host.complaints == []
