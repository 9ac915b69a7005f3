"""A visitor writes first and signs in afterwards: with scripts and without, on one device and on two."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from accounts.models import User
from comments.models import Comment
from tests.factories import make_comment, make_member, make_post

pytestmark = pytest.mark.django_db(transaction=True)

ANY_WORDS = "In the *kitchen*, by the window."


def mailed(pattern):
    return re.search(pattern, mail.outbox[-1].body, re.MULTILINE)[1]


def write(page, form):
    form.locator("[name=body]").fill(ANY_WORDS)
    form.locator("[name=name]").fill("Dora Lind")
    form.locator("[name=email]").fill("dora@example.org")
    form.locator("[name=link]").fill("dora.example/blog")
    form.locator("button[type=submit]").first.click()
    page.wait_for_selector("text=Check your email")


def assert_it_is_published(page, visit, place):
    """Assert that everyone sees the comment, and its author the link on their profile."""
    page.wait_for_selector("text=Posted.")
    comment = Comment.objects.get(author__username="dora-lind")
    assert page.url.endswith(f"{place}#comment-{comment.pk}")
    stranger = visit(javascript=False)
    shown = stranger.open(place).locator(f"#comment-{comment.pk}")
    assert shown.locator(".comment-body").first.inner_text() == "In the kitchen, by the window."
    assert shown.locator(".comment-author").first.inner_text() == "Dora Lind"
    shown.locator(".comment-author a, a.comment-author").first.click()
    stranger.page.wait_for_selector("h1 >> text=Dora Lind")
    # To others a new member's link is plain text; its author sees a link.
    assert "dora.example/blog" in stranger.page.locator("main").inner_text()
    assert stranger.page.locator("main a[href='https://dora.example/blog']").count() == 0
    page.goto(stranger.page.url)
    link = page.locator("main a[href='https://dora.example/blog']").first
    assert link.get_attribute("rel") == "me ugc nofollow noopener"
    assert list(User.objects.get(username="dora-lind").links.values_list("state", flat=True)) == ["claimed"]
    assert (stranger.complaints, stranger.foreign) == ([], [])


@pytest.mark.journey
@pytest.mark.parametrize("javascript", [False, True], ids=["without scripts", "with scripts"])
def test_from_an_empty_browser_to_the_published_comment(visit, javascript):
    post = make_post()
    visitor = visit(javascript=javascript)
    page = visitor.open(post.get_absolute_url())
    write(page, page.locator("form.comment-form"))
    expect(page.locator("[name=code]")).to_be_focused()
    page.fill("[name=code]", "000000" if mailed(r"^(\d{6})$") != "000000" else "000001")
    page.click("text=Post comment")
    page.wait_for_selector("text=2 tries left")
    page.fill("[name=code]", mailed(r"^(\d{6})$"))
    page.click("text=Post comment")
    assert_it_is_published(page, visit, post.get_absolute_url())
    if javascript:  # a published comment is not offered again
        assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('draft:'))") == []
    # A wrong code is answered with 422, which Chromium logs.
    assert ([one for one in visitor.complaints if "422" not in one], visitor.foreign) == ([], [])


def test_the_mail_carries_on_on_another_device(visit):
    post = make_post()
    parent = make_comment(post, author=make_member("bob"))
    page = visit(javascript=False).open(post.get_absolute_url())
    page.click(f"#comment-{parent.pk} >> a[href*=reply]")
    write(page, page.locator("form.comment-form", has_text="Reply to bob"))
    telephone = visit(javascript=False, width=360, scheme="dark")
    there = telephone.open(mailed(r"^http://[^/]+(/comments/unsent/\S+)$"))
    assert there.locator("blockquote").inner_text() == "In the kitchen, by the window."
    assert not User.objects.filter(username="dora-lind").exists()
    there.click("button:text('Post comment')")
    assert_it_is_published(there, visit, post.get_absolute_url())
    assert Comment.objects.get(author__username="dora-lind").parent == parent
    page.reload()  # the page that waits for the code, on the first device
    assert page.url.endswith(f"#comment-{Comment.objects.get(author__username='dora-lind').pk}")


def test_no_page_on_the_way_shuts_anybody_out(visit):
    post = make_post()
    visitor = visit(width=320, scheme="dark")
    page = visitor.open(post.get_absolute_url())
    found = {"form": visitor.faults()}
    write(page, page.locator("form.comment-form"))
    place = page.url.removeprefix(visitor.site)
    found["code"] = visitor.faults()
    page.click("text=Post comment")
    page.fill("[name=code]", "1")
    page.press("[name=code]", "Enter")
    page.wait_for_selector(".errorlist")
    found["wrong code"] = visitor.faults()
    for name, path in (
        ("change", f"{place}change/"),
        ("link", mailed(r"^http://[^/]+(/comments/unsent/\S+)$")),
    ):
        visitor.open(path)
        found[name] = visitor.faults()
    assert {name: faults for name, faults in found.items() if faults} == {}
