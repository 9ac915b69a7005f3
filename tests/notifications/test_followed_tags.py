"""Members follow tags: they are notified of new posts, and the host sees the number of followers."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from notifications.models import Notification, TagFollow
from notifications.services.export import PARTS
from notifications.services.notify import announce_post
from notifications.services.preferences import choose, follow_tag
from notifications.services.recipients import Draft, recipients_of
from posts.models import Post, Tag
from posts.services.audience import audience_of, receipt_of
from tests.factories import make_host, make_member, make_post
from tests.notifications.people import later, work

pytestmark = [pytest.mark.django_db, pytest.mark.sql]

PAGE = "/posts/?tag=bread"


@pytest.fixture
def bread():
    return Tag.objects.create(name="Bread", slug="bread")


@pytest.fixture
def post(bread):
    post = make_post(make_host("hostess"))
    post.tags.add(bread)
    return post


def publish(post: Post) -> None:
    announce_post(post)
    with later(minutes=5):
        work()


def notified(post: Post) -> dict[str, list[str]]:
    rows = Notification.objects.filter(post=post)
    return {row.member.username: row.reasons for row in rows.select_related("member")}


class TestWhoIsNotified:
    def test_those_who_follow_one_of_its_tags_once_each(self, post, bread):
        butter = Tag.objects.create(name="Butter", slug="butter")
        post.tags.add(butter)
        both, of_host, other = make_member("both"), make_member("loyal"), make_member("other")
        for tag in (bread, butter):
            follow_tag(both, tag, follows=True)
        follow_tag(of_host, bread, follows=True)
        of_host.follows.create(followed=post.author)
        follow_tag(other, Tag.objects.create(name="Cheese", slug="cheese"), follows=True)
        follow_tag(post.author, bread, follows=True)
        assert [line.text for line in audience_of(post).lines] == ["2 followers, by email"]
        publish(post)
        assert notified(post) == {"both": ["tag"], "loyal": ["post", "tag"]}
        assert [line.text for line in receipt_of(post).lines] == ["2 followers, by email"]

    def test_by_the_channel_they_chose_for_tags(self, post, bread):
        kay = make_member("kay")
        follow_tag(kay, bread, follows=True)
        choose(kay, tags="weekly")
        assert [line.text for line in audience_of(post).lines] == ["1 follower, in the weekly email"]
        choose(kay, tags="off")
        assert audience_of(post).lines == []

    def test_not_those_who_muted_its_author_or_have_no_link_to_it(self, post, bread):
        kay = make_member("kay")
        follow_tag(kay, bread, follows=True)
        Post.objects.filter(pk=post.pk).update(visibility="unlisted")
        post.refresh_from_db()
        assert recipients_of(Draft.of_post(post)).followers.count().total == 0
        Post.objects.filter(pk=post.pk).update(visibility="public")
        kay.mutes.create(muted=post.author)
        post.refresh_from_db()
        assert audience_of(post).lines == []

    def test_the_email_says_why_and_can_be_stopped_with_one_click(self, post, bread, mailoutbox, client):
        kay = make_member("kay")
        follow_tag(kay, bread, follows=True)
        publish(post)
        [message] = mailoutbox
        assert message.subject == f"New post by hostess: {post.title}"
        assert "you follow one of the post’s tags" in message.body
        link = message.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://localhost:8000")
        client.post(link[link.index("/unsubscribe") :], {"List-Unsubscribe": "One-Click"})
        assert kay.notification_preferences.get().type == "tags"

    def test_comments_notify_nobody_because_of_a_tag(self, post, bread):
        from tests.notifications.people import write  # noqa: PLC0415

        follow_tag(make_member("kay"), bread, follows=True)
        comment = write(make_member(), post)
        assert recipients_of(Draft.of_comment(comment)).followers.count().total == 0


class TestTheButton:
    def test_follows_and_unfollows(self, post, signed_in):
        kay = make_member("kay")
        browser = signed_in(kay)
        assertContains(browser.get(PAGE), "Follow this tag")
        assertContains(
            browser.post("/tags/bread/follow/", {"follows": "1"}, follow=True),
            "You’ll be notified of new posts about Bread.",
        )
        assertContains(browser.get(PAGE), "Unfollow this tag")
        settings = browser.get("/notifications/settings/")
        assertContains(settings, '<a href="/posts/?tag=bread">Bread</a>', html=True)
        back = browser.post("/tags/bread/follow/", {"follows": "0", "next": "/notifications/settings/"})
        assertRedirects(back, "/notifications/settings/")
        assert not TagFollow.objects.exists()

    def test_leads_visitors_to_the_sign_in_and_back(self, post, client):
        assertContains(client.get(PAGE), "Follow this tag")
        answer = client.post("/tags/bread/follow/", {"follows": "1"})
        assertRedirects(answer, "/accounts/login/?next=%2Fposts%2F%3Ftag%3Dbread")

    def test_is_not_on_other_lists(self, post, client):
        assertNotContains(client.get("/posts/"), "Follow this tag")

    def test_of_a_tag_that_only_drafts_have_does_not_exist_but_can_be_unfollowed(self, post, signed_in):
        kay, lee = make_member("kay"), make_member("lee")
        follow_tag(kay, Tag.objects.get(), follows=True)
        Post.objects.update(published_at=None)
        assert signed_in(lee).post("/tags/bread/follow/").status_code == 404
        signed_in(kay).post("/tags/bread/follow/", {"follows": "0"})
        assert not TagFollow.objects.exists()


def test_followed_tags_are_in_the_members_own_data(bread):
    kay = make_member("kay")
    follow_tag(kay, bread, follows=True)
    (part,) = [part for part in PARTS if part.key == "alert_choices"]
    assert [row["what"] for row in part.rows(kay)] == ["Bread"]


def test_following_twice_at_once_is_one_row(bread):
    kay = make_member("kay")
    for _ in range(2):
        follow_tag(kay, bread, follows=True)
    assert TagFollow.objects.count() == 1
