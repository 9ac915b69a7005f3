"""New members' links are plain text for others, and complete in their data export (docs/decisions/0064)."""

import re
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from accounts.services.export import private_storage, request_export
from comments.models import Comment
from moderation import tasks
from notifications.services.preferences import set_thread_level
from tests.factories import make_comment, make_member
from tests.notifications.people import later, work, write

pytestmark = pytest.mark.django_db

HOST = "rivers-and-banks.example"
BODY = (
    f"Here is the map of our walk: [the map](https://{HOST}/map), and https://{HOST}/more for the rest of it."
)
# A link in HTML, in HTML inside XML or JSON, or in a contact card.
LINKED = re.compile(
    rf'href=\\?["\']https://{HOST}|href=(?:&quot;|&#34;|\\u0022)https://{HOST}|^URL[^\n]*{HOST}', re.MULTILINE
)


@pytest.fixture
def newcomer() -> User:
    return make_member("nia", date_joined=timezone.now() - timedelta(hours=1))


@pytest.fixture
def writer() -> User:
    member = make_member(
        "nia", date_joined=timezone.now() - timedelta(hours=2), bio=f"I walk: https://{HOST}/me"
    )
    member.links.create(url=f"https://{HOST}/")
    return member


@pytest.fixture
def comment(post, writer) -> Comment:
    comment = make_comment(post=post, author=writer, body=BODY)
    assert comment.is_public
    return comment


def pages(comment: Comment) -> dict[str, str]:
    """Return every page where a visitor reads a comment or something about its author."""
    slug = comment.post.slug
    paths = [
        "/",
        f"/posts/{slug}/",
        f"/posts/{slug}/?sort=newest",
        f"/posts/{slug}/live/?after=0",
        f"/comments/{comment.pk}/reply/",
        f"/comments/{comment.pk}/history/",
        "/feed/comments/",
        f"/posts/{slug}/feed/",
        "/search/?q=walk",
        "/members/",
        "/members/nia/",
        "/members/nia/card.vcf",
    ]
    visitor = Client()
    return {path: visitor.get(path, follow=True).content.decode() for path in paths}


def test_they_are_text_on_every_page_feed_and_card(comment):
    read = pages(comment)
    assert {path: LINKED.findall(page) for path, page in read.items() if LINKED.search(page)} == {}
    # They were there, as text.
    named = {path for path, page in read.items() if HOST in page}
    assert {f"/posts/{comment.post.slug}/", "/feed/comments/", "/members/nia/", "/search/?q=walk"} <= named


def test_once_their_author_is_known_they_are_links_there(comment, writer):
    User.objects.filter(pk=writer.pk).update(known_since=timezone.now())
    linked = {path for path, page in pages(comment).items() if LINKED.search(page)}
    writer.refresh_from_db()
    assert not writer.profile_hidden, [r.reasons for r in writer.profile_reviews.all()]
    slug = comment.post.slug
    assert {f"/posts/{slug}/", "/feed/comments/", f"/posts/{slug}/feed/", "/members/nia/"} <= linked
    assert "/members/nia/card.vcf" in linked


def test_they_are_text_in_emails(post, writer):
    set_thread_level(make_member("fay"), post, "following")
    write(writer, post, BODY)
    with later(seconds=61):
        work()
    with later(days=1, hours=1):
        work()
    (message,) = [message for message in mail.outbox if message.to == ["fay@example.org"]]
    assert isinstance(message, EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    assert (HOST in html, LINKED.search(html)) == (True, None)


def test_their_own_download_has_them_whole(comment, writer):
    export = request_export(writer)
    export.refresh_from_db()
    with private_storage().open(export.file) as file, ZipFile(BytesIO(file.read())) as archive:
        said = "".join(
            archive.read(name).decode() for name in archive.namelist() if name.endswith((".json", ".html"))
        )
    assert all(f"https://{HOST}/{path}" in said for path in ("map", "more", "me", ""))


class TestNewcomersLinks:
    LINK = "Here is the map of our walk: https://rivers-and-banks.example/map and https://en.wikipedia.org/wiki/Wye"

    def test_they_are_text_for_others_and_links_for_author_and_moderators(
        self, post, newcomer, signed_in, moderator
    ):
        comment = make_comment(post=post, author=newcomer, body=self.LINK)
        assert comment.is_public
        href = 'href="https://rivers-and-banks.example/map"'
        for page in (
            Client().get(post.get_absolute_url()),
            signed_in(make_member()).get(post.get_absolute_url()),
        ):
            assertNotContains(page, href)
            assertContains(page, "rivers-and-banks.example/map")
            assertContains(page, 'href="https://en.wikipedia.org/wiki/Wye"')
        for reader in (newcomer, moderator):
            assertContains(signed_in(reader).get(post.get_absolute_url()), href)
        assertNotContains(Client().get("/feed/comments/"), "rivers-and-banks.example/map&quot;")

    def test_they_become_links_when_a_comment_has_stood_for_a_day(self, post, newcomer):
        make_comment(
            post=post, author=newcomer, body=self.LINK, published_at=timezone.now() - timedelta(hours=25)
        )
        assertNotContains(
            Client().get(post.get_absolute_url()), 'href="https://rivers-and-banks.example/map"'
        )
        assert tasks.make_known_who_stood() == 1
        assertContains(Client().get(post.get_absolute_url()), 'href="https://rivers-and-banks.example/map"')

    @pytest.mark.parametrize("how", ["reply", "thanks"])
    def test_or_when_somebody_with_trust_replies_or_thanks(self, how, post, host, newcomer, signed_in):
        comment = make_comment(post=post, author=newcomer, body=self.LINK)
        stranger = signed_in(make_member())
        for client in (stranger, signed_in(host)):
            if how == "reply":
                client.post(f"/posts/{post.slug}/comments/", {"body": "Good to know.", "parent": comment.pk})
            else:
                client.post(f"/comments/{comment.pk}/thanks/")
            newcomer.refresh_from_db()
            assert newcomer.is_known == (client is not stranger)

    def test_their_profile_has_text_in_place_of_links_and_is_not_indexed(self, post, newcomer, signed_in):
        make_comment(post=post, author=newcomer, body="We walked there in May.")
        newcomer.links.create(url="https://rivers-and-banks.example/")
        page = Client().get("/members/nia/")
        assertNotContains(page, 'href="https://rivers-and-banks.example/"')
        assertContains(page, "rivers-and-banks.example")
        assertContains(page, "noindex")
        assertContains(signed_in(newcomer).get("/members/nia/"), 'href="https://rivers-and-banks.example/"')

    def test_the_host_may_choose_that_the_first_link_waits(self, post, host, newcomer, signed_in):
        signed_in(host).post(
            "/moderation/strictness/", {"hold_percent": 50, "reject_percent": 97, "first_link_waits": "on"}
        )
        known = make_comment(
            post=post, author=newcomer, body="See https://en.wikipedia.org/wiki/Wye for more."
        )
        strange = make_comment(post=post, author=newcomer, body=f"{self.LINK} Look.")
        assert [known.status, strange.status] == ["public", "held"]
