"""A very long word in a title, name, comment, profile, tag or link never widens a page, in any role."""

import pytest
from django.utils import timezone

from accounts.models import ProfileLink
from accounts.services.relations import follow
from comments.models import Comment
from comments.services.writing import edit_comment
from posts.models import Post, Tag
from tests.browser.conftest import TRY_ON, looks
from tests.factories import make_comment, make_host, make_member, make_moderator, make_post
from tests.figures import figure
from tests.moderation.helpers import make_held, make_report

pytestmark = pytest.mark.django_db(transaction=True)

WORD = "Donaudampfschifffahrtsgesellschaftskapitaenswitwenrentenauszahlungsbescheinigung"
NAME = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewis"
LONG = 4 * WORD


@pytest.fixture
def world(site) -> dict[str, str]:
    """Create content in which every text is one long word; return the pages of each role, "visitor" first."""
    host = make_host("nora", display_name=NAME)
    make_moderator("carol", display_name=NAME[::-1].capitalize())
    member = make_member(
        "ada", display_name=f"{NAME[:-2]}da", tagline=WORD, bio=f"{LONG}\n\n- {LONG}\n- x\n\n> {LONG}"
    )
    ProfileLink.objects.create(
        user=member, label=WORD[:40], url=f"https://{WORD[:50]}.example/{WORD}", position=1
    )
    post = make_post(
        author=host, title=f"{WORD}ss"[:81], summary=LONG[:300], body=f"<h2>{WORD}</h2><p>{LONG}</p>"
    )
    other = make_post(author=host, title=WORD[::-1], published_at=timezone.now())
    Post.objects.create(title=WORD, author=host, slug="a-draft")
    tag = Tag.objects.create(name=WORD[:50], slug="tag")
    post.tags.add(tag)
    other.tags.add(tag)
    comment = make_comment(
        post,
        author=member,
        body=f"{LONG} *{LONG}* `{LONG}` https://a.example/{WORD}\n\n> {LONG}",
        status="public",
    )
    reply = make_comment(post, author=host, parent=comment, body=f"@ada {LONG}", status="public")
    for author in (member, host, member, host):
        reply = make_comment(post, author=author, parent=reply, body=LONG, status="public")
    edit_comment(comment, body=f"{LONG}\n\nhttps://{WORD[:60]}.example/{WORD}", by=member)
    Comment.objects.filter(pk=comment.pk).update(status="public", edited_at=timezone.now())
    held = make_held(post=post, author=member, body=f"{LONG} https://{WORD[:60]}.example/")
    make_report(reply, note=WORD)
    follow(member, host, on=True)
    at = post.get_absolute_url()
    return {
        "": [
            "/", "/posts/", "/posts/?tag=tag", at, other.get_absolute_url(), f"{at}?reply={comment.pk}", "/members/", "/members/?q=Wolf",
            "/members/ada/", "/members/nora/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nowhere/",
            f"/comments/{comment.pk}/history/",
        ],
        "ada": [
            at, "/members/me/edit/", "/members/me/links/", "/members/me/people/", "/members/me/data/", "/members/me/leave/", "/members/me/standing/",
            "/notifications/", "/notifications/settings/", "/accounts/email/", "/accounts/password/change/", "/comments/claims/",
            f"/comments/{comment.pk}/edit/", f"/comments/{comment.pk}/delete/", f"/comments/{reply.pk}/reply/", f"/comments/{reply.pk}/report/",
            "/members/nora/", "/members/nora/report/", "/accounts/sessions/", "/accounts/2fa/",
        ],
        "carol": [
            "/moderation/", f"/moderation/comments/{held.pk}/", f"/moderation/comments/{reply.pk}/",
            f"/moderation/comments/{comment.pk}/move/", f"/moderation/comments/{comment.pk}/split/", "/moderation/decisions/",
            "/moderation/people/", "/moderation/people/ada/", "/moderation/places/", "/moderation/appeals/", "/moderation/log/",
            f"/comments/{comment.pk}/history/",
        ],
        "nora": [
            "/moderation/strictness/", "/moderation/figures/", "/posts/a-draft/preview/", "/", "/admin/posts/post/",
            f"/admin/posts/post/{post.pk}/change/",
        ],
    }  # fmt: skip


TOO_WIDE = """() => {
  document.querySelectorAll('details:not(.menu)').forEach(one => { one.open = true });
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return "";
  const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > page.clientWidth + 0.5);
  return `${page.scrollWidth} > ${page.clientWidth}: ${wide.slice(-2).map((one) => one.outerHTML.slice(0, 120))}`;
}"""

# The text spacing of WCAG 1.4.12.
SPACED = looks("with text spacing")


def test_no_page_is_wider_than_a_phone(visit, world):
    found, seen = {}, 0
    for who, paths in world.items():
        reader = visit(width=360)
        if who:
            reader.sign_in(who)
        for path in paths[:: figure(2, 1)]:
            for width in (360, 320, 1280):
                reader.page.set_viewport_size({"width": width, "height": 900})
                response = reader.page.goto(reader.site + path) if width == 360 else None
                assert response is None or response.status in {200, 404}, (path, response.status)
                assert response is None or response.status == 200 or path == "/nowhere/", path
                if wide := reader.page.evaluate(TOO_WIDE):
                    found[f"{who} {path} {width}"] = wide
                if width == 320 and (wide := reader.page.evaluate(TRY_ON, SPACED)):
                    found[f"{who} {path} with text spacing"] = wide
                seen += 1
    assert found == {}
    assert seen == 3 * sum(len(paths[:: figure(2, 1)]) for paths in world.values())


# Fills in every field, and submits the form without the browser's validation.
SEND = """word => {
  const forms = [...document.querySelectorAll("main form")].filter((form) => form.method === "post");
  const typed = (form) => [...form.elements].filter((one) => one.matches("textarea, input:is([type=text], [type=email], [type=url], [type=password], :not([type]))"));
  const form = forms.sort((one, other) => typed(other).length - typed(one).length)[0];
  form.noValidate = true;
  typed(form).forEach((field) => { field.removeAttribute("maxlength"); field.value = word; });
  const buttons = [...form.elements].filter((one) => one.matches("button:not([type=button])"));
  form.requestSubmit(buttons.find((one) => !one.name) ?? buttons[0]);
}"""
REFUSING = {
    "": ["/accounts/signup/", "/accounts/login/", "/posts/POST/"],
    "ada": ["/members/me/edit/", "/accounts/password/change/", "/accounts/email/"],
    "carol": ["/moderation/places/"],
}


@pytest.mark.parametrize("word", [LONG[:300], WORD[:79] + "ab"][: figure(1, 2)])
def test_no_form_with_errors_is_wider_than_a_small_phone(visit, world, word):
    found = {}
    for who, paths in REFUSING.items():
        reader = visit(width=320)
        if who:
            reader.sign_in(who)
        for path in paths:
            page = reader.open(path.replace("/posts/POST/", world[""][3]))
            with page.expect_navigation():
                page.evaluate(SEND, word)
            assert page.locator(".errorlist, [role=alert], .note.bad").count() > 0, path
            if wide := page.evaluate(TOO_WIDE):
                found[path] = wide
    assert found == {}
