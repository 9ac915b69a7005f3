"""Contributors' drafts await approval; preview links expire."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.utils import timezone

from posts.models import Post, PreviewLink
from posts.services.publishing import publish_post
from posts.services.review import make_preview_link
from posts.services.trash import trash_post
from posts.signals import review_asked, review_returned
from tests.factories import make_member, make_post
from tests.posts.test_admin import ADD, LIST, announced, change_url, data_of, form_data  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def contributor():
    """A staff user who may write posts, but not publish them."""
    user = make_member("wilma", is_staff=True)
    names = ["add_post", "change_post", "delete_post", "view_post"]
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="posts", codename__in=names))
    return user


@pytest.fixture
def wilma(signed_in, contributor):
    return signed_in(contributor)


@pytest.fixture
def nora(signed_in, host):
    return signed_in(host)


def draft_of(contributor, **fields) -> Post:
    return make_post(contributor, published_at=None, **fields)


def buttons(page: str) -> list[str]:
    return re.findall(r'<input type="submit"[^>]*name="(_\w+)"', page)


def test_a_contributor_writes_sends_and_the_host_publishes(wilma, nora, contributor, announced):  # noqa: F811
    wilma.post(ADD, form_data(contributor, note="My first one.", _review="1"))
    post = Post.objects.get()
    assert (post.author, post.review, post.published_at, announced) == (contributor, "asked", None, [])
    waiting = nora.get(f"{LIST}?state=review").context["cl"].result_list
    assert [one.pk for one in waiting] == [post.pk]
    page = nora.get(change_url(post)).content.decode()
    assert "My first one." in page
    assert buttons(page) == ["_save", "_publish", "_return", "_preview"]
    nora.post(change_url(post), data_of(post, _publish="1"))
    post.refresh_from_db()
    assert (post.is_published, post.review, announced) == (True, "", [post])


def test_the_host_asks_for_changes_with_a_note(wilma, nora, contributor):
    post = draft_of(contributor)
    wilma.post(change_url(post), data_of(post, _review="1"))
    nora.post(change_url(post), data_of(post, note="A shorter title, please.", _return="1"))
    post.refresh_from_db()
    assert (post.review, post.published_at) == ("returned", None)
    page = wilma.get(change_url(post)).content.decode()
    assert "A shorter title, please." in page
    assert "Changes requested: see the notes, then send it again." in page
    wilma.post(change_url(post), data_of(post, _review="1"))
    post.refresh_from_db()
    assert post.review == "asked"


@pytest.mark.parametrize("button", ["_publish", "_unpublish", "_return", "_save"])
def test_a_contributor_publishes_in_no_way(wilma, contributor, announced, button):  # noqa: F811
    post = draft_of(contributor)
    assert buttons(wilma.get(change_url(post)).content.decode()) == ["_save", "_review", "_preview"]
    later = {"published_at_0": "2099-01-01", "published_at_1": "10:00", "when": "at"}
    for when in ({}, {"when": "now"}, later):
        wilma.post(change_url(post), data_of(post, visibility="public") | when | {button: "1"})
    wilma.post(LIST, {"action": "publish_selected", "_selected_action": [post.pk]})
    post.refresh_from_db()
    assert (post.published_at, announced) == (None, [])


def test_a_contributor_changes_only_drafts_of_their_own(wilma, contributor, host):
    theirs, live = make_post(host, published_at=None), make_post(contributor)
    for post, answers in ((theirs, {302, 403, 404}), (live, {403})):
        assert wilma.post(change_url(post), data_of(post, title="Taken over")).status_code in answers
        wilma.post(f"{LIST}{post.pk}/delete/", {"post": "yes"})
        post.refresh_from_db()
        assert (post.title != "Taken over", post.trashed_at) == (True, None)
    assert [one.pk for one in wilma.get(LIST).context["cl"].result_list] == [live.pk]


@pytest.mark.parametrize("action", ["withdraw_selected", "close_comments_of_selected"])
def test_what_is_published_is_not_withdrawn_by_contributors(wilma, contributor, action):
    post = make_post(contributor)
    wilma.post(LIST, {"action": action, "_selected_action": [post.pk]})
    post.refresh_from_db()
    assert (post.is_published, post.comments_open) == (True, True)


def test_a_draft_is_sent_once(wilma, contributor):
    heard: list[tuple[str, str]] = []

    def ask(post, by, **_kwargs):
        heard.append(("asked", by.username))

    def give_back(post, by, **_kwargs):
        heard.append(("returned", by.username))

    review_asked.connect(ask)
    review_returned.connect(give_back)
    post = draft_of(contributor)
    for _ in range(2):
        wilma.post(change_url(post), data_of(post, _review="1"))
    assert heard == [("asked", "wilma")]


def mails(outbox) -> list[tuple[str, str]]:
    return [(mail.to[0], mail.subject) for mail in outbox]


def test_waiting_guests_are_notified_by_email(
    wilma, nora, host, contributor, mailoutbox, django_capture_on_commit_callbacks
):
    make_member("reader")
    post = draft_of(contributor, title="On <tea>")
    with django_capture_on_commit_callbacks(execute=True):
        wilma.post(change_url(post), data_of(post, _review="1"))
    assert mails(mailoutbox) == [("nora@example.org", "The Long Table: a draft is awaiting your review")]
    with django_capture_on_commit_callbacks(execute=True):
        nora.post(change_url(post), data_of(post, note="Shorter, please.", _return="1"))
    assert mails(mailoutbox)[1:] == [("wilma@example.org", "The Long Table: changes requested to your draft")]
    assert "Shorter, please." in mailoutbox[1].body
    with django_capture_on_commit_callbacks(execute=True):
        wilma.post(change_url(post), data_of(post, _review="1"))
        post.refresh_from_db()
        nora.post(change_url(post), data_of(post, _publish="1"))
    assert mails(mailoutbox)[3:] == [("wilma@example.org", "Your post at The Long Table was accepted")]
    assert "Your post “On <tea>” is published." in mailoutbox[3].body


def test_approval_in_the_list_is_notified_by_email_too(
    nora, contributor, mailoutbox, django_capture_on_commit_callbacks
):
    post = draft_of(contributor, review="asked")
    with django_capture_on_commit_callbacks(execute=True):
        nora.post(LIST, {"action": "publish_selected", "_selected_action": [post.pk]})
    assert mails(mailoutbox) == [("wilma@example.org", "Your post at The Long Table was accepted")]


def test_contributors_see_the_preview_of_their_own_drafts(wilma, contributor, host):
    own, secret, published = draft_of(contributor), make_post(host, published_at=None), make_post(host)
    seen = [wilma.get(f"/posts/{post.slug}/preview/").status_code for post in (own, secret, published)]
    assert seen == [200, 404, 200]


# --- preview links ----------------------------------------------------------------------


def links(browser, post: Post) -> list[str]:
    page = browser.get(f"{LIST}{post.pk}/preview-links/").content.decode()
    return re.findall(r'value="http[^"]*(/preview/\w+/)"', page)


def test_a_preview_link_works_without_an_account_and_ends_by_itself(nora, client, host):
    post = make_post(host, published_at=None, title="Not yet", body="<p>Secret so far.</p>")
    nora.post(f"{LIST}{post.pk}/preview-links/", {"days": "7"})
    [link] = links(nora, post)
    response = client.get(link)
    assert response.status_code == 200
    page = response.content.decode()
    assert "Secret so far." in page
    assert "This is a preview." in page
    assert "Edit post" not in page
    assert (response["X-Robots-Tag"], '<meta name="robots" content="noindex">' in page) == ("noindex", True)
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert client.get(link).status_code == 404
        assert links(nora, post) == []


def test_a_preview_link_can_be_ended_at_once(nora, client, host):
    post = make_post(host, published_at=None)
    kept, ended = (make_preview_link(post, by=host, days=7) for _ in range(2))
    nora.post(f"{LIST}{post.pk}/preview-links/", {"end": str(ended.pk)})
    assert [client.get(one.get_absolute_url()).status_code for one in (kept, ended)] == [200, 404]


def test_a_preview_link_leads_to_the_post_once_it_is_live_and_shows_nothing_from_the_trash(client, host):
    post = make_post(host, published_at=None)
    link = make_preview_link(post, by=host, days=7).get_absolute_url()
    publish_post(post)
    assert client.get(link)["Location"] == post.get_absolute_url()
    Post.objects.update(visibility="members")
    assert client.get(link).status_code == 200
    trash_post(post, by=host)
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("days", ["0", "8", "999", "x", ""])
def test_a_link_lasts_no_longer_than_what_is_offered(nora, host, days):
    post = make_post(host, published_at=None)
    assert nora.post(f"{LIST}{post.pk}/preview-links/", {"days": days}).status_code == 200
    assert not PreviewLink.objects.exists()


@pytest.mark.parametrize("role", ["visitor", "member", "moderator", "contributor"])
def test_links_are_made_by_those_who_may_change_the_post(client, signed_in, request, host, role):
    post = make_post(host, published_at=None)
    reader = client if role == "visitor" else signed_in(request.getfixturevalue(role))
    assert reader.post(f"{LIST}{post.pk}/preview-links/", {"days": "7"}).status_code in {302, 403, 404}
    assert not PreviewLink.objects.exists()
