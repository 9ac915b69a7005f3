"""A post's discussion embedded in another site: allowed sites, content, and how to comment."""

import html
import math
import re
from unittest.mock import Mock

import pytest
from django.core import mail
from django.core.exceptions import BadRequest, PermissionDenied
from django.test import Client

from accounts.models import User
from accounts.views.security import too_many_requests
from comments.models import Comment, PendingComment
from core.forms.site_settings import SiteSettingsForm
from core.models import SiteSettings
from embed.confirming import confirm
from embed.models import EmbeddedPage
from embed.services import make_key
from posts.models import OldAddress, Post
from tests.factories import make_comment, make_member, make_moderator, make_post

pytestmark = pytest.mark.django_db

BLOG = "https://blog.example"


@pytest.fixture(autouse=True)
def listed():
    """The host has allowed a blog."""
    SiteSettings._known = (SiteSettings(pk=1, embed_origins=BLOG), math.inf)


def frame(post) -> str:
    return f"/embed/{post.slug}/"


def code_in_mail() -> str:
    return re.search(r"^\s*(\d{6})\s*$", mail.outbox[-1].body, re.MULTILINE)[1]


def write(client, post, **sent):
    return client.post(
        frame(post), {"body": "From the blog.", "name": "Vera", "email": "vera@example.org"} | sent
    )


def key_in(response) -> str:
    return response.context["key"]


# --- allowed sites ----------------------------------------------------------------------------


def test_only_this_address_may_be_framed_and_only_by_the_listed_site(client, post):
    response = client.get(frame(post))
    assert f"frame-ancestors {BLOG};" in f"{response['Content-Security-Policy']};"
    assert not response.has_header("X-Frame-Options")
    page = client.get(post.get_absolute_url())
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        (f"{BLOG}/2012/bread/", True),
        (f"{BLOG}/2012/bread/index.html?utm=x#comments", True),
        ("https://BLOG.example/2012/bread", True),
        (f"{BLOG}/2012/rye.html", True),
        (f"{BLOG}/other/", False),
        ("https://evil.example/2012/bread/", False),
        ("https://blog.example:x/", False),
        (f"{BLOG}/%00", False),
        (f"{BLOG}/view.php?id=%00", False),
        ("", False),
    ],
)
def test_a_page_is_known_by_its_own_address(client, asked, is_found):
    EmbeddedPage.objects.create(address=f"{BLOG}/2012/bread/", post=make_post(slug="bread"))
    OldAddress.objects.create(key="2012/rye.html", post=make_post(slug="rye"))
    response = client.get("/embed/", {"url": asked})
    slug = "rye" if "rye" in asked else "bread"
    wanted = (302, f"/embed/{slug}/") if is_found else (404, None)
    assert (response.status_code, response.headers.get("Location")) == wanted
    if not is_found:
        assert f"frame-ancestors {BLOG};" in f"{response['Content-Security-Policy']};"
        assert "There’s no discussion for this page yet." in response.content.decode()


def test_drafts_are_at_no_address(client):
    EmbeddedPage.objects.create(address=f"{BLOG}/x/", post=make_post(slug="x", published_at=None))
    assert client.get("/embed/", {"url": f"{BLOG}/x/"}).status_code == 404


def test_the_host_registers_pages_of_listed_sites_once(admin_client, post):
    here = post.get_canonical_url()
    for address, named, error in [
        ("https://other.example/a/", here, "List this site first"),
        (f"{BLOG}/a/", "https://other.example/posts/x/", "This post doesn’t exist."),
        (f"{BLOG}/a/", here.replace(post.slug, "nothing"), "This post doesn’t exist."),
        (f"{BLOG}/a/", "/members/", "This post doesn’t exist."),
        (f"{BLOG}/a/", f"{here}thanks/", "This post doesn’t exist."),
        (f"{BLOG}/a/", "", "This field is required."),
        (f"{BLOG}/a/", f"{here}?page=2#talk", ""),
        (f"{BLOG}/a/index.html", post.get_absolute_url(), "This page already has a discussion."),
    ]:
        response = admin_client.post(
            "/admin/embed/embeddedpage/add/", {"address": address, "post": named}, follow=True
        )
        page = response.content.decode()
        assert (error in page, "errornote" in page) == (True, bool(error)), (address, named)
    stored = EmbeddedPage.objects.get()
    assert (stored.address, stored.post) == (f"{BLOG}/a/", post)
    form = admin_client.get(f"/admin/embed/embeddedpage/{stored.pk}/change/").content.decode()
    assert f'<input type="text" name="post" value="{here}"' in form


def test_without_a_list_the_address_is_not_there(client, post):
    SiteSettings._known = (SiteSettings(pk=1), math.inf)
    assert client.get(frame(post)).status_code == 404


def test_only_posts_for_everybody_are_shown(client, host):
    posts = [
        make_post(host, **fields)
        for fields in ({}, {"visibility": "members"}, {"visibility": "unlisted"}, {"published_at": None})
    ]
    assert [client.get(frame(post)).status_code for post in posts] == [200, 404, 404, 404]


def test_the_frame_of_what_is_gone_says_so_and_gives_the_text_back(client, post):
    pending = write(client, post).context["pending"]
    sent = fields_in(client.post(frame(post), {"pending": pending.pk, "code": "000000"}))
    pending.delete()
    shown = [client.post(frame(post), sent | {"code": code_in_mail()})]
    Post.objects.filter(pk=post.pk).update(visibility="members")
    shown += [client.get(frame(post)), client.post(frame(post), {"body": "From the blog."})]
    for response in shown:
        assert f"frame-ancestors {BLOG};" in f"{response['Content-Security-Policy']};"
        assert (response.status_code, response.has_header("X-Frame-Options")) == (404, False)
    assert ["From the blog.</textarea>" in one.content.decode() for one in shown] == [True, False, True]
    assert [
        words in one.content.decode()
        for words, one in zip(
            ("so nothing was saved", "no discussion for this page yet", "Copy your text"), shown, strict=True
        )
    ] == [True, True, True]


def test_errors_are_seen_in_the_frame_with_what_was_typed(client, post, member, monkeypatch):
    """Browsers show nothing of a page that may not be framed. Error pages do not sign anyone in either."""
    client.force_login(member)
    client.raise_request_exception = False
    typed = {"body": "From the blog."}
    answers = {}
    with monkeypatch.context() as patched:
        patched.setattr("core.utils.writer_slots.WriterSlots.take", lambda _slots: False)
        answers[503] = client.post(frame(post), typed)
    for status, error in ((500, RuntimeError()), (403, PermissionDenied()), (400, BadRequest())):
        with monkeypatch.context() as patched:
            patched.setattr("embed.views.EmbedView.post", Mock(side_effect=error))
            answers[status] = client.post(frame(post), typed)
    with monkeypatch.context() as patched:
        patched.setattr("embed.views.EmbedView.post", lambda _view, request, slug: too_many_requests(request))
        answers[429] = client.post(frame(post), typed)
    for status, response in answers.items():
        page = response.content.decode()
        assert f"frame-ancestors {BLOG};" in f"{response['Content-Security-Policy']};"
        assert (response.status_code, response.has_header("X-Frame-Options")) == (status, False)
        assert re.search(r"<textarea[^>]*>\nFrom the blog.</textarea>", page)
        assert ('<base target="_blank">' in page, "embed-frame" in page, member.username in page) == (
            True,
            True,
            False,
        )


def test_the_frame_says_how_many_comments_it_does_not_show(client, post, member, monkeypatch):
    for number in range(3):
        make_comment(post, member, body=f"Thought {number}.")
    assert "All comments" not in client.get(frame(post)).content.decode()
    monkeypatch.setattr("embed.services.COMMENTS_SHOWN", 2)
    page = client.get(frame(post)).content.decode()
    assert (page.count('<li class="comment'), "These are the first 2 of 3 comments." in page) == (2, True)
    assert (
        f'<a href="{post.get_canonical_url()}#talk" target="_blank" rel="noopener">All comments</a>' in page
    )


def test_other_sites_may_load_the_script(client):
    response = client.get("/embed.js")
    assert (response["Cross-Origin-Resource-Policy"], response["Content-Type"]) == (
        "cross-origin", "text/javascript; charset=utf-8"
    )  # fmt: skip
    assert "event.origin !== site" in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("https://Blog.example/path\nhttps://blog.example", "https://blog.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://blog.example", None),
        ("https://blog.example;script-src", None),
        ("*", None),
        ("https://*", None),
    ],
)
def test_the_host_lists_origins(typed, stored):
    form = SiteSettingsForm({"embed_origins": typed})
    form.is_valid()
    assert (form.cleaned_data.get("embed_origins"), "embed_origins" in form.errors) == (
        stored,
        stored is None,
    )


# --- content ----------------------------------------------------------------------------------


def test_it_shows_public_comments_alone(client, post, member, signed_in):
    make_comment(post, member, body="Out *here*.")
    make_comment(post, member, body="Held words.", status="held")
    make_comment(post, member, body="Gone words.", status="removed")
    for reader in (client, signed_in(member)):  # cookies do not authenticate
        page = reader.get(frame(post)).content.decode()
        assert ("Out <em>here</em>." in page, "Held words" in page, "Gone words" in page) == (
            True,
            False,
            False,
        )
        assert "alice" in page
        assert not reader.get(frame(post)).cookies


# --- writing ----------------------------------------------------------------------------------


def test_a_visitor_writes_by_the_code_and_goes_on_without_another(client, post):
    asked = write(client, post)
    assert (asked.status_code, Comment.objects.count()) == (200, 0)
    pending = asked.context["pending"]
    wrong = client.post(frame(post), {"pending": pending.pk, "code": "000000"})
    assert (wrong.status_code, Comment.objects.count()) == (422, 0)
    posted = client.post(frame(post), {"pending": pending.pk, "code": code_in_mail()})
    comment = Comment.objects.get()
    assert (comment.body, comment.author.email, comment.author.get_display_name()) == (
        "From the blog.", "vera@example.org", "Vera"
    )  # fmt: skip
    assert "Your comment was posted." in posted.content.decode()
    again = client.post(frame(post), {"body": "And more.", "key": key_in(posted)})
    assert (again.status_code, Comment.objects.count(), len(mail.outbox)) == (200, 2, 1)
    assert not client.cookies


def test_the_form_says_who_will_be_notified(client, post, member):
    comment = make_comment(post, member, body="Out here.")
    page = client.get(frame(post)).content.decode()
    assert "We’ll notify the people you reply to or mention." in page
    write(client, post)
    posted = client.post(frame(post), {"pending": PendingComment.objects.get().pk, "code": code_in_mail()})
    reply = client.post(frame(post), {"key": posted.context["key"], "reply": comment.pk}).content.decode()
    line = re.sub(r"<[^>]+>", "", re.search(r'<div class="heard">(.*?)</div>', reply, re.DOTALL)[1])
    assert " ".join(line.split()).startswith("Will be notified: alice")


def test_a_reply_keeps_its_place(client, post, member):
    asked = make_comment(post, member)
    writer = make_member("wanda")
    key = make_key(writer)
    form = client.post(frame(post), {"reply": asked.pk, "key": key})
    assert "Reply to alice" in form.content.decode()
    client.post(frame(post), {"body": "I agree.", "parent": asked.pk, "key": key_in(form)})
    reply = Comment.objects.latest("pk")
    assert (reply.parent, reply.author) == (asked, writer)


def test_a_refusal_keeps_what_was_typed_and_says_it_at_the_field(client, post):
    response = write(client, post, body="Kept words.", email="")
    page = response.content.decode()
    assert (response.status_code, "Kept words." in page, "Enter your email address." in page) == (
        422,
        True,
        True,
    )


def fields_in(response) -> dict[str, str]:
    """Return the contents of the page's fields by name, and of read-only ones by id."""
    page = response.content.decode()
    tags = re.findall(r"<(?:input|textarea)([^>]*)>(?:\n?([^<]*)</textarea>)?", page)
    found = {}
    for attributes, text in tags:
        said = dict(re.findall(r'(\w+)="([^"]*)"', attributes))
        found[said.get("name") or said["id"]] = html.unescape(said.get("value", text))
    return found


def test_what_was_typed_is_still_there_after_choosing_what_to_reply_to(client, post, member):
    asked = make_comment(post, member)
    typed = {"body": "An hour’s <work>.", "name": "Vera", "email": "vera@example.org"}
    form = client.post(frame(post), typed | {"reply": asked.pk, "parent": ""})
    shown = fields_in(form)
    assert {name: shown[name] for name in typed} == typed
    assert (form.status_code, shown["parent"], PendingComment.objects.count()) == (200, str(asked.pk), 0)


def test_the_buttons_to_reply_send_the_form_along_and_enter_posts(client, post, member):
    """Enter in a field presses the first button of the form, wherever that is in the page."""
    make_comment(post, member)
    page = client.get(frame(post)).content.decode()
    buttons = re.findall(r'<button[^>]*form="write"[^>]*>', page)
    assert ["name=" in button for button in buttons] == [False, True]
    assert page.count("<form") == page.count('<form id="write"') == 1


@pytest.mark.parametrize("why", ["closed", "too fast"])
def test_a_refused_comment_is_shown_and_its_code_posts_it_later(client, post, settings, why):
    pending = write(client, post).context["pending"]
    sent = {"pending": pending.pk, "code": code_in_mail()}
    if why == "closed":
        Post.objects.filter(pk=post.pk).update(comments_open=False)
    else:
        settings.COMMENT_RATES = {"member": [(1, 60)]}
        make_comment(author=make_member("vera", email="vera@example.org"), body="Elsewhere.")
    members = User.objects.count()
    refused = client.post(frame(post), sent)
    assert (refused.status_code, fields_in(refused)["body"]) == (422, "From the blog.")
    assert (Comment.objects.for_post(post).count(), User.objects.count()) == (0, members)
    settings.COMMENT_RATES = {"member": [(2, 60)]}
    Post.objects.filter(pk=post.pk).update(comments_open=True)
    assert "Your comment was posted." in client.post(frame(post), sent).content.decode()
    assert Comment.objects.for_post(post).get().author.email == "vera@example.org"


def test_wrong_codes_count_and_another_code_can_be_asked_for(client, post):
    pending = write(client, post).context["pending"]
    first = code_in_mail()
    for _try in range(3):
        wrong = client.post(frame(post), {"pending": pending.pk, "code": "000000"})
        assert (wrong.status_code, fields_in(wrong)["body"]) == (422, "From the blog.")
    assert client.post(frame(post), {"pending": pending.pk, "code": first}).status_code == 422
    again = client.post(frame(post), {"pending": pending.pk, "resend": "1"})
    assert "We’ve sent a new code." in again.content.decode()
    posted = client.post(frame(post), {"pending": pending.pk, "code": code_in_mail()})
    assert ("Your comment was posted." in posted.content.decode(), Comment.objects.count()) == (True, 1)


def test_codes_are_not_emailed_without_end(client, post, settings):
    settings.EMAIL_CODE_RATES = settings.EMAIL_CODE_RATES | {"address": [(2, 3600)]}
    pending = write(client, post).context["pending"]
    asked = [client.post(frame(post), {"pending": pending.pk, "resend": "1"}) for _time in range(2)]
    assert [one.status_code for one in asked] == [200, 429]
    assert ("Too many requests." in asked[1].content.decode(), len(mail.outbox)) == (True, 2)
    refused = write(client, post, body="Once more.")
    assert (refused.status_code, fields_in(refused)["body"], [*refused.context["form"].errors]) == (
        422, "Once more.", ["email"]
    )  # fmt: skip


def test_a_code_that_is_sent_twice_posts_once_and_says_so(client, post):
    pending = write(client, post).context["pending"]
    sent = {"pending": pending.pk, "code": code_in_mail()}
    answers = [client.post(frame(post), sent).content.decode() for _twice in range(2)]
    assert ["Your comment was posted." in answer for answer in answers] == [True, True]
    assert Comment.objects.count() == 1


def test_a_double_click_is_not_told_that_its_code_is_wrong(client, post, monkeypatch):
    pending = write(client, post).context["pending"]
    sent = {"pending": pending.pk, "code": code_in_mail()}
    first = []

    def after_the_other(*args):
        if not first:
            first.append(True)
            client.post(frame(post), sent)
        return confirm(*args)

    monkeypatch.setattr("embed.views.confirm", after_the_other)
    assert "Your comment was posted." in client.post(frame(post), sent).content.decode()
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("who", ["moderator", "host"])
def test_accounts_that_a_code_alone_must_not_open_write_on_the_site(who, client, post, host):
    member = host if who == "host" else make_moderator("carol")
    asked = write(client, post, name="Somebody", email=member.email)
    refused = client.post(frame(post), {"pending": asked.context["pending"].pk, "code": code_in_mail()})
    assert (refused.status_code, Comment.objects.count()) == (422, 0)
    assert "on its own site" in refused.content.decode()


@pytest.mark.parametrize("then", ["password", "closed", "forged"])
def test_a_key_expires_with_what_it_represents(then, client, post, member):
    key = make_key(member)
    if then == "password":
        member.set_password("other words for three")
        member.save()
    elif then == "closed":
        User.objects.filter(pk=member.pk).update(is_active=False)
    else:
        key = f"{key}x"
    response = client.post(frame(post), {"body": "Still me?", "key": key})
    assert (response.status_code, Comment.objects.count()) == (422, 0)  # it asks for name and address


def test_a_form_of_another_page_is_refused(post, member):
    outside = Client(enforce_csrf_checks=True)
    sent = {"body": "Not me.", "key": make_key(member)}
    for site in ("cross-site", "same-site"):
        assert outside.post(frame(post), sent, headers={"Sec-Fetch-Site": site}).status_code == 403
    assert outside.post(frame(post), sent, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_closed_comments_are_read_only(client, post):
    type(post).objects.filter(pk=post.pk).update(comments_open=False)
    assert "<textarea" not in client.get(frame(post)).content.decode()
    refused = write(client, post)
    assert (refused.status_code, fields_in(refused)["id_text"]) == (422, "From the blog.")


def test_a_field_that_people_do_not_see_says_what_is_wrong_with_it(client, post):
    refused = write(client, post, place_at_table="1 High Street")
    shown = fields_in(refused)
    assert (refused.status_code, shown["body"], shown["place_at_table"]) == (422, "From the blog.", "")
    assert "A hidden field was filled in" in refused.content.decode()
    assert not mail.outbox
