"""Members-only and unlisted posts, in every place where a post can appear."""

import pytest
from django.utils import timezone

from accounts.models import Follow
from comments.models import Comment
from comments.services.writing import publish_comment
from moderation.services.decisions import decide
from notifications.models import FanOut, GuestConsent, Notification
from notifications.services.notify import fan_out_batch
from posts.models import Post, Tag
from posts.services.publishing import publish_post
from tests.factories import make_comment, make_member, make_post
from tests.notifications.people import later, work

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

PUBLIC, MEMBERS, UNLISTED = "open-post", "members-post", "linked-post"
EVERY = {PUBLIC, MEMBERS, UNLISTED}


@pytest.fixture
def posts(host):
    """One post of each visibility, each with its own tag and a comment that names it."""
    posts = {}
    for slug, visibility in ((PUBLIC, "public"), (MEMBERS, "members"), (UNLISTED, "unlisted")):
        post = posts[slug] = make_post(host, slug=slug, title=f"Title of {slug}", visibility=visibility)
        post.tags.add(Tag.objects.create(name=f"tag-{slug}", slug=f"tag-{slug}"))
        make_comment(post, make_member(f"writer-{visibility}"), body=f"Said under {slug}.")
    return posts


@pytest.fixture
def readers(client, signed_in, member, moderator, host):
    return {
        "visitor": client,
        "member": signed_in(member),
        "moderator": signed_in(moderator),
        "host": signed_in(host),
    }


def told_of(client, address: str) -> set[str]:
    """Return the posts that a page mentions, by their URL, title, tag or comment."""
    response = client.get(address)
    assert response.status_code == 200, address
    return {slug for slug in EVERY if slug in response.content.decode()}


@pytest.mark.parametrize(
    "address", ["/", "/posts/", "/search/?q=title", "/search/?q=said", "/search/?q=said&kind=comments"]
)
def test_lists_of_posts_tell_visitors_of_public_posts_and_members_of_those_for_members(
    readers, posts, address
):
    assert {who: told_of(reader, address) for who, reader in readers.items()} == {
        "visitor": {PUBLIC},
        "member": {PUBLIC, MEMBERS},
        "moderator": {PUBLIC, MEMBERS},
        "host": {PUBLIC, MEMBERS},
    }


@pytest.mark.parametrize("address", ["/feed/", "/feed/comments/", "/sitemap.xml"])
def test_feeds_and_sitemaps_contain_only_public_posts_for_every_reader(readers, posts, address):
    assert {frozenset(told_of(reader, address)) for reader in readers.values()} == {frozenset({PUBLIC})}


@pytest.mark.parametrize(
    ("path", "answers"),
    [
        ("", [302, 200, 200, 200]),
        ("live/", [404, 200, 200, 200]),
        ("feed/", [404, 404, 404, 404]),
        ("told/", [404, 405, 405, 405]),
        ("follow/", [404, 302, 302, 302]),
    ],
)
def test_a_post_for_members_is_closed_to_visitors_below_its_address_too(readers, posts, path, answers):
    method = {"told/": "post"}.get(path, "get")
    answers = [200 if answer == 405 else answer for answer in answers]
    address = f"/posts/{MEMBERS}/{path}"
    assert [getattr(reader, method)(address).status_code for reader in readers.values()] == answers


@pytest.mark.parametrize("path", ["", "live/", "feed/"])
def test_an_unlisted_post_is_open_to_everybody_who_has_its_address(readers, posts, path):
    address = f"/posts/{UNLISTED}/{path}"
    assert {reader.get(address).status_code for reader in readers.values()} == {200}


def test_a_visitor_of_a_post_for_members_is_asked_to_sign_in_and_learns_nothing_of_it(client, posts):
    response = client.get(f"/posts/{MEMBERS}/?sort=newest")
    assert response["Location"] == f"/accounts/login/?next=/posts/{MEMBERS}/%3Fsort%3Dnewest"
    page = client.get(response["Location"]).content.decode()
    assert "This post is for members. Sign in to read it." in page
    assert "Title of" not in page


def test_a_page_that_is_kept_for_members_is_not_handed_to_visitors(readers, posts, settings):
    settings.CACHES = settings.CACHES | {
        "pages": {"BACKEND": "core.pagecache.backend.ObjectCache", "LOCATION": "kept-pages"}
    }
    address = f"/posts/{MEMBERS}/"
    assert readers["member"].get(address).status_code == 200
    assert readers["visitor"].get(address).status_code == 302
    make_post(posts[PUBLIC].author, slug="later")
    around = {who: told_of(readers[who], f"/posts/{PUBLIC}/") for who in ("member", "visitor", "member")}
    assert around == {"member": {PUBLIC, MEMBERS}, "visitor": {PUBLIC}}


def test_a_page_that_was_kept_while_the_post_was_public_is_kept_no_longer(client, posts, signed_in, host):
    address = f"/posts/{PUBLIC}/"
    tag = client.get(address)["ETag"]
    Post.objects.filter(slug=PUBLIC).update(visibility="members", updated_at=timezone.now())
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 302


@pytest.mark.parametrize(("slug", "is_indexed"), [(PUBLIC, True), (MEMBERS, False), (UNLISTED, False)])
def test_only_public_posts_are_for_search_engines(signed_in, member, posts, slug, is_indexed):
    page = signed_in(member).get(f"/posts/{slug}/").content.decode()
    assert ('<meta name="robots" content="noindex">' not in page) is is_indexed


def test_tags_lead_only_to_what_the_reader_may_see(readers, posts):
    def answers(slug: str) -> list[int]:
        return [reader.get("/posts/", {"tag": f"tag-{slug}"}).status_code for reader in readers.values()]

    assert answers(PUBLIC) == [200, 200, 200, 200]
    assert answers(MEMBERS) == [404, 200, 200, 200]
    assert answers(UNLISTED) == [404, 404, 404, 404]


@pytest.mark.parametrize(
    ("visibility", "seen"), [("public", [1, 1, 1, 1]), ("members", [0, 1, 1, 1]), ("unlisted", [0, 0, 0, 0])]
)
def test_the_profile_of_who_commented_tells_of_no_more(readers, posts, visibility, seen):
    pages = [reader.get(f"/members/writer-{visibility}/").content.decode() for reader in readers.values()]
    assert [page.count("Said under") for page in pages] == seen


@pytest.mark.parametrize("path", ["", "history/"])
def test_comments_are_readable_where_their_post_is(readers, posts, path):
    """By the links of the page. What is found without them is in test_by_number.py."""

    def answers(slug: str) -> list[int]:
        comment = Comment.objects.get(post__slug=slug)
        address = f"/comments/{comment.pk}/{path}{comment.link_query}"
        return [reader.get(address).status_code for reader in readers.values()]

    found = 200 if path else 302
    assert answers(PUBLIC) == answers(UNLISTED) == [found] * 4
    assert answers(MEMBERS) == [404 if path else 302, found, found, found]


def test_a_visitor_cannot_write_under_a_post_for_members(client, posts):
    sent = {"body": "Let me in.", "name": "Vera", "email": "vera@example.org"}
    assert client.post(f"/posts/{MEMBERS}/comments/", sent).status_code == 404
    assert not Comment.objects.filter(body="Let me in.").exists()


def test_the_public_moderation_log_names_no_post_that_its_reader_may_not_see(readers, posts, moderator):
    for comment in Comment.objects.all():
        decide(comment, "remove", by=moderator)
    assert {who: told_of(reader, "/moderation/log/") for who, reader in readers.items()} == {
        "visitor": {PUBLIC},
        "member": {PUBLIC, MEMBERS},
        "moderator": {PUBLIC, MEMBERS},
        "host": {PUBLIC, MEMBERS},
    }


# --- notifications --------------------------------------------------------------------


def notified_of(post: Post) -> set[str]:
    for fan_out in FanOut.objects.filter(post=post):
        while fan_out_batch(fan_out):
            fan_out.refresh_from_db()
    return {*Notification.objects.filter(post=post).values_list("member__username", flat=True)}


@pytest.mark.parametrize(
    ("visibility", "told"), [("public", {"alice"}), ("members", {"alice"}), ("unlisted", set())]
)
def test_followers_are_not_notified_of_an_unlisted_post(host, member, visibility, told):
    Follow.objects.create(follower=member, followed=host)
    post = make_post(host, published_at=None, visibility=visibility)
    publish_post(post)
    assert notified_of(post) == told


def test_a_post_that_becomes_unlisted_before_its_time_is_announced_to_nobody(host, member):
    Follow.objects.create(follower=member, followed=host)
    post = make_post(host, published_at=None)
    publish_post(post)
    Post.objects.update(visibility="unlisted")
    assert notified_of(post) == set()


@pytest.mark.parametrize(
    ("visibility", "told"), [("public", {"alice"}), ("members", {"alice"}), ("unlisted", set())]
)
def test_who_follows_a_member_is_not_led_to_an_unlisted_post(host, member, other_member, visibility, told):
    Follow.objects.create(follower=member, followed=other_member)
    comment = make_comment(make_post(host, visibility=visibility), other_member)
    fan_out = FanOut.objects.get(comment=comment)
    fan_out_batch(fan_out)
    rows = Notification.objects.filter(comment=comment).exclude(member=host)
    assert {*rows.values_list("member__username", flat=True)} == told


def test_the_inbox_forgets_a_new_post_that_is_unlisted_now(signed_in, host, member):
    Follow.objects.create(follower=member, followed=host)
    post = make_post(host, published_at=None, title="Seen by few")
    publish_post(post)
    assert notified_of(post) == {"alice"}
    Notification.objects.update(due_at=timezone.now())
    reader = signed_in(member)
    assert "Seen by few" in reader.get("/notifications/").content.decode()
    Post.objects.update(visibility="unlisted")
    assert "Seen by few" not in reader.get("/notifications/").content.decode()


def test_a_guest_is_not_notified_of_replies_in_a_post_for_members(host, member):
    post = make_post(host)
    guest = make_comment(post, member)
    Comment.objects.update(author=None, guest_name="Gus", guest_email="gus@example.org")
    GuestConsent.objects.create(email="gus@example.org")
    Post.objects.update(visibility="members")
    post.refresh_from_db()
    publish_comment(
        post=post, author=make_member("bob"), parent=Comment.objects.get(pk=guest.pk), body="Hello Gus."
    )
    assert not Notification.objects.filter(guest_email="gus@example.org").exists()


def test_a_reply_in_a_post_that_became_one_for_members_is_not_emailed_to_a_guest(host, member, mailoutbox):
    post = make_post(host)
    guest = make_comment(post, member)
    Comment.objects.update(author=None, guest_name="Gus", guest_email="gus@example.org")
    GuestConsent.objects.create(email="gus@example.org")
    publish_comment(
        post=post, author=make_member("bob"), parent=Comment.objects.get(pk=guest.pk), body="Hello Gus."
    )
    assert Notification.objects.filter(guest_email="gus@example.org").exists()
    Post.objects.update(visibility="members")
    with later(minutes=5):
        work()
    assert [message for message in mailoutbox if "gus@example.org" in message.to] == []
