"""One illustrated post from an empty editor to every reader: scheduled, previewed, moved, restored, mailed, compared."""

import re
from html import unescape

import pytest
from django.test import Client
from playwright.sync_api import expect

from notifications.models import Subscriber
from posts.models import Post
from tests.browser.editing import new_line
from tests.browser.test_illustrated_post import write_it
from tests.factories import PASSWORD, make_host
from tests.notifications.people import later
from tests.notifications.smtp import MailServer
from tests.notifications.subscribers import work_off

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture(params=[1280, 360], ids=["at a desk", "on a phone"])
def desk(request, visit, site):
    make_host("nora")
    host = visit(width=request.param, touch=request.param < 700)
    host.sign_in("nora", PASSWORD)
    return host


@pytest.fixture
def mail_server(settings):
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        yield server


def said(html: str) -> str:
    """The words of a text, without what each place adds: marks of footnotes, names of players."""
    words = re.sub(r"<[^>]+>", " ", re.sub(r"<sup.*?</sup>|↩|YouTube", "", html, flags=re.DOTALL))
    return " ".join(unescape(words).split())


def test_every_reader_gets_what_was_written(desk, site, tmp_path, mail_server):
    page = desk.open("/admin/posts/post/add/")
    write_it(page, tmp_path)
    expect(page.locator(".statusline .state")).to_have_text("Saved")

    page.locator("[name=when][value=at]").check()
    page.fill("#id_published_at_0", "2099-07-01")
    page.fill("#id_published_at_1", "07:30")
    page.click("[name=_publish]")
    expect(page.locator(".messagelist .success")).to_contain_text("Scheduled for")
    post = Post.objects.get()
    first_address, reader = post.get_absolute_url(), Client()
    assert reader.get(first_address).status_code == 404
    page.get_by_role("link", name="Preview", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(post.title)
    assert page.locator(".post .words img").count() == 5

    page = desk.open(f"/admin/posts/post/{post.pk}/change/")
    page.locator("[name=when][value=now]").check()
    page.click("[name=_publish]")
    expect(page.locator(".messagelist .success")).to_contain_text("It’s live: see it.")
    written = Post.objects.get().body

    page.fill("#id_slug", "the-ferry")
    new_line(page)
    page.keyboard.type("A mistake.")
    page.click("[name=_save]")
    expect(page.locator(".messagelist .success")).to_contain_text("Saved: see it.")
    post.refresh_from_db()
    assert "A mistake." in post.body
    moved = reader.get(first_address)
    assert (moved.status_code, moved["Location"]) == (301, "/posts/the-ferry/")

    page.get_by_role("link", name="Versions").click()
    page.get_by_role("button", name=re.compile("^Restore")).first.click()
    expect(page.locator(".messagelist")).to_contain_text("is restored")
    post.refresh_from_db()
    assert post.body == written

    Subscriber.objects.create(email="ada@example.org")
    page = desk.open(f"/admin/posts/post/{post.pk}/change/")
    search = [page.locator(f"[data-preview={name}]").first.inner_text() for name in ("title", "description")]
    page.get_by_role("link", name="Send by email").click()
    page.get_by_role("button", name="Send to all subscribers").click()
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
    assert desk.complaints == []
