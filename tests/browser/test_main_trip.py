"""The main journey from end to end, by five users in their browsers: with scripts and without."""

import re

import pytest
from django.core import mail

from comments.models import Comment
from moderation.models import Decision, ModerationSettings
from posts.models import Post
from tests.factories import PASSWORD, make_comment, make_host, make_member, make_moderator, make_post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.journey
@pytest.mark.parametrize("javascript", [False, True], ids=["without scripts", "with scripts"])
def test_a_post_is_written_answered_reported_and_moderated(visit, javascript):
    make_host("nora")
    make_moderator("carol")
    make_member("bob")

    host = visit(javascript=javascript)
    host.sign_in("nora")
    page = host.open("/admin/posts/post/add/")
    page.fill("[name=title]", "Where do you talk?")
    page.fill("[name=summary]", "A question to all.")
    if javascript:
        page.click(".sheet .words")
        page.keyboard.type("Tell me below.")
    else:
        page.fill("textarea[name=body]", "<p>Tell me below.</p><script>alert(1)</script>")
    page.click("[name=_publish]")
    page.wait_for_load_state()
    post = Post.objects.get()
    assert (post.title, post.body, post.is_published) == ("Where do you talk?", "<p>Tell me below.</p>", True)
    place = post.get_absolute_url()

    bob = visit(javascript=javascript)
    bob.sign_in("bob")
    page = bob.open(place)
    page.fill("textarea[name=body]", "In the *kitchen*.")
    page.click("text=Post comment")
    page.wait_for_selector("text=Posted.")
    first = Comment.objects.get()

    ModerationSettings.objects.update_or_create(pk=1, defaults={"first_link_waits": True})
    newcomer = visit(javascript=javascript)
    page = newcomer.open(place)
    page.click(f"#comment-{first.pk} >> a[href*=reply]")
    form = page.locator("form.comment-form", has_text="Reply to bob")
    form.locator("textarea").fill("Mine has a *stove*: https://stove.example/warm")
    form.locator("text=Preview").click()
    page.wait_for_selector(".preview em >> text=stove")
    page.locator("form.comment-form", has_text="Reply to bob").locator("text=Sign in to post").click()
    page.wait_for_url("**/accounts/login/**")
    page.click("main >> a[href*='/accounts/signup/']")
    page.fill("[name=email]", "wanda@example.org")
    page.fill("[name=username]", "wanda")
    if page.locator("[name=password1]").is_visible():
        page.fill("[name=password1]", PASSWORD)
    page.locator("main form:has([name=email]) button[type=submit]").first.click()
    page.wait_for_selector("[name=code]")
    page.fill("[name=code]", re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0])
    page.press("[name=code]", "Enter")
    page.wait_for_selector("text=Your text is still here.")
    page.locator("form.comment-form", has_text="Reply to bob").locator("text=Post reply").click()
    page.wait_for_selector("text=Your comment is awaiting review.")
    held = Comment.objects.get(parent=first)
    assert (held.status, held.author.username) == ("held", "wanda")
    assert page.locator(f"#comment-{held.pk}").get_attribute("data-status") == "held"

    page = newcomer.open(f"/comments/{first.pk}/report/")
    page.check("[name=reason][value=unkind]")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_selector("text=A moderator will review it.")

    carol = visit(javascript=javascript)
    carol.sign_in("carol")
    carol.open("/moderation/")
    page = carol.open(f"/moderation/comments/{held.pk}/")
    page.locator("button[name=action][value=approve]").first.click()
    page.wait_for_load_state()
    assert Comment.objects.get(pk=held.pk).status == "public"
    page = carol.open(f"/moderation/comments/{first.pk}/")
    page.locator("button[name=action][value=remove]").first.click()
    page.wait_for_load_state()
    assert Comment.objects.get(pk=first.pk).status == "removed"
    page.click("text=Undo")
    page.wait_for_load_state()
    assert Comment.objects.get(pk=first.pk).status == "public"
    assert [decision.action for decision in Decision.objects.order_by("pk")] == ["approve", "remove", "undo"]

    stranger = visit(javascript=javascript)
    page = stranger.open(place)
    assert page.locator(f"#comment-{held.pk} .comment-body a").get_attribute("rel") == "nofollow ugc noopener"
    for person in (bob, newcomer, carol, stranger):
        assert (person.complaints, person.foreign) == ([], [])


def test_no_page_shuts_anybody_out(visit):
    host = make_host("nora")
    make_moderator("carol")
    comment = make_comment(make_post_with_talk(host), status="held")
    reader = visit(width=320, scheme="dark")
    paths = ["/", "/posts/", comment.post.get_absolute_url(), f"{comment.post.get_absolute_url()}?reply={comment.post.comments.public()[0].pk}",
             "/members/", "/members/nora/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/guidelines/", "/nowhere/"]  # fmt: skip
    found = {path: reader.open(path) and reader.faults() for path in paths}
    carol = visit(width=320, scheme="dark")
    carol.sign_in("carol")
    for path in (
        "/moderation/",
        f"/moderation/comments/{comment.pk}/",
        "/moderation/decisions/",
        "/members/me/edit/",
        "/accounts/email/",
    ):
        carol.open(path)
        found[path] = carol.faults()
    assert {path: faults for path, faults in found.items() if faults} == {}


def make_post_with_talk(host):
    post = make_post(author=host)
    first = make_comment(post)
    answer = make_comment(post, parent=first)
    make_comment(post, parent=answer, author=host)
    return post
