"""A post whose slug changes: its former URLs redirect permanently, and are never given to another post."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Comment
from posts.models import OldAddress, Post
from posts.services.publishing import publish_post, withdraw_post
from tests.factories import make_comment, make_member, make_post
from tests.posts.test_admin import ADD, change_url, data_of, form_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def host_client(signed_in, host):
    return signed_in(host)


def give_address(host_client, post: Post, slug: str) -> None:
    post.refresh_from_db()
    assert host_client.post(change_url(post), data_of(post, slug=slug)).status_code == 302


def where(client, address: str) -> tuple[int, str]:
    response = client.get(address)
    return response.status_code, response.headers.get("Location", "")


def test_every_former_address_leads_to_the_present_one_in_one_step(client, host_client, host):
    post = make_post(host, slug="bread")
    for slug in ("good-bread", "better-bread", "best-bread"):
        give_address(host_client, post, slug)
    for former in ("bread", "good-bread", "better-bread"):
        assert where(client, f"/posts/{former}/") == (301, "/posts/best-bread/")


def test_an_address_that_comes_back_is_the_page_itself_again(client, host_client, host):
    post = make_post(host, slug="bread")
    for slug in ("cake", "bread"):
        give_address(host_client, post, slug)
    assert where(client, "/posts/bread/") == (200, "")
    assert where(client, "/posts/cake/") == (301, "/posts/bread/")


@pytest.mark.parametrize(
    ("former", "present"),
    [
        ("/posts/bread/?sort=newest", "/posts/cake/?sort=newest"),
        ("/posts/bread/?comment=12", "/posts/cake/?comment=12"),
        ("/posts/bread/feed/", "/posts/cake/feed/"),
        ("/posts/bread/live/?since=5", "/posts/cake/live/?since=5"),
        ("/posts/bread", "/posts/cake/"),
    ],
)
def test_what_comes_after_the_address_is_kept(client, host_client, host, former, present):
    give_address(host_client, make_post(host, slug="bread"), "cake")
    assert where(client, former) == (301, present)


def test_a_comment_sent_while_the_address_changes_is_not_lost(host_client, signed_in, host):
    post, reader = make_post(host, slug="bread"), signed_in(make_member("alice"))
    give_address(host_client, post, "cake")
    response = reader.post("/posts/bread/comments/", {"body": "Rye, please."}, follow=True)
    assert response.redirect_chain[0] == ("/posts/cake/comments/", 308)
    assert [comment.body for comment in Comment.objects.all()] == ["Rye, please."]


def test_the_permalink_of_a_comment_follows_the_post(client, host_client, host):
    post = make_post(host, slug="bread")
    comment = make_comment(post)
    give_address(host_client, post, "cake")
    assert where(client, f"/comments/{comment.pk}/") == (302, f"/posts/cake/#comment-{comment.pk}")


def test_a_draft_leaves_no_address_behind(client, host_client, host):
    post = make_post(host, slug="bread", published_at=None)
    give_address(host_client, post, "cake")
    assert not OldAddress.objects.exists()
    assert host_client.post(ADD, form_data(host, slug="bread")).status_code == 302


def test_a_post_that_was_public_once_keeps_its_address_while_it_is_a_draft_again(client, host_client, host):
    post = make_post(host, slug="bread")
    withdraw_post(post)
    give_address(host_client, post, "cake")
    assert where(client, "/posts/bread/") == (404, "")
    publish_post(post)
    assert where(client, "/posts/bread/") == (301, "/posts/cake/")


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("cake", "“A cake” already uses this web address. Choose another one."),
        ("bread", "This was the web address of “A cake”, and links still lead there. Choose another one."),
    ],
)
def test_an_address_of_another_post_is_refused_at_its_field_and_the_text_is_kept(
    host_client, host, slug, said
):
    post = make_post(host, title="A cake", slug="bread")
    give_address(host_client, post, "cake")
    response = host_client.post(ADD, form_data(host, title="Mine", slug=slug, body="<p>Long work.</p>"))
    assert response.context["adminform"].form.errors == {"slug": [said]}
    assert "&lt;p&gt;Long work.&lt;/p&gt;" in response.content.decode()


def test_a_title_makes_no_address_that_another_post_has_or_had(host_client, host):
    post = make_post(host, slug="bread")
    give_address(host_client, post, "bread-2")
    host_client.post(ADD, form_data(host, title="Bread", slug=""))
    assert Post.objects.latest("pk").slug == "bread-3"


def test_a_scheduled_post_is_not_found_at_a_former_address_before_its_time(client, host_client, host):
    post = make_post(host, slug="bread")
    give_address(host_client, post, "cake")
    Post.objects.update(published_at=timezone.now() + timedelta(days=1))
    assert where(client, "/posts/bread/") == (404, "")
