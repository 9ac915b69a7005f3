"""A discussion embedded in another site, in Chromium: it is displayed, resized and used without cookies."""

import math
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core import mail
from playwright.sync_api import expect

from comments.models import Comment
from core.models import SiteSettings
from embed.models import EmbeddedPage
from tests.factories import make_comment, make_post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]  # starts a browser and a site


class Blog(BaseHTTPRequestHandler):
    """A page of another site: 127.0.0.1, while ours is localhost."""

    page = ""

    def do_GET(self) -> None:
        body = (
            f"<!doctype html><html lang=en><title>Blog</title><link rel=icon href=data:,>{self.page}".encode()
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Log nothing."""


@pytest.fixture
def blog(site) -> Iterator[str]:
    """Yield its origin."""
    Blog.page = f'<h1>Blog</h1><script src="{site}/embed.js" data-slug="bread"></script>'
    server = ThreadingHTTPServer(("127.0.0.1", 0), Blog)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.journey
def test_a_reader_of_another_site_writes_into_the_frame(visit, blog):
    SiteSettings._known = (SiteSettings(pk=1, embed_origins=blog), math.inf)
    post = make_post(slug="bread")
    for number in range(6):
        make_comment(post, body=f"Thought {number} on bread.\n\n" + "And so on. " * 30, status="public")
    reader = visit()
    reader.page.goto(f"{blog}/bread.html")
    frame = reader.page.frame_locator("iframe")
    expect(frame.locator(".comment")).to_have_count(6)
    reader.page.wait_for_function("document.querySelector('iframe').clientHeight > 900")
    frame.get_by_role("button", name="Post comment").click()
    expect(frame.get_by_label("Your comment")).to_be_focused()
    reader.complaints.clear()  # of the answer's status
    frame.get_by_label("Your comment").fill("Hello from the blog.")
    frame.get_by_label("Name").fill("Vera")
    frame.get_by_label("Email").fill("vera@example.org")
    frame.get_by_role("button", name="Post comment").click()
    expect(frame.get_by_role("heading", name="Confirm your email")).to_be_visible()
    code = re.search(r"^\s*(\d{6})\s*$", mail.outbox[-1].body, re.MULTILINE)[1]
    frame.get_by_label("Code").fill(code)
    frame.get_by_role("button", name="Post comment").click()
    expect(frame.locator(".comment")).to_have_count(7)
    assert Comment.objects.latest("pk").body == "Hello from the blog."
    assert reader.context.cookies() == []
    assert reader.complaints == []


def test_without_its_attribute_a_page_is_known_by_its_own_address_and_the_frame_by_its_title(
    visit, blog, site
):
    SiteSettings._known = (SiteSettings(pk=1, embed_origins=f"{blog} https://blog.example"), math.inf)
    post = make_post(slug="bread")
    make_comment(post, body="Rye, always.", status="public")
    EmbeddedPage.objects.create(post=post, address="https://blog.example/bread/")
    Blog.page = (
        f'<link rel="canonical" href="https://blog.example/bread/"><h1>Blog</h1>'
        f'<script src="{site}/embed.js" data-title="What people say" async></script>'
    )
    reader = visit()
    reader.page.goto(f"{blog}/some/other/address?from=feed")
    expect(reader.page.locator("iframe")).to_have_attribute("title", "What people say")
    expect(reader.page.frame_locator("iframe").locator(".comment")).to_have_count(1)
    assert reader.complaints == []


def test_a_site_that_is_not_listed_shows_nothing(visit, blog):
    SiteSettings._known = (SiteSettings(pk=1, embed_origins="https://other.example"), math.inf)
    make_post(slug="bread")
    reader = visit()
    with reader.page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        reader.page.goto(f"{blog}/")
    assert reader.page.frame_locator("iframe").get_by_text("Leave a comment").count() == 0
