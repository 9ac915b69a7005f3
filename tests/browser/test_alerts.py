"""Who will be notified, before and after posting, in the browser: with scripts and without."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from notifications.models import FanOut, Notification, OutgoingEmail
from tests.factories import make_comment, make_host, make_member, make_post

pytestmark = pytest.mark.django_db(transaction=True)


def let_the_minute_pass() -> None:
    past = timezone.now() - timedelta(seconds=1)
    Notification.objects.update(due_at=past)


@pytest.fixture
def talk(site):
    """A post by Nora, with a comment by Bob and one by Kay."""
    post = make_post(author=make_host("nora"))
    comments = [
        make_comment(post, author=make_member(name), body=f"Words of {name}.") for name in ("bob", "kay")
    ]
    for rows in (Notification, FanOut, OutgoingEmail):
        rows.objects.all().delete()
    return post, *comments


@pytest.mark.journey
@pytest.mark.parametrize("javascript", [False, True], ids=["without scripts", "with scripts"])
def test_the_author_sees_who_will_be_notified_and_they_find_the_comment(visit, talk, javascript):
    post, bobs, kays = talk
    make_member("alice")
    alice = visit(javascript=javascript)
    alice.sign_in("alice")
    page = alice.open(f"{post.get_absolute_url()}?reply={bobs.pk}")
    form = page.locator("form.comment-form", has_text="Reply to bob")
    line = form.locator("[data-recipients]")
    assert "Will be notified: bob, nora (email)." in line.inner_text()
    form.locator("textarea").fill("Hello, both of you, and @nora.")
    page.wait_for_load_state()
    top = f"{post.get_absolute_url()}?also={bobs.pk},{kays.pk}"
    page.locator("textarea").fill("")  # nothing typed: the browser leaves the page without asking
    page = alice.open(top)
    form = page.locator("form.comment-form")
    boxes = page.locator(".talk [name=also]")
    assert [box.is_checked() for box in boxes.all()] == [True, True]
    form.locator("textarea").fill("Thank you, both of you.")
    boxes.nth(0).focus()
    page.keyboard.press("Space")
    if javascript:
        page.locator("[data-recipients]", has_text="Will be notified: kay, nora (email).").wait_for()
    else:
        form.locator("text=Preview").click()
        assert "Will be notified: kay, nora (email)." in page.locator("[data-recipients]").inner_text()
    page.locator("text=Post comment").click()
    page.wait_for_selector("text=Will be notified: kay, nora.")
    page.locator(".toast >> text=Who was notified").press("Enter")
    page.wait_for_selector("h1 >> text=Who was notified")
    assert page.locator("[data-state=waiting]").count() == 2

    let_the_minute_pass()
    kay = visit(javascript=javascript, width=360)
    kay.sign_in("kay")
    page = kay.open("/")
    page.locator("header a[href='/notifications/']").click()
    page.wait_for_selector(".mail .unread")
    page.locator(".mail button.goto").click()
    page.wait_for_url("**#comment-*")
    assert kay.open("/notifications/").locator(".mail .unread").count() == 0
    assert Notification.objects.get(member__username="kay").seen_at is not None
    for person in (alice, kay):
        assert (person.complaints, person.foreign) == ([], [])


@pytest.mark.parametrize("javascript", [False, True], ids=["without scripts", "with scripts"])
def test_the_host_answers_eight_in_one_comment(visit, talk, javascript):
    post = talk[0]
    names = [f"guest{number}" for number in range(8)]
    comments = [make_comment(post, author=make_member(name), body=f"Words of {name}.") for name in names]
    # On wide screens the button that folds its replies is beside the actions.
    make_comment(post, parent=comments[1], author=post.author)
    for rows in (Notification, FanOut, OutgoingEmail):
        rows.objects.all().delete()
    nora = visit(javascript=javascript, width=320 if javascript else 1280)
    nora.sign_in("nora")
    page = nora.open(post.get_absolute_url())
    if javascript:
        # On a phone the boxes are shown while a reply is written, because they take a second line.
        assert page.get_by_text("Reply to this too").filter(visible=True).count() == 0
        assert page.get_by_text("To reply to several people at once").filter(visible=True).count() == 0
        page.locator(f"#comment-{comments[0].pk} >> a[href*=reply]").click()
        form = page.locator(".composing form")
        expect(form.get_by_text("To reply to several people at once")).to_be_visible()
    for comment in comments[1:]:
        page.locator(f"#comment-{comment.pk} >> text=Reply to this too").click()
    said = f"Will be notified: {', '.join(names)} (email)."
    if javascript:
        page.locator(".composing [data-recipients]", has_text=said).wait_for()
        assert not page.locator(f"#comment-{comments[0].pk} >> text=Reply to this too").is_visible()
    else:
        page.locator(f"#comment-{comments[0].pk} >> text=Reply to this too").click()
        form = page.locator("form.comment-form")
    form.locator("textarea").fill("Thank you, all eight.")
    if not javascript:
        form.locator("[name=preview]").click()
        assert said in page.locator("[data-recipients]").inner_text()
        form = page.locator("form.comment-form")
    form.locator("button[type=submit]:not([name])").click()
    page.wait_for_selector(".toast >> text=Will be notified:")
    assert sorted(Notification.objects.values_list("member__username", flat=True)) == names
    assert (nora.complaints, nora.foreign) == ([], [])


def test_no_page_of_alerts_shuts_anybody_out(visit, talk):
    post, bobs, _kays = talk
    mine = make_comment(post, parent=bobs, author=make_member("alice"))
    make_comment(post, parent=mine, author=bobs.author, body="And *you*?")
    let_the_minute_pass()
    reader = visit(width=320, scheme="dark")
    reader.sign_in("alice")
    paths = ["/notifications/", "/notifications/?show=people", "/notifications/settings/", "/notifications/guests/", f"/comments/{mine.pk}/receipt/",
             f"{post.get_absolute_url()}?also={bobs.pk}"]  # fmt: skip
    found = {path: reader.open(path) and reader.faults() for path in paths}
    assert {path: faults for path, faults in found.items() if faults} == {}
